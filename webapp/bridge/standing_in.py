"""Somebody comes instead of somebody else: whose seats are taken over, and what stands against it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session as Rows

import matcher
from matcher.points import matrix, visits
from matcher.rules import Admissibility, best_alone
from webapp.bridge.asking import Expected, Presence, Problem, host_key, interpreter_key, unlocked_problem
from webapp.bridge.changing import Meetings, standing
from webapp.bridge.locking import split
from webapp.bridge.objecting import Hearing, Objection
from webapp.models import Plan, Seat


@dataclass(frozen=True, slots=True)
class Relief:
    """A plan in which a stand-in has the seats of another, but for the rounds in which something stands against it.

    `made` is None where nothing can be kept: the plan suits the people and rules of now no longer, or not with so
    many at a table.
    """

    made: tuple[Problem, matcher.Plan] | None
    rounds: tuple[int, ...]
    against: Mapping[int, tuple[Objection, ...]]


def relieved(rows: Rows, plan: Plan, there: Expected, pair: tuple[int, int], *, after: int) -> Relief:
    """Return a published plan with the seats of one person taken over by another, in the rounds after round `after`.

    `pair` is who comes and who goes, by row id. Everybody else keeps their seats, also where somebody, a specialist, an
    interpreter or a table is missing by now: that is for a repair. Rounds that have begun stay as they are.
    """
    who, gone = map(str, pair)
    strict, problem = _as_planned(rows, plan, there, (who, gone), after=after)
    known = {person.id for person in problem.people}
    if {str(seat.person_id) for one in plan.meetings for seat in one.seats} - known or who not in known:
        return Relief(None, (), {})
    held = standing(problem, plan).plan
    wanted = [one.round for one in held.meetings if one.round > after and gone in one.people]
    everywhere = matcher.retell(problem, replace(held, meetings=_with(held.meetings, who, gone, wanted)))
    against = {}
    for number in wanted:
        found = Hearing(strict, held.meetings, everywhere.meetings, number).objections()
        # nobody joins a table that a repair has to part
        found += [
            Objection("rules", (int(who),), one.table)
            for one in held.meetings
            if one.round == number and gone in one.people and _parted(strict.keep_apart, one, but=gone)
        ]
        if found:
            against[number] = tuple(found)
    taken = tuple(number for number in wanted if number not in against)
    meetings = _without(_with(held.meetings, who, gone, taken), gone, against, least=1 if problem.hosted else 2)
    now = _gone_after(problem, gone, after)
    answer = _told(now, replace(held, meetings=meetings), who)
    to_come = [one for one in meetings if one.round > after]
    since = set(strict.keep_apart) - set(problem.keep_apart)
    broken = matcher.breaches(now, answer) or any(_parted(since, one) for one in to_come if who in one.people)
    return Relief(None if broken else (now, answer), taken, against)


def _as_planned(
    rows: Rows, plan: Plan, there: Expected, pair: tuple[str, str], *, after: int
) -> tuple[Problem, Problem]:
    """The problem of now in which those the plan was made for are where it has a seat for them, with its own locks.

    Of all others only the stand-in is there: whoever else came since waits for a repair. The first has all rules of
    now, for tables to which somebody comes; the second lets all others stand.
    """
    who, gone = pair
    seated: defaultdict[int, set[int]] = defaultdict(set)
    for meeting in plan.meetings:
        for seat in meeting.seats:
            seated[seat.person_id].add(meeting.round_no)
    asked = plan.quality.get("shares", {})
    lenient = Expected(
        Presence(one.person, one.away - seated[one.person.id])
        for one in there
        if one.person.id in seated or one.person.public_id in asked or str(one.person.id) == who
    )
    lenient.away = there.away
    problem = _still_there(unlocked_problem(rows, plan.session, lenient), plan)
    begun = [one for one in plan.meetings if one.round_no <= after]
    held = _as_held(problem, plan)
    # what was locked for the one who goes is no reason for the other
    locked = [one for one in plan.meetings if one.locked and one.round_no > after and not _sits(one.seats, gone)]
    locks = split(held, plan.session, begun + locked)[0]
    return replace(held, keep_apart=problem.keep_apart, locks=locks), replace(held, locks=locks)


def _still_there(problem: Problem, plan: Plan) -> Problem:
    """The problem in which whoever is visited or interprets is where the plan has them, also who is gone by now."""
    names = {one.public_id: host_key(one) for one in plan.session.hosts}
    names |= {one.public_id: interpreter_key(one) for one in plan.session.interpreters}
    used: defaultdict[str | None, set[int]] = defaultdict(set)
    for one in plan.meetings:
        for key in (one.host, one.interpreter):
            used[names.get(key or "")].add(one.round_no)
    return replace(
        problem,
        hosts=tuple(replace(one, away=one.away - used[one.id]) for one in problem.hosts),
        interpreters=tuple(replace(one, away=one.away - used[one.id]) for one in problem.interpreters),
    )


def _as_held(problem: Problem, plan: Plan) -> Problem:
    """The problem in which those whom the plan has at one table may stay there, also who need not meet since.

    A repair parts them, in its time: to refuse a stand-in until then would tell of them. Tables that are gone may be
    used as the plan uses them.
    """
    keys = {host.public_id: host_key(host) for host in plan.session.hosts}
    met = [{*(str(seat.person_id) for seat in one.seats), keys.get(one.host or "")} for one in plan.meetings]
    apart = tuple(two for two in problem.keep_apart if not any({*two} <= table for table in met))
    tables = problem.session.tables
    if isinstance(tables, tuple):
        tables = tuple(dict.fromkeys((*tables, *(one.table for one in plan.meetings))))
    return replace(problem, session=replace(problem.session, tables=tables), keep_apart=apart)


def _parted(apart: Iterable[tuple[str, str]], meeting: matcher.Meeting, *, but: str = "") -> bool:
    """Whether a table is shared by two who need not meet; somebody who leaves it is not counted."""
    company = {*meeting.people, meeting.host} - {but}
    return any({*two} <= company for two in apart)


def _sits(seats: Iterable[Seat], name: str) -> bool:
    return any(str(seat.person_id) == name for seat in seats)


def _with(meetings: Meetings, who: str, gone: str, rounds: Iterable[int]) -> Meetings:
    """The meetings with one in the other's place in these rounds."""
    taken = set(rounds)
    return tuple(
        replace(one, people=tuple(who if name == gone else name for name in one.people)) if one.round in taken else one
        for one in meetings
    )


