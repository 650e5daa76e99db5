"""A person's own rounds, read from published versions alone; nothing is computed anew."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import aliased

from webapp.access import Actor, may_attend
from webapp.db import db
from webapp.errors import NotFound
from webapp.exchange.ics import Entry
from webapp.i18n import gettext as _
from webapp.i18n import isolate, language_name
from webapp.models import Event, Host, Meeting, Person, Plan, Rest, Seat, Session
from webapp.operations.event import programme
from webapp.operations.meetings import contacts, feedback
from webapp.operations.mine.countdown import Step, steps_of
from webapp.operations.plans import clock
from webapp.operations.plans.presence import withdrawn
from webapp.operations.plans.talks import Reader, Round, Talk
from webapp.operations.words.titles import titled
from webapp.policy import shows

PUBLISHED = select(Plan).where(Plan.state == "published")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A round in which a version sends somebody to another `table` than it `was` last; nothing where to none."""

    number: int
    table: str
    was: str


@dataclass(frozen=True, slots=True)
class Timed:
    """A session with a published plan; `rounds` is empty for somebody who is not in the plan.

    `host` is as whom the reader is visited there, `now` when this is read; `corrected` are the rounds for which an
    older card is wrong; `unmet` says that a wish for a specialist did not come true; `answers` are the reader's own.
    Who `withdrew` has no table from then on. `ended` are the rounds that have run and are over.
    `exchange` is with whom they may exchange contacts, where that was asked for and there is somebody.
    """

    session: Session
    plan: Plan
    rounds: tuple[Round, ...]
    now: datetime
    host: Host | None = None
    corrected: tuple[Corrected, ...] = ()
    unmet: bool = False
    answers: Mapping[tuple[int, int], str] = field(default_factory=dict)
    withdrew: bool = False
    ended: frozenset[int] = frozenset()
    exchange: contacts.Exchange | None = None

    def asks(self, held: Round) -> bool:
        """Whether the reader can say how their meeting in this round was."""
        return held.talk is not None and held.number in self.ended

    def answer(self, held: Round) -> str:
        """What the reader has said of it; nothing before they did."""
        return self.answers.get((self.session.id, held.number), "")

    def offers(self, held: Round) -> Sequence[contacts.Offer]:
        """With whom the reader may exchange contacts after this round."""
        return self.exchange.after(held.number) if self.exchange else ()

    def _is_unasked(self, held: Round) -> bool:
        return not self.answer(held) or bool(self.exchange and self.exchange.unasked(held.number))

    @property
    def unasked(self) -> Round | None:
        """The last meeting that is over and of which the reader has not said all they may say."""
        return next((held for held in reversed(self.talks) if self.asks(held) and self._is_unasked(held)), None)

    @property
    def talks(self) -> list[Round]:
        """The rounds with a meeting."""
        return [held for held in self.rounds if held.talk]

    @property
    def on_standby(self) -> bool:
        """Whether a place with a specialist is still to be found for this person."""
        none = bool(self.rounds) and not self.talks and self.host is None and not self.withdrew
        return self.session.format == "clinics" and none

    @property
    def table(self) -> str:
        """The table at which the reader is visited; nothing for a guest."""
        return self.host.table or next((held.talk.table for held in self.rounds if held.talk), "") if self.host else ""

    def after(self, number: int) -> Round | None:
        """Return the next round with a meeting after round `number`."""
        return next((held for held in self.talks if held.number > number), None)

    @property
    def is_new(self) -> bool:
        """Whether all rounds were planned anew, where an earlier version said other tables."""
        return bool(self.corrected) and self.plan.open_from == 0

    @property
    def is_over(self) -> bool:
        """Whether the last round has ended."""
        return clock.is_over(self.session, self.plan.rounds, self.now)

    @property
    def begins(self) -> datetime:
        """When the first round begins, as people are told."""
        return clock.round_begins(self.session, 1, self.now)

    @property
    def minutes_late(self) -> int:
        """By how many minutes the times differ from the programme's: before the start, or for the next round."""
        return round(clock.delay(self.session, self.now) / timedelta(minutes=1))

    @property
    def state(self) -> str:
        """How the rounds stand: before, waits (for the desk, whatever the time), on, paused or over."""
        if self.is_over:
            return "over"
        if clock.waits(self.session):
            return "waits"
        run = clock.followed(self.session)
        return "before" if run is None else "paused" if run.paused_at else "on"


