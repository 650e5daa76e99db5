"""A published version after something has happened: what would change, published as the next version, taken back."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp import bridge
from webapp.access import Actor
from webapp.bridge import Made, Printed, Progress, Rules, Unrepeatable
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Host, Interpreter, Person, Plan, Session
from webapp.operations.plans import backups, planning
from webapp.operations.plans.clock import begun
from webapp.operations.plans.presence import expected
from webapp.operations.rounds.help_point import met_at_help_point

TRIES = 3


@dataclass(frozen=True, slots=True)
class Move:
    """A round in which somebody's card is no longer right: the table on it and the table now; nothing where none."""

    round: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody's card, and the rounds in which it changes."""

    person: Person
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version that could follow: whose cards change, who needs a new one, who meets more or less, who rests.

    `proven` is how many cards must change at least, None where nobody knows; `wishes` are granted before and after.
    """

    how: str
    first: int
    changed: tuple[Card, ...]
    new: tuple[Card, ...]
    more: tuple[Person, ...]
    fewer: tuple[Person, ...]
    resting: tuple[tuple[Person, tuple[int, ...]], ...]
    proven: int | None
    wishes: tuple[int, int]
    seal: str

    @property
    def nothing(self) -> bool:
        """Whether nobody would notice."""
        return not self.changed and not self.new


@dataclass(frozen=True, slots=True)
class News:
    """What has changed since a version was published, as far as it concerns the rounds that are left."""

    absent: tuple[Person, ...]
    leaving: tuple[tuple[Person, int], ...]
    new: tuple[Person, ...]
    removed: int
    hosts: tuple[Host, ...]
    interpreters: tuple[Interpreter, ...]
    tables: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything has."""
        return any(getattr(self, name) for name in News.__slots__)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the page of repair shows: the version, from which round on, what has happened, and what could be done."""

    session: Session
    version: Plan
    begun: int
    first: int
    news: News | None = None
    repair: Proposal | None = None
    anew: Proposal | None = None
    why_not: str = ""
    back: Plan | None = None

    @property
    def over(self) -> bool:
        """Whether no round is left to change."""
        return self.begun >= self.version.rounds


def outlook(session: Session, *, now: datetime, first: int | None = None) -> Outlook | None:
    """Return what could be done about the published version from round `first` on; None where there is none.

    Never from a round that has begun; without `first`, from the next one on.
    """
    version = planning.find_plan(session.id, "published")
    if version is None or not planning.plannable(session):
        return None
    running = begun(session, now)
    from_ = min(max(first or 0, running + 1), version.rounds)
    back = _before(version) if running < version.open_from else None
    if running >= version.rounds:
        return Outlook(session, version, running, from_)
    rows = db.session()
    try:
        case, quiet = (_case(rows, version, from_, quiet=one) for one in (False, True))
        news = _news(session, quiet)
        repair = _proposal(version, "repair", bridge.repaired(case), case)
        if not repair.nothing and not news:
            repair = _without_a_hint(version, quiet) or repair
    except NotNow as refusal:
        return Outlook(session, version, running, from_, why_not=refusal.sentence, back=back)
    anew = _find_anew(session.id, from_)
    other = _followed(rows, version, from_, anew) if anew else None
    fresh = _proposal(version, "anew", other, case) if isinstance(other, Made) else None
    return Outlook(session, version, running, from_, news, repair, fresh, back=back)


def publish(session_id: int, how: str, seal: str, *, first: int, by: Actor, now: datetime) -> tuple[str, str]:
    """Publish what was looked at as the next version; return the letter it replaces, and its own.

    `how` is repair or anew, `seal` the proposal's. What is published is what is right at that moment: where anything
    has changed since, or somebody else was quicker, nothing is done.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session, version = _published(rows, session_id)
        if first <= begun(session, now):
            raise NotNow(
                _("Round %(number)s has begun. Look at what would change from the next round on.", number=first)
            )
        case = _case(rows, version, first)
        made: Made | Unrepeatable | None = None
        if how == "repair":
            made = bridge.repaired(case)
        elif (trial := _find_anew(session_id, first)) is not None:
            made = _followed(rows, version, first, trial)
        if not isinstance(made, Made) or _seal(version, made) != seal:
            raise NotNow(_("Something has changed since you looked. Nothing was published; look once more."))
        before = version.letter
        after = planning.reissue(rows, session, made.pair, by, open_from=first).letter
    backups.leave_if_set_up()
    return before, after


