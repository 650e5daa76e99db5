"""The published version as the engine is told it: legal, whatever became of people, tables, hosts and rules since.

Rounds that have begun are locked as they were held. In open rounds everything stands that still may; what is gone since
is told as changes. A seat whose holder is not there any more is held by a ghost, who has left: so whoever else sits at
that table keeps the card, and the engine looks for company.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

import matcher
from matcher.rules import tables_of_hosts
from webapp.bridge.asking import Expected, Presence, Problem, host_key, interpreter_key, open_tables, unlocked_problem
from webapp.bridge.ghosts import Table, Tables
from webapp.bridge.judging import NOTHING
from webapp.bridge.offending import offences
from webapp.errors import NotNow
from webapp.i18n import lazy_gettext
from webapp.models import Person, Plan

Pair = tuple[str, str]
TRIES = 6
OTHERWISE = lazy_gettext(
    "This version cannot be repaired: rounds, tables or rules of the session were changed too much since. Plan again."
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A version that breaks no rule of `problem`, and what has changed since; `fresh` are those who are new.

    It is `exact` unless somebody who is there had to be taken out of a seat that no rule allows any more.
    """

    problem: Problem
    plan: matcher.Plan
    changes: matcher.Changes
    fresh: frozenset[str]
    exact: bool = True


def printed(
    rows: Rows,
    plan: Plan,
    there: Expected,
    *,
    first: int,
    met: Collection[Pair] = (),
    over: Plan | None = None,
    quiet: bool = False,
) -> Printed:
    """Return a published version as the engine is told it, to be changed from round `first` on.

    `met` are pairs who have met besides. With `over`, the open rounds are those of that version, told as the next one.
    Refuses what has not the rounds of its session any more. Where it is `quiet`, as if nobody were to be kept apart
    nor had met before.
    """
    over = over or plan
    if {plan.rounds, over.rounds} != {plan.session.rounds} or not 1 <= first <= plan.rounds:
        raise NotNow(str(OTHERWISE))
    exact = True
    asked = _Asked.of(rows, plan, there, first, over=over)
    if quiet:
        asked = replace(asked, now=replace(asked.now, keep_apart=(), met_before=()))
    telling = _Telling(asked, tuple(met))
    for _again in range(TRIES):
        problem, told = telling.told()
        found = offences(problem, told, first)
        if not found:
            break
        exact = False
        telling.tables.take_out(found)
        telling.fill()
    if matcher.broken_rules(problem, told):
        exact = False
        telling.tables.clear()
        problem, told = telling.told()
        if matcher.broken_rules(problem, told):
            raise NotNow(str(OTHERWISE))
    return Printed(problem, told, telling.changes(), telling.fresh, exact)


@dataclass(frozen=True)
class _Asked:
    """What the rows say: the problem of now, with everybody who has a part in the version; who has one, who rests."""

    plan: Plan
    version: int
    first: int
    now: Problem
    planned: frozenset[str]
    rests: frozenset[tuple[str, int]]
    tables: Tables
    fresh: frozenset[str]

    @classmethod
    def of(cls, rows: Rows, plan: Plan, there: Expected, first: int, *, over: Plan) -> "_Asked":
        """Read the rows; open rounds are those of `over`."""
        session = plan.session
        held = [one for one in plan.meetings if one.round_no < first]
        held += [one for one in over.meetings if one.round_no >= first]
        rests = {(one.person_id, one.round_no) for one in plan.rests if one.round_no < first}
        printed_ = _part_of(rows, plan)
        planned = printed_ | _part_of(rows, over)
        everybody = _with(rows, there, planned, frozenset(session.numbers))
        names = {one.public_id: host_key(one) for one in session.hosts}
        names |= {one.public_id: interpreter_key(one) for one in session.interpreters}
        return cls(
            plan,
            # a version that follows may have groups of its own once more
            (plan.version or 1) + (over is not plan),
            first,
            unlocked_problem(rows, session, everybody, kept=planned),
            frozenset(map(str, planned)),
            frozenset((str(row), number) for row, number in rests),
            Tables(session, first, (Table.of(one, names) for one in held)),
            frozenset(str(row) for row in planned - printed_),
        )


