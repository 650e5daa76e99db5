"""A draft by hand: meetings locked and unlocked, somebody moved, two tables swapped; nothing that breaks a hard rule.

Every change is judged by the engine's referee inside the transaction that keeps it. What only a lock can override is
done when it is asked for once more, and the meeting is locked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.access import Actor
from webapp.bridge import Meetings, Objection, Standing
from webapp.db import transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Meeting, Person, Plan, Session
from webapp.operations.plans import objections, planning
from webapp.operations.plans.objections import Told
from webapp.operations.plans.presence import expected

Change = Callable[[Rows, Standing], Meetings | Objection]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft that was looked at, by its public id, and the session it belongs to."""

    session_id: int
    public_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a change: done, or what stands against it, and whether it can be done all the same."""

    done: bool
    told: tuple[Told, ...] = ()
    possible: bool = False


DONE = Answer(done=True)


def lock(seen: Draft, number: int, table: str, *, by: Actor) -> Answer:
    """Lock a meeting of the draft, so that it stays when one plans again."""
    with transaction() as rows:
        plan = _draft(rows, seen, by)
        meeting = _meeting(plan, number, table)
        held = _standing(rows, plan)
        if not meeting.locked and not bridge.lockable(held, number, _table(held, plan, meeting)):
            return _refused(rows, plan.session, [Objection("other")])
        meeting.locked = True
    return DONE


def unlock(seen: Draft, number: int, table: str, *, sure: bool = False, by: Actor) -> Answer:
    """Unlock a meeting of the draft. Where it stands by its lock alone it is taken out, once that was asked for."""
    with transaction() as rows:
        plan = _draft(rows, seen, by)
        meeting = _meeting(plan, number, table)
        held = _standing(rows, plan)
        if not meeting.locked or not held.sound:
            meeting.locked = False
            return DONE
        stays, verdict = bridge.unlocked(held, number, _table(held, plan, meeting))
        if not stays and not (sure and verdict.possible):
            return _refused(rows, plan.session, verdict.objections, possible=verdict.possible)
        bridge.record(rows, plan.session, verdict.made, by=by.name)
    return DONE


def move_to(seen: Draft, spot: tuple[int, str], table: str, *, sure: bool = False, by: Actor) -> Answer:
    """Move somebody, in a round, to a free place at another table; `spot` is the round and the person's public id."""
    number, public_id = spot

    def change(rows: Rows, held: Standing) -> Meetings | Objection:
        who, companies = _key(rows, held, public_id), held.companies(number)
        if table not in held.tables:
            return Objection("table")
        if who in companies.get(table, ()):
            return Objection("same")
        if table not in companies and not held.problem.hosted:
            return Objection("alone", table=table)
        return bridge.moved(held, number, who, table)

    return _changed(seen, number, change, sure=sure, by=by)


def trade(seen: Draft, spot: tuple[int, str], other: str, *, sure: bool = False, by: Actor) -> Answer:
    """Let two people change places in a round; who has no table takes the other's place, two who have none meet."""
    number, public_id = spot

    def change(rows: Rows, held: Standing) -> Meetings | Objection:
        who, whom = (_key(rows, held, one) for one in (public_id, other))
        return bridge.exchanged(held, number, who, whom) or Objection("same")

    return _changed(seen, number, change, sure=sure, by=by)


def swap(seen: Draft, number: int, tables: tuple[str, str], *, by: Actor) -> Answer:
    """Let the people at two tables of a round change tables."""
    one, other = tables

    def change(_rows: Rows, held: Standing) -> Meetings | Objection:
        companies = held.companies(number)
        if held.problem.hosted:
            return Objection("hosts")
        if not {one, other} <= set(held.tables):
            return Objection("table")
        if one == other or not {one, other} & companies.keys():
            return Objection("same")
        moved = {name for table in tables for name in companies.get(table, ())}
        seated = [person for person in held.problem.people if person.seated and person.id in moved]
        return Objection("seated", (int(seated[0].id),)) if seated else bridge.swapped(held, number, one, other)

    return replace(_changed(seen, number, change, sure=False, by=by), possible=False)


def _changed(seen: Draft, number: int, change: Change, *, sure: bool, by: Actor) -> Answer:
    with transaction() as rows:
        plan = _draft(rows, seen, by)
        held = _standing(rows, plan)
        if not held.sound:
            raise NotNow(str(planning.CHANGED))
        if not 1 <= number <= plan.rounds:
            raise NotFound
        meetings = change(rows, held)
        if isinstance(meetings, Objection):
            return _refused(rows, plan.session, [meetings])
        touched = held.touched(number, meetings)
        if touched is not None:
            return _refused(rows, plan.session, [Objection("locked", table=touched)])
        verdict = bridge.judge(held, number, meetings)
        if verdict.objections and not (sure and verdict.possible):
            return _refused(rows, plan.session, verdict.objections, possible=verdict.possible)
        bridge.record(rows, plan.session, verdict.made, by=by.name)
    return DONE


def _draft(rows: Rows, seen: Draft, by: Actor) -> Plan:
    planning.must_be_staff(by)
    plan = planning.draft_seen(rows, seen.session_id, seen.public_id)
    planning.load_whole(rows, plan)
    return plan


def _standing(rows: Rows, plan: Plan) -> Standing:
    session = plan.session
    return bridge.standing(planning.problem_now(rows, session, expected(rows, session)), plan)


def _meeting(plan: Plan, number: int, table: str) -> Meeting:
    found = next((one for one in plan.meetings if (one.round_no, one.table) == (number, table)), None)
    if found is None:
        raise NotFound
    return found


def _table(held: Standing, plan: Plan, meeting: Meeting) -> str:
    """Where a stored meeting is now: whoever is visited may have been given another table since."""
    return held.plan.meetings[plan.meetings.index(meeting)].table


def _key(rows: Rows, held: Standing, public_id: str) -> str:
    """How the engine calls somebody who is expected."""
    row = rows.scalar(select(Person.id).where(Person.public_id == public_id))
    if row is None or str(row) not in {person.id for person in held.problem.people}:
        raise NotFound
    return str(row)


def _refused(rows: Rows, session: Session, found: Sequence[Objection], *, possible: bool = False) -> Answer:
    return Answer(done=False, told=objections.told(rows, session, found), possible=possible)