def _without(meetings: Meetings, gone: str, rounds: Iterable[int], *, least: int) -> Meetings:
    """The meetings without somebody in these rounds; where too few stay for a meeting there is none."""
    free = set(rounds)
    fewer = (
        replace(one, people=tuple(name for name in one.people if name != gone)) if one.round in free else one
        for one in meetings
    )
    return tuple(one for one in fewer if len(one.people) >= least)


def _gone_after(problem: Problem, gone: str, after: int) -> Problem:
    """The problem in which somebody is away in all rounds after this one; left out where that is all of them."""
    later = frozenset(range(after + 1, problem.session.rounds + 1))
    if after:
        people = (replace(one, away=one.away | later) if one.id == gone else one for one in problem.people)
        return replace(problem, people=tuple(people))
    return replace(
        problem,
        people=tuple(
            replace(one, wishes=tuple(wish for wish in one.wishes if wish != gone))
            for one in problem.people
            if one.id != gone
        ),
        keep_apart=tuple(two for two in problem.keep_apart if gone not in two),
        met_before=tuple(two for two in problem.met_before if gone not in two),
    )


def _told(problem: Problem, plan: matcher.Plan, who: str) -> matcher.Plan:
    """The plan told anew, with the bounds that are still true: nobody adds more than the best they could have alone."""
    row = next(at for at, person in enumerate(problem.people) if person.id == who)
    worth = visits(problem) if problem.hosted else matrix(problem)
    most = int(best_alone(Admissibility(problem), worth)[row])
    quality = replace(
        plan.quality,
        bound=plan.quality.bound + most,
        lowest_bound=None,
        breaks_bound=None,
        repeats_bound=None,
        stale_bound=None,
    )
    return matcher.retell(problem, replace(plan, quality=quality))
