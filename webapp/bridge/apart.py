"""Whom to keep apart: what people wrote, read anew each time as names and numbers of those who are there now.

What fits several people at once keeps the writer from all of them until somebody has said who is meant, and whoever
was meant once stays so under any name. Nothing here is told to anybody but the engine and the safety contact.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import CompoundSelect, null, select, union_all
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.models import ApartEntry, Host, KeepApart, Organisation, Person
from webapp.models.people import parts
from webapp.sealing import seal

Words = tuple[str, ...]
SEALED = "\x1f"
"""What stands before the seal of a name whose bearer is gone; no name that is typed has it."""
LINE = SEALED + "="
"""What stands before the seal of a whole line; no seal begins like this, so it is nobody's name."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a line can mean: a person by row id, or whoever comes from an organisation or is visited by that name."""

    person_id: int | None = None
    called: str = ""


def words_of(name: str) -> Words:
    """Return what names have in common that are the same, in whatever order, case and script of digits."""
    return tuple(sorted(parts(name)))


def sealed(words: Words) -> str:
    """Return a name as it is kept once its bearer is gone: it can be known again, and not be read."""
    return SEALED + seal("apart", *words)


def sealed_line(writer: str, line: str) -> str:
    """Return a line that a person wrote as it is kept once it is emptied; the same line can be known again."""
    return LINE + seal("line", writer, line)


@dataclass
class Directory:
    """Everybody there is, by the words of their names; guests by row id, who is visited alone by name.

    `hosts` has the rows of all who are visited, by their names and where they come from; `visited` who each is by now.
    """

    people: dict[Words, set[int]] = field(default_factory=lambda: defaultdict(set))
    members: dict[Words, set[int]] = field(default_factory=lambda: defaultdict(set))
    called: dict[Words, str] = field(default_factory=dict)
    hosts: dict[Words, set[int]] = field(default_factory=lambda: defaultdict(set))
    visited: dict[int, Meant] = field(default_factory=dict)
    houses: dict[int, Words] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Rows) -> "Directory":
        """Read all names, numbers and organisations."""
        found = cls()
        house = select(Person.id, Person.number, Person.name, Person.latin, Organisation.name)
        for row, number, name, latin, organisation in rows.execute(house.outerjoin(Person.organisation)):
            for text in (number, name, latin):
                found.people[words_of(text)].add(row)
            found.members[words_of(organisation or "")].add(row)
        houses = rows.execute(select(Organisation.id, Organisation.name).order_by(Organisation.id)).all()
        found.houses = {row: words_of(name) for row, name in houses}
        for _row, name in houses:
            found.called.setdefault(words_of(name), name)
        found._add_hosts(rows)
        for known in (found.people, found.members, found.called, found.hosts):
            known.pop((), None)
        return found

    def _add_hosts(self, rows: Rows) -> None:
        wanted = select(Host.id, Host.person_id, Host.organisation_id, Host.name, Host.latin).order_by(Host.id)
        for row, guest, house, *names in rows.execute(wanted):
            self.visited[row] = Meant(guest) if guest else Meant(called=names[0])
            self.hosts[self.houses.get(house or 0, ())].add(row)
            for text in names:
                words = words_of(text)
                self.hosts[words].add(row)
                if guest:
                    self.people[words].add(guest)
                else:
                    self.called.setdefault(words, text)

    def called_as(self, host: Host) -> set[Words]:
        """Return every name that means somebody who is visited: their own, and where they come from."""
        return {words_of(host.name), words_of(host.latin), self.houses.get(host.organisation_id or 0, ())} - {()}

    @cached_property
    def unsealed(self) -> dict[str, set[Meant]]:
        """Whom each name means, by its seal."""
        found = {sealed(words): {Meant(row) for row in people} for words, people in self.people.items()}
        for words, name in self.called.items():
            found.setdefault(sealed(words), set()).add(Meant(called=name))
        return found

    def fitting(self, entry: ApartEntry) -> set[Meant]:
        """Return whom an entry means: who was found before, and unless it is settled whom its line fits now."""
        meant: set[Meant] = set()
        for one in entry.targets:
            if not one.called:
                meant.add(Meant(one.person_id))
            elif one.called.startswith(SEALED):
                meant |= self.unsealed.get(one.called, set())
            elif one.person_id is None and one.host_id is None:
                meant |= self._by_now(entry, one.called)
        words = words_of(entry.text)
        if not entry.settled:
            meant |= {Meant(row) for row in self.people.get(words, ())}
            meant |= {Meant(called=self.called[words])} if words in self.called else set()
        return meant - {Meant(entry.person_id)}

    def _by_now(self, entry: ApartEntry, called: str) -> set[Meant]:
        """Whom a name means by now: whoever is called so, and those who are visited and were called so before."""
        under, words = [one for one in entry.targets if one.called == called], words_of(called)
        if words in self.houses.values() or any(one.person_id for one in under):
            return {Meant(called=called)}
        were = {one.host_id: self.visited[one.host_id] for one in under if one.host_id in self.visited}
        still = self.hosts.get(words, ())
        became = {who for row, who in were.items() if who.person_id or row not in still}
        return became | ({Meant(called=called)} if words in self.called or not became else set())

    def people_of(self, entry: ApartEntry) -> set[int]:
        """Return everybody whom an entry keeps apart from its writer, by row id."""
        found = {one.person_id for one in entry.targets if one.person_id}
        for one in self.fitting(entry):
            found |= self.members.get(words_of(one.called), set()) if one.called else {one.person_id or 0}
        return found - {entry.person_id}


def entries(rows: Rows) -> list[ApartEntry]:
    """Return every entry with its targets, in the order in which they were written."""
    wanted = select(ApartEntry).options(selectinload(ApartEntry.targets)).order_by(ApartEntry.id)
    return list(rows.scalars(wanted))


def pairs_apart(
    rows: Rows, known: Mapping[int, str], visited: Collection[tuple[str, Host]]
) -> tuple[tuple[str, str], ...]:
    """Return every two who never share a table, as the engine calls them, each once.

    `known` has the people who are there, by row id; `visited` whoever is visited.
    """
    # one look for both, as most events have nothing written
    both: CompoundSelect[Any] = union_all(
        select(KeepApart.one_id, KeepApart.other_id), select(ApartEntry.person_id, null())
    )
    held: list[tuple[int, int | None]] = [(one, other) for one, other in rows.execute(both)]
    two_by_two = [(one, other) for one, other in held if other is not None]
    found = sorted((known[one], known[other]) for one, other in two_by_two if one in known and other in known)
    if any(one in known and other is None for one, other in held):
        written = [one for one in entries(rows) if one.person_id in known]
        found += sorted(_written(written, Directory.of(rows), known, visited))
    once: dict[frozenset[str], tuple[str, str]] = {}
    for two in found:
        once.setdefault(frozenset(two), two)
    return tuple(once.values())


def _written(
    written: Iterable[ApartEntry],
    directory: Directory,
    known: Mapping[int, str],
    visited: Collection[tuple[str, Host]],
) -> Iterator[tuple[str, str]]:
    called = {key: directory.called_as(host) for key, host in visited}
    for entry in written:
        me = known[entry.person_id]
        others = {known[row] for row in directory.people_of(entry) if row in known}
        names = {words_of(one.called) for one in directory.fitting(entry) if one.called}
        others |= {key for key, own in called.items() if not names.isdisjoint(own)}
        rows = {one.host_id for one in entry.targets if one.host_id}
        others |= {key for key, host in visited if host.id in rows}
        yield from (min((me, other), (other, me)) for other in others - {me})
