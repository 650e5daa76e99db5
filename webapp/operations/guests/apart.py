"""Keep apart, as far as it happens by itself: written down, pinned to whom it means, let go of when a person goes.

What a person wrote is shown to them never again, and whether it fits anybody is worked out where nobody waits for it.
"""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp import bridge
from webapp.bridge import Directory, Meant
from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.models import ApartEntry, ApartTarget, KeepApart, Person

MOST_LINES, MOST_ENTRIES, LONGEST_LINE = 12, 40, 200


def write(rows: Rows, person: Person, lines: Collection[str]) -> None:
    """Keep what a person wrote, as a part of a larger change; what stands there already is not kept twice.

    Nothing is looked up, so that it takes as long for every name.
    """
    if not lines:
        return
    own = select(ApartEntry).where(ApartEntry.person_id == person.id).options(joinedload(ApartEntry.targets))
    known = {seal: one for one in rows.scalars(own).unique() if (seal := _line_of(one, person))}
    # counted before what is known is left out, so that nobody can find out what is; and only what they wrote
    if len(known) + len(lines) > MOST_ENTRIES:
        raise BadInput(_("No more can be written here. The safety contact can still add to it."), "apart")
    for line in dict.fromkeys(lines):
        seal = bridge.sealed_line(person.public_id, line)
        if seal not in known:
            rows.add(ApartEntry(person_id=person.id, text=line))
        elif not known[seal].text:
            _write_again(known[seal], line)


def empty(entry: ApartEntry, writer: Person) -> None:
    """Forget what stands in an entry, but for a seal: the same line written again is the same entry."""
    if entry.text:
        entry.targets.append(ApartTarget(called=bridge.sealed_line(writer.public_id, entry.text)))
    entry.text, entry.settled = "", True


def _line_of(entry: ApartEntry, writer: Person) -> str:
    """The seal of the line that an entry was written as; nothing where it was entered by others."""
    if entry.text:
        return bridge.sealed_line(writer.public_id, entry.text)
    return next((one.called for one in entry.targets if one.called.startswith(bridge.LINE)), "")


def _write_again(entry: ApartEntry, line: str) -> None:
    """Let a line that was emptied stand again, as it would where it was never written: somebody else may be meant."""
    entry.text, entry.settled = line, False
    entry.targets = [one for one in entry.targets if not one.called.startswith(bridge.LINE)]


def pin(rows: Rows) -> None:
    """Note whom every entry means now, so that another name or organisation changes nothing; in a larger change."""
    written = bridge.entries(rows)
    directory = Directory.of(rows) if written else Directory()
    for entry in written:
        held = {(one.person_id, one.host_id, one.called) for one in entry.targets}
        found: set[tuple[int | None, int | None, str]] = set()
        for one in directory.fitting(entry):
            found.add((one.person_id, None, one.called))
            words = bridge.words_of(one.called)
            found |= {(row, None, one.called) for row in directory.members.get(words, ()) if row != entry.person_id}
            found |= {(None, row, one.called) for row in directory.hosts.get(words, ())}
        entry.targets += [
            ApartTarget(person_id=person, host_id=host, called=called)
            for person, host, called in sorted(found - held, key=repr)
        ]
    rows.flush()


def forget(rows: Rows, person: Person) -> None:
    """Let go of a person who goes, as a part of a larger change; what they wrote themselves goes with them.

    Who would rather not meet them is kept from them all the same, should they come back: their names stay as seals,
    which nobody can read, and which are shown to nobody.
    """
    written = bridge.entries(rows)
    directory = Directory.of(rows) if written else Directory()
    names = {bridge.sealed(words) for words in map(bridge.words_of, (person.name, person.latin)) if words}
    for entry in written:
        meant = directory.fitting(entry)
        alone = meant == {Meant(person.id)}
        if alone:
            empty(entry, entry.person)
        elif Meant(person.id) not in meant or not any(one.person_id == person.id for one in entry.targets):
            continue
        others = [one for one in entry.targets if one.person_id != person.id]
        kept = [one for one in others if not alone or one.called.startswith(bridge.SEALED)]
        new = names - {one.called for one in kept}
        entry.targets = [*kept, *(ApartTarget(called=name) for name in sorted(new))]
    pairs = rows.execute(
        select(KeepApart.one_id, KeepApart.other_id).where(
            or_(KeepApart.one_id == person.id, KeepApart.other_id == person.id)
        )
    )
    for one, other in pairs.all():
        targets = [ApartTarget(called=name) for name in sorted(names)]
        rows.add(ApartEntry(person_id=other if one == person.id else one, settled=True, targets=targets))
    rows.flush()