@dataclass(frozen=True, slots=True)
class MyRounds:
    """All that the page shows. `card` is the meeting to go to next, in words of `when`: now, next or first.

    `steps` are what is waited for from then on; none while the clock is paused, or the rounds wait for the desk.
    """

    event: Event
    empty_profile: bool
    first: Timed | None
    card: Round | None
    when: str
    earlier: list[Round]
    later: list[Round]
    others: list[Timed]
    programme: list[tuple[date, list[Session]]]
    steps: tuple[Step, ...] = ()

    @property
    def timed(self) -> list[Timed]:
        """All sessions with a published plan, one after the other."""
        held = [self.first, *self.others] if self.first else []
        return sorted(held, key=lambda timed: (timed.session.starts, timed.session.ends, timed.session.title))

    @property
    def clock(self) -> datetime:
        """A moment for which the distance of the venue's zone to universal time holds."""
        return self.first.session.starts if self.first else datetime.combine(self.event.starts_on, time(12))


def rounds_of(by: Actor, *, now: datetime, asking: bool = False) -> MyRounds:
    """Return the actor's rounds and programme, as things stand at `now` (with a zone).

    With `asking`, also with whom they may exchange contacts.
    """
    person, event = _who(by)
    wall = now.astimezone(event.zone).replace(tzinfo=None)
    mine, others = _sessions(person, event, now)
    if asking:
        asked = contacts.exchanges(person, event, [timed.session for timed in mine], now=now)
        mine = [replace(timed, exchange=asked.get(timed.session.id)) for timed in mine]
    first = _in_focus(mine, wall)
    card, when = _card(first, wall) if first else (None, "")
    listed = [held for held in first.rounds if held is not card] if first else []
    earlier = [held for held in listed if when in {"now", "next"} and card and held.number < card.number]
    return MyRounds(
        event=event,
        empty_profile=not person.interests,
        first=first,
        card=card,
        when=when,
        earlier=earlier,
        later=[held for held in listed if held not in earlier],
        others=[timed for timed in mine if timed is not first],
        programme=[(day, list(held)) for day, held in groupby(others, key=lambda session: session.starts.date())],
        steps=steps_of(first.talks, event, now) if first and first.state in {"before", "on"} else (),
    )


def _who(by: Actor) -> tuple[Person, Event]:
    event = programme.the_event()
    if by.person is None or event is None:
        raise NotFound
    return by.person, event


def _in_focus(mine: Sequence[Timed], wall: datetime) -> Timed | None:
    """The session that the desk runs, else the next; when all are over the last of today, else the first of all."""
    ahead = [timed for timed in mine if not timed.is_over and not timed.withdrew]
    running = [timed for timed in ahead if timed.state in {"on", "paused"}]
    today = [timed for timed in mine if timed.session.starts.date() == wall.date()]
    return next(iter(running or ahead or today[-1:] or mine), None)


def _card(first: Timed, wall: datetime) -> tuple[Round | None, str]:
    """The meeting to go to; none once the last is over. It leads on its day, and from when the desk can start."""
    if (wall + clock.EARLIEST).date() < first.session.day:
        return next(iter(first.talks), None), "first"
    if first.state == "waits":
        return next(iter(first.talks), None), "next"
    coming = next((held for held in first.talks if held.ends > wall), None)
    return coming, "now" if coming and coming.starts <= wall else "next"


def calendar_of(by: Actor, *, now: datetime | None = None) -> list[Entry]:
    """Return the actor's meetings as calendar entries; neutral ones where the event is discreet."""
    person, event = _who(by)
    mine, _programme = _sessions(person, event, now or datetime.now(UTC))
    return [_entry(person, event, timed, held) for timed in mine for held in timed.talks]


def _entry(person: Person, event: Event, timed: Timed, held: Round) -> Entry:
    assert held.talk is not None
    talk, session = held.talk, timed.session
    key = f"{person.public_id} {session.slug} {held.number}"
    summary = _("Round %(number)d · table %(table)s", number=held.number, table=talk.table)
    location = description = ""
    if shows("name", to="calendar", preset=event.preset):
        summary = _in_short(summary, talk)
        location = ", ".join(part for part in (session.room, event.venue) if part)
        description = "\n".join([titled(session.title), *_in_detail(talk)])
    run = session.run
    changed = [timed.plan.published_at or timed.plan.made_at, *([run.changed_at] if run else [])]
    return Entry(
        key=hashlib.sha256(key.encode()).hexdigest()[:32],
        starts=event.at_venue(held.starts),
        ends=event.at_venue(held.ends),
        summary=summary,
        # each version and each press at the desk may move it, and calendars take no step back
        version=(timed.plan.version or 0) + (run.revision if run else 0),
        noted_at=max(changed),
        location=location,
        description=description,
    )


