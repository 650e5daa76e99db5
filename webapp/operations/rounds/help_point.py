"""The help point: whoever has no partner in the round that runs is sent somewhere at once, by all rules, on no card."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import aliased, joinedload

from webapp import bridge
from webapp.access import Actor, may_attend
from webapp.bridge import Expected, Offer, Presence, Problem, Running
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.i18n import gettext as _
from webapp.models import HelpPlace, Host, Interpreter, Meeting, Person, Plan, Seat, Session
from webapp.models.people import folded, utc_now
from webapp.models.programme import HOSTED
from webapp.operations.plans import planning
from webapp.operations.plans.clock import begun
from webapp.operations.plans.presence import attendance, expected

MOST_AT_ONCE = 40
BETWEEN = re.compile(r"[\s,;،؛、/+&]+")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer of the help point: how, who, to which table, and whom they visit or sit beside there."""

    kind: str
    people: tuple[Person, ...]
    table: str
    beside: tuple[Person, ...]
    host: Host | None


def running_round(session: Session, *, now: datetime, asked: int = 0) -> int:
    """Return the round that runs; before the first has begun the first, else the one that is asked for."""
    number = asked or begun(session, now) or 1
    return min(max(number, 1), max(session.rounds, 1))


def sent(session: Session, number: int) -> list[Sent]:
    """Return what the help point has answered in a round, the last first."""
    places = db.session.scalars(
        select(HelpPlace)
        .where(HelpPlace.session_id == session.id, HelpPlace.round_no == number)
        .options(joinedload(HelpPlace.person))
        .order_by(HelpPlace.made_at.desc(), HelpPlace.person_id)
    ).all()
    version = planning.find_plan(session.id, "published")
    seats = _sitting(db.session(), version, number) if version else {}
    hosts = {one.public_id: one for one in session.hosts}
    groups: dict[tuple[str, str, int], list[HelpPlace]] = defaultdict(list)
    for one in places:
        groups[one.kind, one.table, 0 if one.kind == "pair" else one.person_id].append(one)
    return [
        Sent(
            kind,
            tuple(one.person for one in held),
            table,
            tuple(_beside(db.session(), seats.get(table, ()), places, held[0])),
            hosts.get(held[0].host or ""),
        )
        for (kind, table, _who), held in groups.items()
    ]


