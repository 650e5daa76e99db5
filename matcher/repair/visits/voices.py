"""Interpreters at hosts' tables in a repair: who stays because another one takes over, and where one is still free.

One interpreter at most is at a table, heard by everybody there who lists any language. Of what the cards promise the
most cards are kept, by whole numbers, locked visits first. Later those who get a place may have an interpreter too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
import scipy.sparse as sp

from matcher.booths import Booths, free_booth
from matcher.graph import Bools, Floats
from matcher.plan import Plan
from matcher.repair.pairs.booths import shifts
from matcher.repair.visits.book import Book, Visit
from matcher.rules import interpreting
from matcher.solver import Programme, linear, whole

NODES = 300
SLACK = 1e-6
Table = tuple[int, int]
Row = tuple[list[tuple[int, float]], float, float]


@dataclass(frozen=True, slots=True)
class Voice:
    """An interpreter (by index) at a host in an open round (from 0)."""

    helper: int
    host: int
    when: int


class Voices:
    """What interpreters can do at hosts' tables in the open rounds.

    Attributes
    ----------
    need : (n, h) bool
        Which two share no language.
    hears : (k, n + h) bool
        Which interpreter each node can follow.
    """

    def __init__(self, book: Book, plan: Plan) -> None:
        now, admissible = book.problem, book.admissible
        self.book, self.booths = book, Booths(now, admissible, book.worth)
        number, helpers = len(now.people), {one.id: at for at, one in enumerate(now.interpreters)}
        silent = np.array([not node.languages for node in admissible.nodes], np.bool_)
        known = len(interpreting(now)) == len(admissible.reach)
        self.hears: Bools = np.asarray(admissible.reach | silent if known else admissible.reach[:0], np.bool_)
        self.need: Bools = np.zeros(book.open.shape, np.bool_)
        for who, host in np.argwhere(np.ones(book.open.shape, np.bool_)).tolist() if len(self.hears) else ():
            self.need[who, host] = admissible.need_interpreter((who, number + host))
        self.work: Bools = np.zeros(self.booths.there.shape, np.bool_)
        self.before: dict[Table, int] = {}
        for meeting in plan.meetings if len(self.hears) else ():
            if meeting.interpreter is None:
                continue
            helper, when = helpers[meeting.interpreter], meeting.round - 1
            if when < book.first:
                self.work[helper, when] = True
            else:
                self.before[admissible.index[str(meeting.host)] - number, when - book.first] = helper

    def follows(self, voice: Voice, who: int) -> bool:
        """Whether a person can follow an interpreter."""
        return bool(self.hears[voice.helper, who])

    def at(self, table: Table, people: Iterable[int]) -> Iterator[Voice]:
        """Interpreters who are there and whom the host and all these people follow."""
        host, when = table
        everybody = [*people, len(self.book.card) + host]
        for helper in np.flatnonzero(self.booths.there[:, self.book.first + when]).tolist():
            if self.hears[helper, everybody].all():
                yield Voice(helper, host, when)

    def rows(self, voices: list[Voice]) -> Iterator[tuple[list[int], float]]:
        """Places in `voices` of which so many can be at most: one at a table, one table a round, rests."""
        at: defaultdict[Table, list[int]] = defaultdict(list)
        for place, voice in enumerate(voices):
            at[voice.host, voice.when].append(place)
        yield from ((places, 1.0) for places in at.values())
        yield from shifts(self.booths, self.work, [(one.helper, self.book.first + one.when) for one in voices])

    def wanted(self, visits: list[Visit], must: set[Table]) -> list[Table]:
        """Where promised visits go on with an interpreter, or a new visit would need one; not where two are awaited."""
        new = {(one.host, one.when) for one in visits if self.need[one.who, one.host]}
        return sorted(must | {table for table in new if table[0] + self.booths.offset not in self.booths.crowded})

    def talks(self, visits: list[Visit], voices: list[Voice], must: set[Table], *, first: int) -> Iterator[Row]:
        """Rows: an interpreter wherever two sides share no language, and nobody at a table who cannot follow.

        Columns are the visits, and from `first` on the voices; the tables of `must` have one in any case.
        """
        here: defaultdict[Table, list[int]] = defaultdict(list)
        for at, voice in enumerate(voices):
            here[voice.host, voice.when].append(at)
        for places, most in self.rows(voices):
            yield [(first + at, 1.0) for at in places], -np.inf, most
        for table in sorted(must):
            yield [(first + at, 1.0) for at in here[table]], 1.0, 1.0
        for column, one in enumerate(visits):
            followed = [at for at in here[one.host, one.when] if self.follows(voices[at], one.who)]
            if self.need[one.who, one.host]:
                yield [(column, 1.0), *((first + at, -1.0) for at in followed)], -np.inf, 0.0
            else:
                deaf = [at for at in here[one.host, one.when] if at not in followed]
                yield from (([(column, 1.0), (first + at, 1.0)], -np.inf, 1.0) for at in deaf)

    def promised(self) -> dict[Table, list[int]]:
        """Who the cards bring to each table at which somebody needs an interpreter."""
        book, found = self.book, defaultdict(list)
        for who, when in np.argwhere(book.stands).tolist():
            found[int(book.card[who, when]), when].append(who)
        return {table: people for table, people in found.items() if self.needed(table, people)}

    def needed(self, table: Table, people: list[int]) -> bool:
        """Whether somebody of the people shares no language with the host."""
        return bool(self.need[people, table[0]].any())

    def helped(self, by: dict[Table, list[int]], voices: list[Voice]) -> dict[Table, int]:
        """Return who interprets at each table; whoever is free still comes to locked visits, which are held anyway."""
        wanted = [table for table in sorted(by, key=lambda one: one[::-1]) if self.needed(table, by[table])]
        served = {(one.host, one.when): one.helper for one in voices if (one.host, one.when) in wanted}
        work = self.work.copy()
        for (_, when), helper in served.items():
            work[helper, self.book.first + when] = True
        for host, when in wanted:
            if (host, when) not in served:
                nodes = (*by[host, when], len(self.book.card) + host)
                free = free_booth(self.booths, nodes, self.book.first + when, work)
                if free is not None:
                    served[host, when] = free
                    work[free, self.book.first + when] = True
        return served


@dataclass(frozen=True, eq=False)
class Kept:
    """What stays interpreted: tables that must be served, (n, F) visits given up, and cards lost by it at least."""

    tables: frozenset[Table]
    mute: Bools
    lost: int


def taken_over(voices: Voices, stale: Bools) -> Kept:
    """Choose who goes on being interpreted: fewest cards change beside those `stale` (n,) in any case."""
    book, tables = voices.book, voices.promised()
    mute = np.zeros(book.card.shape, np.bool_)
    choice = _Choice(voices, tables, stale)
    if not choice.width:
        return Kept(frozenset(), mute, 0)
    x, lost = choice.bounded(choice.solve(choice.first))
    if choice.first:
        _, lost = choice.bounded(choice.solve(0.0))
    for place, one in enumerate(choice.visits):
        mute[one.who, one.when] = x[place] < 0.5
    taken = x[choice.voice : choice.card] > 0.5
    served = {(voice.host, voice.when) for voice, here in zip(choice.voices, taken, strict=True) if here}
    return Kept(frozenset(served), mute, lost)


class _Choice:
    """The programme behind `taken_over`: visits that may be given up, then voices, then cards that change by it."""

    def __init__(self, voices: Voices, tables: dict[Table, list[int]], stale: Bools) -> None:
        book = voices.book
        self.of, self.tables = voices, tables
        pinned = {table: [who for who in people if book.locked[who, table[1]]] for table, people in tables.items()}
        self.voices = [voice for table in tables for voice in voices.at(table, pinned[table])]
        self.visits = [
            Visit(who, host, when)
            for (host, when), people in tables.items()
            for who in people
            if not book.locked[who, when]
        ]
        self.cards = sorted({one.who for one in self.visits if not stale[one.who]})
        self.voice, self.card = len(self.visits), len(self.visits) + len(self.voices)
        self.width = self.card + len(self.cards)
        locked = [bool(voices.need[pinned[one.host, one.when], one.host].any()) for one in self.voices]
        self.locked = np.zeros(self.width)
        self.locked[self.voice : self.card] = locked
        self.kept = len(self.voices) + 1.0
        self.dear = self.kept * (len(self.visits) + 1.0)
        self.first = self.dear * (len(self.cards) + 1.0) if any(locked) else 0.0

    @cached_property
    def programme(self) -> Programme:
        rows = list(self._rows())
        ends = [(at, column, weight) for at, (columns, _, _) in enumerate(rows) for column, weight in columns]
        at, columns, weights = zip(*ends, strict=True)
        matrix = sp.csr_matrix((weights, (at, columns)), shape=(len(rows), self.width))
        gain = np.zeros(self.width)
        gain[: self.voice] = self.kept
        gain[self.voice : self.card] = [self.of.before.get((one.host, one.when)) == one.helper for one in self.voices]
        gain[self.card :] = -self.dear
        low, high = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
        return Programme(gain, matrix, low, high, np.ones(self.width))

    def _rows(self) -> Iterator[Row]:
        yield [(0, 1.0)], 0.0, 1.0
        yield from self.of.talks(self.visits, self.voices, set(), first=self.voice)
        card = {who: self.card + place for place, who in enumerate(self.cards)}
        for place, one in enumerate(self.visits):
            if one.who in card:
                yield [(place, 1.0), (card[one.who], 1.0)], 1.0, np.inf

    def solve(self, first: float) -> tuple[Floats, bool] | None:
        """The best choice, and whether it is proven; `first` is what serving a locked visit is worth."""
        aim = self.programme
        found = whole(Programme(aim.gain + first * self.locked, aim.rows, aim.low, aim.high, aim.top), nodes=NODES)
        return None if found is None else (found.x, found.best)

    def bounded(self, found: tuple[Floats, bool] | None) -> tuple[Floats, int]:
        """A choice with a bound on the cards lost in any: its own number where it is proven, else the linear one."""
        if found is not None and found[1]:
            return found[0], round(float(found[0][self.card :].sum()))
        aim, price = self.programme, np.append(np.zeros(self.card), -np.ones(len(self.cards)))
        answer = linear(Programme(price, aim.rows, aim.low, aim.high, aim.top))
        bound = 0 if answer is None else ceil(-answer.value - SLACK)
        return (np.zeros(self.width) if found is None else found[0]), bound
