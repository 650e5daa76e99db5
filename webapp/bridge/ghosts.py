"""The tables of a version while it is being told, and ghosts, who hold the seats of people that are gone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import matcher
from webapp.bridge.offending import Offence
from webapp.models import Meeting, Session

GHOST = "g"


@dataclass
class Table:
    """A meeting while it is being told; ghosts sit among the people."""

    round: int
    table: str
    people: list[str]
    host: str | None
    interpreter: str | None
    locked: bool

    @classmethod
    def of(cls, row: Meeting, names: Mapping[str, str]) -> "Table":
        """Return a stored meeting; `names` has hosts and interpreters by public id. Interpreters who are no more go."""
        return cls(
            row.round_no,
            row.table,
            [str(seat.person_id) for seat in row.seats],
            None if row.host is None else names.get(row.host, row.host),
            None if row.interpreter is None else names.get(row.interpreter),
            row.locked,
        )

    @property
    def company(self) -> list[str]:
        """Everybody at the table, with whom they visit."""
        return [*self.people, *([self.host] if self.host else [])]


def is_ghost(name: str) -> bool:
    """Return whether this is somebody who holds the seat of a person that is not there any more."""
    return name.startswith(GHOST)


class Tables:
    """All tables of a version; rounds from `first` on are open."""

    def __init__(self, session: Session, first: int, held: Iterable[Table]) -> None:
        self.session, self.first = session, first
        self.all = list(held)
        self.ghosts: dict[str, int] = {}

    @property
    def open(self) -> list[Table]:
        """Those of open rounds."""
        return [one for one in self.all if one.round >= self.first]

    @property
    def begun(self) -> list[Table]:
        """Those of rounds that have begun."""
        return [one for one in self.all if one.round < self.first]

    def seats(self, name: str) -> dict[int, str]:
        """Return somebody's table in each round."""
        return {one.round: one.table for one in self.all if name in one.people}

    def together_before(self) -> set[frozenset[str]]:
        """Return every two who have shared a table in rounds that have begun, with whom people visit."""
        found = set()
        for one in self.begun:
            found |= {frozenset((name, other)) for name in one.company for other in one.company if name != other}
        return found

    def leave(self, one: Table, name: str) -> None:
        """Take somebody out of a meeting; where people meet one another, a ghost holds the seat."""
        at = one.people.index(name)
        if one.host is not None:
            del one.people[at]
        else:
            one.people[at] = self._ghost(one.round)

    def fill(self, least: Mapping[str, int]) -> None:
        """Give every meeting as many as it needs, ghosts among them; what has nobody else is no meeting.

        `least` is how many a host needs.
        """
        self.all = [one for one in self.all if any(not is_ghost(name) for name in one.people)]
        chairs = self._chairs() if self.session.format == "circles" else {}
        for one in self.all:
            needed = 2 if self.session.format == "pairs" else chairs.get(one.round, 1)
            if one.host is not None:
                needed = least.get(one.host, 1)
            one.people += [self._ghost(one.round) for _ in range(needed - len(one.people))]

    def take_out(self, found: Iterable[Offence]) -> None:
        """Take people out of open meetings that no rule allows any more."""
        at = {(one.round, one.table): one for one in self.all}
        for offence in found:
            meeting = at[offence.round, offence.table]
            meeting.locked = False
            self.leave(meeting, offence.person)

    def clear(self) -> None:
        """Take everything out of the open rounds."""
        self.all = self.begun

    def souls(self) -> Iterator[matcher.Person]:
        """Yield the ghosts, each there in the round of their seat alone."""
        numbers = frozenset(self.session.numbers)
        return (matcher.Person(name, away=numbers - {number}) for name, number in self.ghosts.items())

    def _ghost(self, number: int) -> str:
        name = f"{GHOST}{len(self.ghosts) + 1}"
        self.ghosts[name] = number
        return name

    def _chairs(self) -> dict[int, int]:
        """How many a small table needs in each round, to be one less than the largest at most."""
        found = {}
        for number in self.session.numbers:
            most = max((len(one.people) for one in self.all if one.round == number), default=0)
            found[number] = max(min(self.session.size - 1, most), most - 1, 2)
        return found