def send(session_id: int, typed: str, *, number: int, by: Actor, now: datetime, seen: int = 0) -> None:
    """Send everybody whose event number was typed to a table in round `number`, and note it.

    Refuses numbers that nobody has here, people who were sent somewhere in that round already, and the round that ran
    when the page was looked at (`seen`) where another one runs by now.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session = rows.get(Session, session_id)
        if session is None or number not in session.numbers:
            raise NotFound
        _refuse_overtaken(session, number, seen, now)
        version = rows.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
        waiting = _waiting(rows, session, number, typed)
        there = expected(rows, session)
        running, free = tables_in_use(rows, session, version, there, number=number, waiting=waiting)
        everybody = {*waiting, *(row for one in running for row in one.people)}
        problem = problem_of_round(rows, session, there, everybody, now=now, number=number)
        found = bridge.offers(problem, waiting, number=number, running=running, free=free)
        rows.add_all(_noted(session, number, found, by))


def _refuse_overtaken(session: Session, number: int, seen: int, now: datetime) -> None:
    running = running_round(session, now=now)
    if number == seen != running:
        told = _("Round %(number)s has begun since you looked. Nothing was done; press once more.", number=running)
        raise BadInput(told, "round")


def undo(session_id: int, public_id: str, *, number: int, by: Actor) -> None:
    """Take back where somebody was sent in a round; of two who were sent to one table together, both."""
    planning.must_be_staff(by)
    with transaction() as rows:
        here = (HelpPlace.session_id == session_id, HelpPlace.round_no == number)
        place = rows.scalar(select(HelpPlace).join(HelpPlace.person).where(*here, Person.public_id == public_id))
        if place is None:
            return
        mine = HelpPlace.table == place.table if place.kind == "pair" else HelpPlace.person_id == place.person_id
        rows.execute(delete(HelpPlace).where(*here, HelpPlace.kind == place.kind, mine))


def met_at_help_point(rows: Rows, version: Plan) -> list[Pair]:
    """Return who has met at the help point of a session, as the engine calls them: people and whom they visited."""
    session = version.session
    places = rows.scalars(select(HelpPlace).where(HelpPlace.session_id == session.id)).all()
    keys = {one.public_id: bridge.host_key(one) for one in session.hosts}
    found = [(str(one.person_id), keys[one.host]) for one in places if one.host in keys]
    tables: dict[tuple[int, str], list[HelpPlace]] = defaultdict(list)
    for one in places:
        if one.kind in {"pair", "third"}:
            tables[one.round_no, one.table].append(one)
    for (number, table), held in tables.items():
        company = {one.person_id for one in held}
        if any(one.kind == "third" for one in held):
            company |= set(_sitting(rows, version, number).get(table, ()))
        found += [(str(one), str(other)) for one, other in combinations(sorted(company), 2)]
    return list(dict.fromkeys(found))


# --- who waits ------------------------------------------------------------------------------------------------------


def numbers_in(typed: str) -> list[str]:
    """Return the event numbers in a text, each once: in any digits, with anything usual between them."""
    return list(dict.fromkeys(one for one in BETWEEN.split(folded(typed)) if one))


def _waiting(rows: Rows, session: Session, number: int, typed: str) -> list[int]:
    numbers = numbers_in(typed)
    if not numbers:
        raise BadInput(_("Type the event numbers of those who have no partner."), "numbers")
    if len(numbers) > MOST_AT_ONCE:
        raise BadInput(_("Type at most %(most)s numbers at once.", most=MOST_AT_ONCE), "numbers")
    people = {folded(one.number): one for one in rows.scalars(select(Person))}
    unknown = [one for one in numbers if one not in people or not may_attend(people[one], session)]
    if unknown:
        raise BadInput(
            _("Nobody here has this number: %(numbers)s. Nothing was done.", numbers=", ".join(unknown)), "numbers"
        )
    here = (HelpPlace.session_id == session.id, HelpPlace.round_no == number)
    known = set(rows.scalars(select(HelpPlace.person_id).where(*here)))
    again = [one for one in numbers if people[one].id in known]
    if again:
        raise BadInput(
            _(
                "The help point has sent them somewhere in this round already: %(numbers)s. Take that back first.",
                numbers=", ".join(again),
            ),
            "numbers",
        )
    return [people[one].id for one in numbers]


# --- the room as it is ----------------------------------------------------------------------------------------------


def seats_of(rows: Rows, version: Plan, number: int) -> dict[str, list[int]]:
    """Return who has a seat at which table in a round, by row id."""
    found: dict[str, list[int]] = defaultdict(list)
    seats = (
        select(Meeting.table, Seat.person_id)
        .join(Seat, Seat.meeting_id == Meeting.id)
        .where(Meeting.plan_id == version.id, Meeting.round_no == number)
        .order_by(Seat.place)
    )
    for table, row in rows.execute(seats):
        found[table].append(row)
    return found


def _sitting(rows: Rows, version: Plan, number: int) -> dict[str, list[int]]:
    """Who truly sits at the table of their card in a round: who takes part then, and was sent nowhere else."""
    here = (HelpPlace.session_id == version.session_id, HelpPlace.round_no == number)
    elsewhere = set(rows.scalars(select(HelpPlace.person_id).where(*here)))
    elsewhere |= {row for row, one in attendance(rows, version.session_id).items() if not one.takes_part(number)}
    seats = seats_of(rows, version, number)
    return {table: [row for row in people if row not in elsewhere] for table, people in seats.items()}


def tables_in_use(
    rows: Rows, session: Session, version: Plan | None, there: Expected, *, number: int, waiting: Collection[int]
) -> tuple[list[Running], list[str]]:
    """Return the tables as they are used in a round, and those that are free.

    Whoever waits does not sit, nor does whoever is away; a table at which nobody sits is free.
    """
    here = {one.person.id for one in there if number not in one.away} - set(waiting)
    seats = _sitting(rows, version, number) if version else {}
    held = {table: [row for row in people if row in here] for table, people in seats.items()}
    placed = (HelpPlace.session_id == session.id, HelpPlace.round_no == number, HelpPlace.kind != "staff")
    for one in rows.scalars(select(HelpPlace).where(*placed)):
        held.setdefault(one.table, []).append(one.person_id)
    voices = _voices(rows, version, number) if version else {}
    if session.format in HOSTED:
        hosts = dict(zip(bridge.tables_of_visited(rows, session, there), session.hosts, strict=True))
        return [Running(name, tuple(held.get(name, ())), host, voices.get(name)) for name, host in hosts.items()], []
    free = [one.name for one in session.tables if not held.get(one.name) and one.gone_from is None]
    # whoever interprets goes where they were sent, while somebody sits there for whom they came
    kept = {table for table, people in seats.items() if here.intersection(people)}
    return [
        Running(table, tuple(people), interpreter=voices.get(table) if table in kept else None)
        for table, people in held.items()
    ], free


def _voices(rows: Rows, version: Plan, number: int) -> dict[str, Interpreter]:
    """Who interprets at which table in a round."""
    wanted = (
        select(Meeting.table, Interpreter)
        .join(Interpreter, Interpreter.public_id == Meeting.interpreter)
        .where(Meeting.plan_id == version.id, Meeting.round_no == number)
    )
    return {row[0]: row[1] for row in rows.execute(wanted)}


def problem_of_round(
    rows: Rows, session: Session, there: Expected, everybody: Iterable[int], *, now: datetime, number: int
) -> Problem:
    """Return what the engine is told of those who wait and sit: all there, with whom each has met or will meet."""
    people = rows.scalars(select(Person).where(Person.id.in_(set(everybody)))).all()
    known = Expected(Presence(one, frozenset()) for one in people)
    known.away = there.away
    problem = bridge.unlocked_problem(rows, session, known)
    names = {one.id for one in problem.people} | {one.id for one in problem.hosts}
    ids = [one.id for one in people]
    met = [*_met_here(rows, session, number), *_met_elsewhere(rows, session, ids, now)]
    pairs = (pair for pair in (*problem.met_before, *met) if {*pair} <= names and pair[0] != pair[1])
    return replace(problem, met_before=tuple(dict.fromkeys(pairs)), locks=())


def _met_here(rows: Rows, session: Session, number: int) -> Iterator[Pair]:
    """Who meets in other rounds of the session, before or after, and at the help point."""
    version = rows.scalar(select(Plan).where(Plan.session_id == session.id, Plan.state == "published"))
    if version is None:
        return
    keys = {one.public_id: bridge.host_key(one) for one in session.hosts}
    planning.load_whole(rows, version)
    for one in version.meetings:
        if one.round_no == number:
            continue
        rows_ = [str(seat.person_id) for seat in one.seats]
        yield from ((name, keys[one.host]) for name in rows_ if one.host in keys)
        yield from combinations(rows_, 2) if one.host is None else ()
    yield from met_at_help_point(rows, version)


def _met_elsewhere(rows: Rows, session: Session, people: Sequence[int], now: datetime) -> Iterator[Pair]:
    """Who has met in other sessions, in rounds that have begun."""
    one, other = aliased(Seat), aliased(Seat)
    together = (
        select(one.person_id, other.person_id, Meeting.round_no, Session)
        .join(other, (other.meeting_id == one.meeting_id) & (other.person_id > one.person_id))
        .join(Meeting, Meeting.id == one.meeting_id)
        .join(Plan, Plan.id == Meeting.plan_id)
        .join(Session, Session.id == Plan.session_id)
        .where(
            Plan.state == "published",
            Session.id != session.id,
            Meeting.host.is_(None),
            one.person_id.in_(people),
            other.person_id.in_(people),
        )
    )
    for mine, yours, number, held in rows.execute(together):
        if held.round_starts(number) <= now.astimezone(held.event.zone).replace(tzinfo=None):
            yield str(mine), str(yours)


def _beside(rows: Rows, seated: Iterable[int], places: Iterable[HelpPlace], mine: HelpPlace) -> Sequence[Person]:
    """Who sits where somebody was sent as one more."""
    if mine.kind != "third":
        return ()
    pairs = {one.person_id for one in places if one.kind == "pair" and one.table == mine.table}
    return rows.scalars(select(Person).where(Person.id.in_({*seated, *pairs})).order_by(Person.id)).all()


def _noted(session: Session, number: int, found: Iterable[Offer], by: Actor) -> Iterator[HelpPlace]:
    at = utc_now()
    for one in found:
        for row in one.people:
            yield HelpPlace(
                session_id=session.id,
                round_no=number,
                person_id=row,
                kind=one.kind,
                table=one.table,
                host=one.host.public_id if one.host else None,
                made_at=at,
                made_by=by.name,
            )