class _Telling:
    """Tells a version; ghosts come in where seats are empty."""

    def __init__(self, asked: _Asked, met: tuple[Pair, ...]) -> None:
        self.now, self.planned, self.rests, self.met = asked.now, asked.planned, asked.rests, met
        self.session, self.first, self.version = asked.plan.session, asked.first, asked.version
        self.tables = asked.tables
        self.open = frozenset(number for number in self.session.numbers if number >= self.first)
        self.begun = frozenset(self.session.numbers) - self.open
        self.late = tuple(one for one in self.now.people if one.id not in self.planned and not self.open <= one.away)
        self.fresh = asked.fresh | {one.id for one in self.late}
        self.hosts = _housed(self.now, self.tables)
        away = {one.id: one.away for one in self.now.people}
        self.gone = {name: number for name in self.planned if (number := self._last_rounds(away[name]))}
        self.lost_hosts: set[str] = set()
        self.lost_voices: set[str] = set()
        self._settle(away)

    # --- what is gone ---------------------------------------------------------------------------------------------

    def _last_rounds(self, away: frozenset[int]) -> int:
        """From which open round on somebody is away to the end; 0 where they are not."""
        left = (first for first in sorted(self.open) if {number for number in self.open if number >= first} <= away)
        return next(left, 0)

    def _settle(self, away: Mapping[str, frozenset[int]]) -> None:
        """Take out of the open rounds whoever is away for some of them, and hosts and voices likewise.

        Who is away in all of them is left there, and told as lost.
        """
        voices = {one.id: frozenset() if self.open <= one.away else one.away for one in self.now.interpreters}
        hosts = {one.id: frozenset() if self.open <= one.away else one.away for one in self.now.hosts}
        for one in self.tables.open:
            if one.interpreter is not None and one.round in voices[one.interpreter]:
                one.interpreter = None
            if one.host is not None and one.round in hosts.get(one.host, self.open):
                one.people = []
            for name in list(one.people):
                if one.round in away[name] and one.round < self.gone.get(name, one.round + 1):
                    self.tables.leave(one, name)
        self.fill()
        gone = {one.id for one in self.now.hosts if self.open <= one.away}
        gone |= {one.id for one in self.now.interpreters if self.open <= one.away}
        self.lost_hosts = gone & {one.host for one in self.tables.open if one.host}
        self.lost_voices = gone & {one.interpreter for one in self.tables.open if one.interpreter}

    def fill(self) -> None:
        """Let ghosts sit where a meeting needs more people."""
        self.tables.fill({one.id: one.min_places for one in self.hosts.values()})

    # --- what is told ---------------------------------------------------------------------------------------------

    def told(self) -> tuple[Problem, matcher.Plan]:
        """Return the problem and the version under it."""
        problem = self._problem()
        meetings = tuple(
            matcher.Meeting(one.round, one.table, tuple(one.people), 0, host=one.host, interpreter=one.interpreter)
            for one in self.tables.all
        )
        bare = matcher.Plan(self.session.slug, meetings, (), (), NOTHING, version=self.version)
        return problem, matcher.retell(problem, bare)

    def _problem(self) -> Problem:
        people = (*(self._person(one) for one in self.now.people if one.id in self.planned), *self.tables.souls())
        known = {one.id for one in people} | self.hosts.keys()
        together = self.tables.together_before()
        people = tuple(
            replace(one, wishes=tuple(w for w in one.wishes if not isinstance(w, str) or w in known)) for one in people
        )
        apart = (pair for pair in self.now.keep_apart if {*pair} <= known and frozenset(pair) not in together)
        return replace(
            self.now,
            session=replace(self.now.session, tables=None if self.now.hosted else self._names()),
            people=people,
            hosts=tuple(self._host(one) for one in self.hosts.values()),
            interpreters=tuple(self._voice(one) for one in self.now.interpreters),
            keep_apart=tuple(apart),
            met_before=tuple(dict.fromkeys(pair for pair in self._met() if {*pair} <= known)),
            locks=tuple(
                matcher.Lock(one.round, tuple(one.people), one.table)
                for one in self.tables.all
                if one.round < self.first or one.locked
            ),
        )

    def _met(self) -> Iterator[Pair]:
        yield from self.now.met_before
        yield from self.met

    def _names(self) -> tuple[str, ...]:
        used = {one.table for one in self.tables.all}
        listed = [one.name for one in self.session.tables if one.gone_from is None or one.name in used]
        return (*listed, *sorted(used - set(listed)))

    def _person(self, one: matcher.Person) -> matcher.Person:
        """Somebody as the version has them: there where they sit or rest, and in open rounds where they are now."""
        seats = self.tables.seats(one.id)
        away = one.away if self.session.format == "clinics" else one.away & self.open
        away = frozenset(number for number in away if number not in seats)
        if self.session.format != "clinics":
            away |= {number for number in self.begun if number not in seats and (one.id, number) not in self.rests}
        held = {table for number, table in seats.items() if number < self.first}
        return replace(one, away=away, seated=one.seated and len(held) < 2 and not self._met_seated(one.id))

    def _met_seated(self, name: str) -> bool:
        """Whether somebody has met another who stays seated."""
        seated = {one.id for one in self.now.people if one.seated and one.id != name}
        pairs = self.session.format == "pairs" and any(one.id == name and one.seated for one in self.now.people)
        return pairs and any(name in one.people and not seated.isdisjoint(one.people) for one in self.tables.begun)

    def _host(self, one: matcher.Host) -> matcher.Host:
        return replace(one, away=one.away - {at.round for at in self.tables.all if at.host == one.id})

    def _voice(self, one: matcher.Interpreter) -> matcher.Interpreter:
        """An interpreter who in rounds that have begun was nowhere but where they worked."""
        work = {at.round for at in self.tables.all if at.interpreter == one.id}
        return replace(one, away=(one.away | self.begun) - work)

    # --- what has changed -----------------------------------------------------------------------------------------

    def changes(self) -> matcher.Changes:
        """Return what is different from the first open round on."""
        ghosts = tuple(name for name, number in self.tables.ghosts.items() if number >= self.first)
        leaves = {name: at for name, at in self.gone.items() if any(number >= at for number in self.tables.seats(name))}
        late = {one.id for one in self.late}
        known = {*self.planned, *self.hosts, *late}
        together = self.tables.together_before()
        apart = [pair for pair in self.now.keep_apart if frozenset(pair) in together or late & {*pair}]
        if self.session.format != "circles":
            # of somebody new the engine is told no other way whom they have met
            apart += [pair for pair in self._met() if late & {*pair}]
        there = set(open_tables(self.session))
        return matcher.Changes(
            self.first,
            absent=(*sorted(name for name, at in leaves.items() if at == self.first), *ghosts),
            leaves=tuple(sorted((name, at) for name, at in leaves.items() if at > self.first)),
            late=self.late,
            lost_tables=() if self.now.hosted else tuple(name for name in self._names() if name not in there),
            lost_hosts=tuple(sorted(self.lost_hosts)),
            lost_interpreters=tuple(sorted(self.lost_voices)),
            keep_apart=tuple(dict.fromkeys(pair for pair in apart if {*pair} <= known)),
        )