def _in_short(place: str, talk: Talk) -> str:
    """The title of an entry: where and with whom; a tool table is known by its tool."""
    tool = next((one.about for one in talk.partners), "") if talk.format == "stations" and talk.visitors is None else ""
    if tool:
        return _("%(place)s · %(tool)s", place=place, tool=isolate(tool))
    names = ", ".join(isolate(partner.spelling or partner.name) for partner in talk.partners)
    return _("%(place)s · with %(names)s", place=place, names=names) if names else place


def _in_detail(talk: Talk) -> list[str]:
    """The lines of an entry: what somebody is asked about, who shows a tool, the language, who interprets."""
    lines = []
    for one in talk.partners:
        if one.about and talk.format == "stations":
            lines.append(_("Shown by %(name)s", name=isolate(one.spelling or one.name)))
        elif one.about:
            lines.append(one.about)
    lines += [language_name(talk.language)] if talk.language else []
    if talk.interpreter:
        name = isolate(talk.interpreter.spelling or talk.interpreter.name)
        lines.append(_("With %(name)s, who interprets", name=name))
    return lines


def _sessions(person: Person, event: Event, now: datetime) -> tuple[list[Timed], list[Session]]:
    """The sessions with a published plan that concern this person, and the rest of what they may attend."""
    sessions = programme.in_order()
    plans = {plan.session_id: plan for plan in db.session.scalars(PUBLISHED)}
    reader = Reader(person, event, list(plans.values()), now=now)
    older, answers = _tables_before(person, plans.values()), feedback.said_by(person)
    mine, gone = [], withdrawn(db.session(), person)
    for session in sessions:
        plan = plans.get(session.id)
        if plan and (may_attend(person, session) or reader.is_in(plan)):
            rounds, left = reader.rounds(session, plan), session.id in gone
            if left:
                rounds = _until(rounds, gone[session.id].last_round or 0)
            corrected = _corrected(rounds, older.get(session.id, {}), since=clock.begun(session, now))
            unmet = any(who == person.public_id for who, _host, _code in plan.quality.get("unmet", ()))
            course = clock.Course(session, now)
            ended = frozenset(held.number for held in rounds if course.has_ended(held.number))
            host = reader.visited_in(plan)
            mine.append(Timed(session, plan, rounds, now, host, corrected, unmet, answers, left, ended))
    shown = {timed.session.id for timed in mine}
    return mine, [session for session in sessions if session.id not in shown and may_attend(person, session)]


def _until(rounds: Iterable[Round], last: int) -> tuple[Round, ...]:
    """The rounds of somebody who has withdrawn after round `last`."""
    return tuple(one if one.number <= last else replace(one, talk=None, code="withdrew") for one in rounds)


def _tables_before(person: Person, plans: Iterable[Plan]) -> dict[int, dict[int, dict[int, str]]]:
    """The person's table in each round, by session and version: of the whole plan before and those that followed on it.

    Of sessions with a first version nobody asks.
    """
    wanted = [plan.session_id for plan in plans if (plan.version or 0) > 1]
    found: dict[int, dict[int, dict[int, str]]] = {}
    if not wanted:
        return found
    whole = aliased(Plan)
    last_whole = select(func.max(whole.version)).where(
        whole.session_id == Plan.session_id, whole.open_from == 0, whole.state == "replaced"
    )
    older = (
        Plan.session_id.in_(wanted),
        Plan.state == "replaced",
        Plan.version >= last_whole.scalar_subquery(),
    )
    seats = (
        select(Plan.session_id, Plan.version, Meeting.round_no, Meeting.table)
        .join(Meeting, Meeting.plan_id == Plan.id)
        .join(Seat, Seat.meeting_id == Meeting.id)
        .where(Seat.person_id == person.id, *older)
    )
    rests = (
        select(Plan.session_id, Plan.version, Rest.round_no, literal(""))
        .join(Rest, Rest.plan_id == Plan.id)
        .where(Rest.person_id == person.id, *older)
    )
    for session_id, version, number, table in db.session.execute(union_all(seats, rests)):
        found.setdefault(session_id, {}).setdefault(version or 0, {})[number] = table
    return found


def _corrected(rounds: Sequence[Round], older: Mapping[int, Mapping[int, str]], *, since: int) -> tuple[Corrected, ...]:
    """The rounds, from the one that runs on, that are at another table than on a card of some version before."""
    known = [held for held in rounds if held.code not in ("away", "withdrew") and not held.deserted]
    now = {held.number: held.talk.table if held.talk else "" for held in known}
    found = []
    for number, table in now.items():
        said = [older[version].get(number, "") for version in sorted(older, reverse=True)]
        wrong = [was for was in said if was != table]
        if wrong and number >= since:
            found.append(Corrected(number, table, wrong[0]))
    return tuple(found)
