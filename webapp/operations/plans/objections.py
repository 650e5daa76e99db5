"""What stands against a change by hand, in words for whoever makes it. Names in a sentence are isolated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.bridge import Lost, Objection
from webapp.i18n import gettext as _
from webapp.i18n import isolate, ngettext
from webapp.models import Person, Plan, Session
from webapp.operations.plans.presence import expected


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that stands against a change: a sentence, and the people it speaks of where it speaks of several."""

    sentence: str
    people: tuple[Person, ...] = ()


def told(rows: Rows, session: Session, found: Iterable[Objection]) -> tuple[Told, ...]:
    """Return what was objected in words, each once."""
    held = list(found)
    names = {row for one in held for row in one.people}
    people = {person.id: person for person in rows.scalars(select(Person).where(Person.id.in_(names)))}
    return tuple(dict.fromkeys(_told(session, one, people) for one in held))


def _told(session: Session, one: Objection, people: Mapping[int, Person]) -> Told:
    who = tuple(people[row] for row in one.people if row in people)
    name = isolate(who[0].name) if who else ""
    if len(who) > 1:
        return Told(_of_several(one), who)
    return Told(_of_one(session, one, name))


def _of_several(one: Objection) -> str:
    return {
        "organisation": _("They work for the same organisation."),
        "language": _("They speak no common language."),
        "met": _("They have met in round %(number)s already.", number=one.number),
    }.get(one.code, _("These two cannot sit together in this session."))


def _of_one(session: Session, one: Objection, name: str) -> str:
    if one.code in {"organisation", "language", "worthless"}:
        return _of_visit(one, name, tools=session.format == "stations")
    table, number = one.table, one.number
    return {
        "away": _("%(name)s is away in round %(number)s.", name=name, number=number),
        "seated": _("%(name)s stays at one table in all rounds.", name=name),
        "nobody": _("Nobody is at table %(table)s to be visited in this round.", table=table),
        "full": _("Table %(table)s is full in this round.", table=table),
        "few": ngettext(
            "Table %(table)s needs at least %(num)s person.", "Table %(table)s needs at least %(num)s people.", number,
            table=table,
        ),
        "twice": _(
            "%(name)s is at table %(table)s in round %(number)s already.", name=name, table=table, number=number
        ),
        "limit": ngettext(
            "%(name)s has %(num)s talk already, as many as this session gives.",
            "%(name)s has %(num)s talks already, as many as this session gives.", number, name=name,
        ),
        "uneven": _("The tables of this round would be too unequal: they differ by one person at most."),
        "groups": _("Groups stay together and go round as a whole here, so nobody can be moved alone."),
        "locked": _("The meeting at table %(table)s is locked. Unlock it first.", table=table),
        "hosts": _("Whoever is visited stays at the same table, so these tables cannot be swapped."),
        "same": _("Nothing would change: choose another place."),
        "alone": _("Nobody else sits at table %(table)s in this round.", table=table),
        "left": _("Somebody at this table is no longer expected."),
        "table": _("This table is no longer there."),
        "round": _("This round is no longer there."),
    }.get(one.code, _("The rules of this session do not allow it."))  # fmt: skip


def _of_visit(one: Objection, name: str, *, tools: bool) -> str:
    if one.code == "organisation":
        if tools:
            return _("%(name)s works for the same organisation as the presenter.", name=name)
        return _("%(name)s works for the same organisation as the specialist.", name=name)
    if one.code == "language":
        if tools:
            return _("%(name)s and the presenter speak no common language.", name=name)
        return _("%(name)s and the specialist speak no common language.", name=name)
    return _("This specialist has nothing that %(name)s is looking for.", name=name)


@dataclass(frozen=True, slots=True)
class LostLock:
    """A locked meeting that can be kept no longer: where, who sits there, and why."""

    round: int
    table: str
    people: tuple[Person, ...]
    why: tuple[Told, ...]


def lost_locks(rows: Rows, plan: Plan) -> Sequence[LostLock]:
    """Return which locked meetings of the draft would be dropped if one planned now."""
    session = plan.session
    if not any(one.locked for one in plan.meetings):
        return []
    found = bridge.lost_locks(rows, session, expected(rows, session))
    return [LostLock(one.meeting.round_no, one.meeting.table, _company(one), _why(rows, session, one)) for one in found]


def _company(one: Lost) -> tuple[Person, ...]:
    return tuple(seat.person for seat in one.meeting.seats)


def _why(rows: Rows, session: Session, one: Lost) -> tuple[Told, ...]:
    if one.code == "away":
        away = [Objection("away", (row,), number=one.meeting.round_no) for row in one.people]
        return told(rows, session, away)
    return told(rows, session, [Objection("other" if one.code == "rules" else one.code)])