def _part_of(rows: Rows, plan: Plan) -> set[int]:
    """Who has a part in a version: a seat or a rest; of clinics, everybody it was made for."""
    found = {seat.person_id for one in plan.meetings for seat in one.seats} | {one.person_id for one in plan.rests}
    if plan.session.format == "clinics":
        shares = list(plan.quality.get("shares", ()))
        found |= set(rows.scalars(select(Person.id).where(Person.public_id.in_(shares))))
    return found


def _housed(now: Problem, tables: Tables) -> dict[str, matcher.Host]:
    """The hosts by name, each with a table: where people have come to it already that one, else that of now.

    A host who is no more, and has been visited, is a ghost.
    """
    if not now.hosted:
        return {one.id: one for one in now.hosts}
    own = dict(zip((one.id for one in now.hosts), tables_of_hosts(now), strict=True))
    own |= {one.host: one.table for one in tables.begun if one.people and one.host is not None}
    known = {one.id: one for one in now.hosts}
    found = {}
    for name, table in own.items():
        taken = [len(one.people) for one in tables.begun if one.host == name and one.people]
        host = known.get(name) or matcher.Host(name)
        found[name] = replace(
            host, table=table, places=max([host.places, *taken]), min_places=min([host.min_places, *taken])
        )
    for one in tables.all:
        one.table = own.get(one.host or "", one.table)
    if len(set(own.values())) < len(own):
        raise NotNow(str(OTHERWISE))
    return found


def _with(rows: Rows, there: Expected, planned: set[int], numbers: frozenset[int]) -> Expected:
    """Everybody expected, and whoever has a part in the version though nobody expects them any more."""
    missing = planned - {one.person.id for one in there}
    others = rows.scalars(select(Person).where(Person.id.in_(missing))).all() if missing else []
    found = Expected((*there, *(Presence(person, numbers) for person in others)))
    found.away = there.away
    return found
