"""A version that follows on a published one: repaired, planned anew from a round on, or as another version had it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import matcher
from matcher.engine import BrokenPlan
from webapp.bridge.asking import Problem
from webapp.bridge.cards import OTHERWISE, Printed
from webapp.bridge.ghosts import is_ghost
from webapp.bridge.keeping import BROKEN, Progress
from webapp.errors import NotNow, Refused
from webapp.i18n import lazy_gettext
from webapp.models import Plan

NOT_ANEW = lazy_gettext("The rest cannot be planned anew from this round on. Repair the version instead.")
Seats = dict[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class Made:
    """An answer that follows on a version from round `first` on, judged.

    `proven` is how many cards must change at least, None where that is not known; `fresh` are those who are new, by row
    id.
    """

    problem: Problem
    plan: matcher.Plan
    first: int
    fresh: frozenset[int]
    proven: int | None = None

    @property
    def pair(self) -> tuple[Problem, matcher.Plan]:
        """What is kept."""
        return self.problem, self.plan

    @property
    def seats(self) -> Seats:
        """The table of each person, by row id, in each open round."""
        return {
            (int(name), one.round): one.table
            for one in self.plan.meetings
            for name in one.people
            if one.round >= self.first and not is_ghost(name)
        }

    @property
    def rests(self) -> dict[int, tuple[int, ...]]:
        """Who has no table in which open rounds, by row id; in `clinics` nobody is told to rest."""
        found: dict[int, tuple[int, ...]] = {}
        for one in self.plan.rests:
            if one.round >= self.first:
                found[int(one.person)] = (*found.get(int(one.person), ()), one.round)
        return found

    @property
    def away(self) -> dict[int, frozenset[int]]:
        """In which rounds people are away, by row id."""
        return {int(one.id): one.away for one in self.problem.people if not is_ghost(one.id)}


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a version cannot be had again: people by row id, tables, hosts and interpreters by the engine's name."""

    people: tuple[int, ...]
    tables: tuple[str, ...]
    hosts: tuple[str, ...]
    interpreters: tuple[str, ...]


def repaired(case: Printed) -> Made:
    """Return the repair under which fewest cards change."""
    try:
        now, plan = matcher.repaired(case.problem, case.plan, case.changes, clock=time.monotonic)
    except matcher.MatcherError as error:
        raise NotNow(str(OTHERWISE)) from error
    except BrokenPlan as error:
        raise Refused(str(BROKEN)) from error
    fresh = frozenset(int(name) for name in case.fresh)
    bound = plan.quality.stale_bound if case.exact else None
    return Made(now, plan, case.changes.from_round, fresh, bound)


def anew(case: Printed, *, seed: int = 0, floor: bool = True, progress: Progress | None = None) -> Made:
    """Return a plan whose open rounds are all planned anew; the rounds that have begun stand.

    The engine is asked for the whole session, with what has begun locked and whoever had no table then away; for the
    open rounds alone where fixed groups cannot have gone as they went. What it cannot be told at once, tables and pairs
    that have been in use already and must not be any more, is repaired after.
    """
    first = case.changes.from_round
    try:
        now = matcher.changed(case.problem, case.plan, case.changes)
        held = tuple(one for one in case.plan.meetings if one.round < first)
        asked = replace(now, people=tuple(_bound_to(one, held, first) for one in now.people))
        solved = partial(matcher.solve, seed=seed, floor=floor, clock=time.monotonic, progress=progress)
        try:
            plan = solved(asked)
        except matcher.MatcherError:
            if now.session.move != "groups" or first == 1:
                raise
            plan = _regrouped(now, held, first, solved)
        open_ = tuple(one for one in plan.meetings if one.round >= first)
        plan = matcher.retell(now, replace(plan, meetings=(*held, *open_), version=case.plan.version + 1))
        apart = tuple(pair for pair in case.changes.keep_apart if pair not in now.keep_apart)
        tables = now.session.tables if isinstance(now.session.tables, tuple) else ()
        lost = tuple(name for name in case.changes.lost_tables if name in tables)
        if apart or lost:
            again = matcher.Changes(first, lost_tables=lost, keep_apart=apart)
            now, plan = matcher.repaired(now, plan, again, clock=time.monotonic)
            plan = replace(plan, stale=None, quality=replace(plan.quality, stale_bound=None))
    except (matcher.MatcherError, BrokenPlan) as error:
        raise NotNow(str(NOT_ANEW)) from error
    if matcher.breaches(now, plan):
        raise NotNow(str(NOT_ANEW))
    return Made(now, plan, first, frozenset(int(name) for name in case.fresh))