def plan_anew(
    session_id: int,
    first: int,
    *,
    by: Actor,
    progress: Progress | None = None,
    together_with: Callable[[Rows], None] | None = None,
) -> None:
    """Plan the rounds from `first` on anew and keep that beside the draft, to be compared with the repair."""
    planning.must_be_staff(by)
    for _again in range(TRIES):
        session, version = _published(db.session(), session_id)
        case, floor = _case(db.session(), version, first), Rules.of(session).floor
        db.session.rollback()
        made = bridge.anew(case, floor=floor, progress=progress)
        with transaction() as rows:
            session, version = _published(rows, session_id)
            if _case(rows, version, first) != case:
                continue
            bridge.record_next(rows, version, made.pair, open_from=first, by=by.name, trial=True)
            if together_with is not None:
                together_with(rows)
            return
    raise NotNow(_("People came and went while this was being planned. Nothing was stored; try again in a moment."))


def undo(session_id: int, *, version: str, by: Actor, now: datetime) -> tuple[str, str]:
    """Publish the tables of the version before once more; return the letter it replaces, and the new one.

    `version` names the one that is taken back. Refused once a round that it changed has begun, and where the tables of
    the version before do not suit the people of now.
    """
    planning.must_be_staff(by)
    with transaction() as rows:
        session, held = _published(rows, session_id)
        if held.public_id != version:
            raise NotNow(planning.newer(held))
        running, back = begun(session, now), _before(held)
        if back is None or running >= held.open_from:
            raise NotNow(_("A round of version %(letter)s has begun, so it stays.", letter=held.letter))
        made = _followed(rows, held, held.open_from, back)
        if isinstance(made, Unrepeatable):
            raise NotNow(_why_not_back(rows, back, made))
        before = held.letter
        after = planning.reissue(rows, session, made.pair, by, open_from=held.open_from).letter
    backups.leave_if_set_up()
    return before, after


def moves_of(before: bridge.Seats, after: bridge.Seats, away: dict[int, frozenset[int]]) -> dict[int, tuple[Move, ...]]:
    """Return whose table is another one, by row id; rounds in which people are away do not count."""
    found: dict[int, tuple[Move, ...]] = {}
    for row, number in sorted(before.keys() | after.keys()):
        was, now = before.get((row, number), ""), after.get((row, number), "")
        if was != now and number not in away.get(row, frozenset((number,))):
            found[row] = (*found.get(row, ()), Move(number, was, now))
    return found


# --- looking --------------------------------------------------------------------------------------------------------


def _published(rows: Rows, session_id: int) -> tuple[Session, Plan]:
    session = rows.get(Session, session_id)
    if session is None:
        raise NotFound
    version = rows.scalar(select(Plan).where(Plan.session_id == session_id, Plan.state == "published"))
    if version is None:
        raise NotNow(_("Nothing is published yet. Plan and publish first."))
    return session, version


def _without_a_hint(version: Plan, quiet: Printed) -> Proposal | None:
    """The proposal to change nothing, where the one reason to change anything is that two need not meet.

    Alone, it would tell who they are; so it waits until a repair has other reasons as well.
    """
    found = _proposal(version, "repair", bridge.repaired(quiet), quiet)
    return found if found.nothing else None


def _case(rows: Rows, version: Plan, first: int, over: Plan | None = None, *, quiet: bool = False) -> Printed:
    there = expected(rows, version.session)
    reason = planning.why_not(version.session, there)
    if reason:
        raise NotNow(reason)
    for one in (version, over) if over else (version,):
        planning.load_whole(rows, one)
    met = met_at_help_point(rows, version)
    return bridge.printed(rows, version, there, first=first, met=met, over=over, quiet=quiet)


def _followed(rows: Rows, version: Plan, first: int, over: Plan) -> Made | Unrepeatable:
    return bridge.followed(_case(rows, version, first, over), over)


def _find_anew(session_id: int, first: int) -> Plan | None:
    """The plan of all rounds from `first` on that stands ready to be compared."""
    anew = (Plan.state == "draft", Plan.trial, Plan.open_from == first)
    return db.session.scalar(select(Plan).where(Plan.session_id == session_id, *anew))


