"""What the safety contact does, and nobody else: settle what waits, enter and take back what people say in person."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp import bridge
from webapp.access import SAFETY, Actor
from webapp.bridge import Directory, Meant
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.i18n import gettext as _
from webapp.models import ApartEntry, ApartTarget, Person
from webapp.operations.guests.apart import LONGEST_LINE, empty, pin
from webapp.operations.guests.finding import fits

LONGEST_SEARCH, MOST_FOUND = 80, 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may be meant; `key` is how the page calls them, `called` is an organisation or a visitor's host."""

    key: str
    person: Person | None = None
    called: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that fits nobody or several, and whom it fits."""

    entry: ApartEntry
    choices: Sequence[Choice]


def only_safety(by: Actor) -> None:
    """Refuse everybody but the safety contact; a second lock behind the table of routes."""
    if by.role not in SAFETY:
        raise NotFound


def waiting(*, by: Actor) -> list[Waiting]:
    """Return what waits to be settled: entries that fit nobody, or several. What is settled is shown to nobody."""
    only_safety(by)
    rows = db.session()
    return [Waiting(entry, _choices(rows, meant)) for entry, meant in _unsettled(rows)]


def waiting_called(public_id: str, typed: str | None = None, *, by: Actor) -> tuple[Waiting, str]:
    """Return one of those that wait, with whom it fits and whom a search finds besides; and what was searched for.

    Where nothing was typed, what the entry says is searched for.
    """
    only_safety(by)
    rows = db.session()
    entry, meant = next((one for one in _unsettled(rows) if one[0].public_id == public_id), (None, set()))
    if entry is None:
        raise NotFound
    query = entry.text if typed is None else typed[:LONGEST_SEARCH]
    fitting = _choices(rows, meant)
    known = {one.key for one in fitting}
    more = [one for one in search(query) if one.key not in known and one.person != entry.person]
    return Waiting(entry, (*fitting, *more[:MOST_FOUND])), query


def search(typed: str) -> list[Choice]:
    """Return whom a search finds: people by number or the first letters of a name, organisations, and those visited."""
    query = typed[:LONGEST_SEARCH].strip()
    if not query:
        return []
    rows = db.session()
    everybody = rows.execute(select(Person.id, Person.number, Person.name, Person.latin))
    found = {Meant(row) for row, number, *names in everybody if fits(query, number=number, names=names)}
    called = Directory.of(rows).called.values()
    return _choices(rows, found | {Meant(called=name) for name in called if fits(query, number="", names=(name,))})


def settle(public_id: str, keys: Collection[str], *, by: Actor) -> None:
    """Say who is meant by an entry that waits; what was written is forgotten."""
    only_safety(by)
    with transaction() as rows:
        entry = waiting_called(public_id, by=by)[0].entry
        meant = _meant(rows, keys) - {Meant(entry.person_id)}
        if not meant:
            raise BadInput(_("Choose who is meant, or set the entry aside."), "meant")
        _settle(entry, meant)
        pin(rows)


def set_aside(public_id: str, *, by: Actor) -> None:
    """Let go of an entry that waits: nobody is meant."""
    only_safety(by)
    with transaction() as rows:
        rows.delete(waiting_called(public_id, by=by)[0].entry)


def keep_apart(who: str, whom: str, *, by: Actor) -> None:
    """Enter what somebody has said in person, both typed as a number or a whole name; `whom` may be an organisation."""
    only_safety(by)
    with transaction() as rows:
        directory = Directory.of(rows)
        writer, meant = _writer(directory, who), _one(directory, whom, "whom")
        if meant == Meant(writer):
            raise BadInput(_("These are one and the same person."), "whom")
        entry = ApartEntry(person_id=writer)
        _settle(entry, {meant})
        rows.add(entry)
        rows.flush()
        pin(rows)


def take_back(who: str, whom: str, *, by: Actor) -> None:
    """Take back what somebody wrote or had entered of somebody; without `whom`, all of it."""
    only_safety(by)
    with transaction() as rows:
        directory = Directory.of(rows)
        writer = _writer(directory, who)
        meant = _one(directory, whom, "whom") if whom.strip() else None
        for entry in (one for one in bridge.entries(rows) if one.person_id == writer):
            found = directory.fitting(entry)
            if meant is None or found == {meant}:
                rows.delete(entry)
            elif meant in found:
                _settle(entry, found - {meant})
        rows.flush()
        pin(rows)


def _settle(entry: ApartEntry, meant: Iterable[Meant]) -> None:
    entry.settled = True
    if entry.text:
        empty(entry, entry.person)
    line = [one for one in entry.targets if one.called.startswith(bridge.LINE)]
    entry.targets = [*line, *(ApartTarget(person_id=one.person_id, called=one.called) for one in meant)]


def _writer(directory: Directory, typed: str) -> int:
    row = _one(directory, typed, "who").person_id
    if row is None:
        raise BadInput(_("Only people on the list can ask for this. Type their event number."), "who")
    return row


def _one(directory: Directory, typed: str, field: str) -> Meant:
    words = bridge.words_of(typed[:LONGEST_LINE])
    found = {Meant(row) for row in directory.people.get(words, ())}
    found |= {Meant(called=directory.called[words])} if words in directory.called else set()
    if not found:
        raise BadInput(_("This fits nobody. Type the event number, or the whole name."), field)
    if len(found) > 1:
        raise BadInput(_("This fits several. Type the event number."), field)
    return found.pop()


def _unsettled(rows: Rows) -> list[tuple[ApartEntry, set[Meant]]]:
    written = bridge.entries(rows)
    directory = Directory.of(rows) if written else Directory()
    found = [(entry, directory.fitting(entry)) for entry in written if not entry.settled]
    return [(entry, meant) for entry, meant in found if len(meant) != 1]


def _meant(rows: Rows, keys: Collection[str]) -> set[Meant]:
    wanted = set(keys)
    people = rows.scalars(select(Person.id).where(Person.public_id.in_(wanted)))
    called = {name for name in Directory.of(rows).called.values() if _key(name) in wanted}
    return {Meant(row) for row in people} | {Meant(called=name) for name in called}


def _choices(rows: Rows, meant: Iterable[Meant]) -> list[Choice]:
    wanted = {one.person_id for one in meant if one.person_id}
    found = select(Person).where(Person.id.in_(wanted)).options(joinedload(Person.organisation))
    people = sorted(rows.scalars(found), key=lambda one: (one.sort_name, one.number))
    called = sorted(one.called for one in meant if one.called)
    return [*(Choice(one.public_id, one) for one in people), *(Choice(_key(name), called=name) for name in called)]


def _key(called: str) -> str:
    """How a page calls what has no row of its own; no public id has a colon in it."""
    return f"called:{called}"