def _bound_to(one: matcher.Person, held: tuple[matcher.Meeting, ...], first: int) -> matcher.Person:
    seats = {meeting.round for meeting in held if one.id in meeting.people}
    return replace(one, away=one.away | (set(range(1, first)) - seats))


def _regrouped(
    now: Problem, held: tuple[matcher.Meeting, ...], first: int, solved: Callable[[Problem], matcher.Plan]
) -> matcher.Plan:
    """Return a plan whose open rounds are those of a session of their own, so that groups are made anew.

    So it must be where an earlier repair has parted a group: no group of all rounds has been where its people were.
    Whoever has visited a host does not come there again.
    """
    before = first - 1
    visits = [(name, one.host) for one in held for name in one.people if one.host is not None]
    times = Counter(name for name, _host in visits)
    people = tuple(
        replace(one, away=_later(one.away, before), limit=_less(one.limit, now.rules.limit, times[one.id]))
        for one in now.people
    )
    rest = replace(
        now,
        session=replace(now.session, rounds=now.session.rounds - before),
        people=people,
        hosts=tuple(replace(one, away=_later(one.away, before)) for one in now.hosts),
        locks=tuple(replace(one, round=one.round - before) for one in now.locks if one.round > before),
        met_before=tuple(dict.fromkeys((*now.met_before, *visits))),
    )
    plan = solved(rest)
    gained = sum(one.benefit for one in held)
    quality = replace(
        plan.quality, bound=plan.quality.bound + gained, lowest_bound=None, breaks_bound=None, repeats_bound=None
    )
    return replace(
        plan, meetings=tuple(replace(one, round=one.round + before) for one in plan.meetings), quality=quality
    )


def _later(away: frozenset[int], before: int) -> frozenset[int]:
    return frozenset(number - before for number in away if number > before)


def _less(own: int | None, common: int | None, times: int) -> int | None:
    limit = common if own is None else own
    return None if limit is None else max(limit - times, 0)


def followed(case: Printed, over: Plan) -> Made | Lost:
    """Return the open rounds as the version `over`, with which the case was told, has them; or why that cannot be."""
    first = case.changes.from_round
    now = matcher.changed(case.problem, case.plan, case.changes)
    plan = matcher.retell(now, case.plan)
    made = Made(now, plan, first, frozenset(int(name) for name in case.fresh))
    said = {(seat.person_id, one.round_no): one.table for one in over.meetings for seat in one.seats}
    whole = made.seats == {at: table for at, table in said.items() if at[1] >= first}
    if whole and not matcher.breaches(now, plan) and not _parted(case, first):
        return made
    away = made.away
    gone = {row for row, number in said if number >= first and number in away.get(row, frozenset((number,)))}
    return Lost(tuple(sorted(gone)), case.changes.lost_tables, case.changes.lost_hosts, case.changes.lost_interpreters)


def _parted(case: Printed, first: int) -> bool:
    """Whether two who must not share a table would."""
    apart = [set(pair) for pair in case.changes.keep_apart]
    tables = [{*one.people, one.host} for one in case.plan.meetings if one.round >= first]
    lost = case.changes.lost_tables
    used = any(one.table in lost for one in case.plan.meetings if one.round >= first)
    return used or any(pair <= table for pair in apart for table in tables)


def wishes_granted(plan: matcher.Plan, problem: Problem) -> int:
    """Return how many people meet somebody they wished for."""
    return len(set(_granted(problem, plan)))


def _granted(problem: Problem, plan: matcher.Plan) -> Iterator[str]:
    rows = {person.id: at for at, person in enumerate(problem.people)}
    for one in plan.meetings:
        reasons = one.reasons
        if problem.session.format == "circles":
            pairs = [(rows[a], rows[b]) for a in one.people for b in one.people if a < b]
            reasons = tuple(reason for two in pairs for reason in matcher.reasons(problem, *two))
        yield from (str(reason.taker) for reason in reasons if reason.code == "wish" and reason.taker)


def talks_of(seats: Seats) -> Counter[int]:
    """Return in how many rounds each person has a table."""
    return Counter(row for row, _number in seats)