def _before(version: Plan) -> Plan | None:
    """The version that this one replaced."""
    older = (Plan.session_id == version.session_id, Plan.version < version.version)
    return db.session.scalar(select(Plan).where(*older).order_by(Plan.version.desc()).limit(1))


def _proposal(version: Plan, how: str, made: Made, case: Printed) -> Proposal:
    before = {
        (seat.person_id, one.round_no): one.table
        for one in version.meetings
        for seat in one.seats
        if one.round_no >= made.first
    }
    after, away = made.seats, made.away
    moves = moves_of(before, after, away)
    had = bridge.talks_of({at: table for at, table in before.items() if at[1] not in away.get(at[0], {at[1]})})
    has = bridge.talks_of(after)
    people = _people({*moves, *made.rests, *had, *has})
    cards = {row: Card(people[row], held) for row, held in moves.items() if row in people}
    changed = tuple(card for row, card in cards.items() if row not in made.fresh)
    new = tuple(card for row, card in cards.items() if row in made.fresh)
    there = [row for row in people if row not in made.fresh]
    return Proposal(
        how=how,
        first=made.first,
        changed=_sorted(changed),
        new=_sorted(new),
        more=_named(people[row] for row in there if has[row] > had[row]),
        fewer=_named(people[row] for row in there if has[row] < had[row]),
        resting=tuple((one, made.rests[one.id]) for one in _named(people[row] for row in made.rests if row in people)),
        proven=None if made.proven is None else min(made.proven, len(changed)),
        wishes=(bridge.wishes_granted(case.plan, case.problem), bridge.wishes_granted(made.plan, made.problem)),
        seal=_seal(version, made),
    )


def _seal(version: Plan, made: Made) -> str:
    """What a proposal is known by: the version it follows, and every table with who sits, is visited, interprets."""
    said = [(one.round, one.table, one.people, one.host, one.interpreter) for one in made.plan.meetings]
    return hashlib.sha256(repr((version.public_id, made.first, sorted(map(repr, said)))).encode()).hexdigest()[:32]


def _news(session: Session, case: Printed) -> News:
    changes = case.changes
    ids = {name for name in changes.absent if name.isdecimal()}
    leaves = {name: number for name, number in changes.leaves if name.isdecimal()}
    people = _people({int(name) for name in (*ids, *leaves, *(one.id for one in changes.late))})
    hosts, voices = (
        bridge.hosts_called(session, changes.lost_hosts),
        bridge.interpreters_called(session, changes.lost_interpreters),
    )
    return News(
        absent=_named(people[int(name)] for name in ids if int(name) in people),
        leaving=tuple(
            (one, leaves[str(one.id)]) for one in _named(people[int(name)] for name in leaves if int(name) in people)
        ),
        new=_named(people[int(one.id)] for one in changes.late if int(one.id) in people),
        removed=sum(not name.isdecimal() for name in changes.absent),
        hosts=hosts,
        interpreters=voices,
        tables=changes.lost_tables,
    )


def _people(ids: Iterable[int]) -> dict[int, Person]:
    wanted = select(Person).where(Person.id.in_(set(ids))).options(joinedload(Person.organisation))
    return {one.id: one for one in db.session.scalars(wanted)}


def _named(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda one: (one.sort_name, one.number)))


def _sorted(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda one: (one.person.sort_name, one.person.number)))


# --- in words -------------------------------------------------------------------------------------------------------


def _why_not_back(rows: Rows, back: Plan, lost: Unrepeatable) -> str:
    return " ".join(_lost(rows, back, lost))


def _lost(rows: Rows, back: Plan, lost: Unrepeatable) -> Iterator[str]:
    yield _("Version %(letter)s does not suit the room any more, so nothing was changed.", letter=back.letter)
    numbers = rows.scalars(select(Person.number).where(Person.id.in_(lost.people)).order_by(Person.number)).all()
    if numbers:
        yield _("It has seats for people who are not there: %(numbers)s.", numbers=", ".join(numbers))
    if lost.tables:
        yield _("It uses tables that are gone: %(tables)s.", tables=", ".join(lost.tables))
    if lost.hosts:
        yield _("It sends people to somebody who is gone.")
    if lost.interpreters:
        yield _("It needs an interpreter who is gone.")
