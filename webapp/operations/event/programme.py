"""The event and its sessions: what an organiser sets up before anybody comes."""

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import OFFICE, Actor, audience_of
from webapp.db import db, read_once, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange.seed import read_conference
from webapp.i18n import gettext as _
from webapp.models import Event, Host, Person, Plan, Region, RegionCountry, Session, Table
from webapp.models.programme import FEATURES
from webapp.operations.event import organisations, retention
from webapp.operations.words import titles
from webapp.operations.words.spelling import same_words

RESERVED = "new"
IN_ORDER = select(Session).order_by(Session.starts, Session.ends, Session.title)
YEARS = range(2000, 2101)
LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class EventValues:
    """What an organiser says about the event."""

    title: str
    venue: str
    time_zone: str
    starts_on: date
    ends_on: date
    delete_on: date
    preset: str
    working_languages: tuple[str, ...]
    host_language: str | None
    exit_to: str = ""


@dataclass(frozen=True, slots=True)
class SessionValues:
    """What an organiser says about a session; `region` is the slug of the audience's region where it is one."""

    title: str
    summary: str
    format: str
    room: str
    starts: datetime
    ends: datetime
    audience: str
    region: str | None
    rounds: int
    round_minutes: int
    change_minutes: int
    break_after: tuple[int, ...]
    break_minutes: int
    must_attend: bool
    limit: int | None
    size: int
    move: str
    same_organisation: str
    shared_language: bool
    regions: str
    tables: tuple[str, ...]


def only_organisers(by: Actor) -> None:
    """Refuse everybody but organisers; a second lock behind the table of routes."""
    if by.role not in OFFICE:
        raise NotFound


def the_event() -> Event | None:
    """Return the event, None before anybody has described it."""
    return read_once("event", lambda: db.session.get(Event, 1))


def in_order() -> Sequence[Session]:
    """Return all sessions in the order of the programme, with how their rounds run."""
    return read_once("sessions", lambda: db.session.scalars(IN_ORDER).all())


def save_event(values: EventValues, *, by: Actor) -> None:
    """Describe the event or change what was said; a new event starts with the usual regions of the world."""
    only_organisers(by)
    with transaction() as rows:
        event = rows.get(Event, 1)
        _refuse_wrong_day(event, values)
        if event is None:
            _add_usual_regions(rows)
            event = Event(id=1)
        for name, value in asdict(values).items():
            setattr(event, name, list(value) if name == "working_languages" else value)
        rows.add(event)


def _refuse_wrong_day(event: Event | None, values: EventValues) -> None:
    decides = ("ends_on", "delete_on", "preset", "time_zone")
    if event is not None and all(getattr(event, name) == getattr(values, name) for name in decides):
        return
    wrong = retention.wrong_day(
        values.delete_on, ends_on=values.ends_on, preset=values.preset, time_zone=values.time_zone
    )
    if wrong:
        raise BadInput(wrong, "delete_on")


def _add_usual_regions(rows: Rows) -> None:
    if rows.scalar(select(Region.id).limit(1)) is not None:
        return
    usual = read_conference()
    for at, row in enumerate(usual.regions):
        countries = [RegionCountry(country=code) for code in row.countries]
        rows.add(Region(slug=row.slug, title=row.title, position=at, countries=countries))
    titles.write(rows, {row.title: usual.called(row.title) for row in usual.regions})


def regions() -> Sequence[Region]:
    """Return the regions in their order."""
    return db.session.scalars(select(Region).order_by(Region.position, Region.id)).all()


def sessions() -> Sequence[Session]:
    """Return the programme in the order of time, with tables and audiences at hand."""
    return db.session.scalars(
        select(Session)
        .options(selectinload(Session.tables), joinedload(Session.audience_region))
        .order_by(Session.starts, Session.ends, Session.id)
    ).all()


def session_called(slug: str) -> Session:
    """Return the session with this slug."""
    found = db.session.scalar(select(Session).where(Session.slug == slug))
    if found is None:
        raise NotFound
    return found


def everybody() -> Sequence[Person]:
    """Return all people with what audiences are decided by."""
    return db.session.scalars(select(Person).options(selectinload(Person.regions)).order_by(Person.id)).all()


def audiences(programme: Iterable[Session], people: Sequence[Person]) -> dict[str, frozenset[int]]:
    """Return for each session's slug the row ids of those who may come."""
    return {session.slug: frozenset(person.id for person in audience_of(session, people)) for session in programme}


def published_versions() -> dict[str, str]:
    """Return the letter of the published version for the slug of each session that has one."""
    found = db.session.execute(select(Plan, Session.slug).join(Plan.session).where(Plan.state == "published"))
    return {slug: plan.letter for plan, slug in found}


def has_draft(session: Session) -> bool:
    """Return whether a draft of a plan waits for the session."""
    draft = select(Plan.id).where(Plan.session_id == session.id, Plan.state == "draft", ~Plan.trial)
    return db.session.scalar(draft) is not None


def discard_drafts(rows: Rows, sessions: Iterable[int]) -> None:
    """Throw away what was drafted and tried for these sessions; what is published stays."""
    rows.execute(delete(Plan).where(Plan.session_id.in_(list(sessions)), Plan.state == "draft"))


def add_session(values: SessionValues, *, by: Actor, told: titles.Told | None = None) -> str:
    """Add a session to the programme; return its slug, which is made from the title and stays."""
    only_organisers(by)
    with transaction() as rows:
        _refuse_same_title(rows, values.title)
        taken = set(rows.scalars(select(Session.slug)))
        session = Session(event_id=1, slug=make_slug(values.title, taken=taken, otherwise="session"))
        _fill(rows, session, values)
        rows.add(session)
        rows.flush()
        _set_tables(rows, session, values.tables)
        titles.write(rows, told or {})
        return session.slug


def change_session(slug: str, values: SessionValues, *, by: Actor, told: titles.Told | None = None) -> None:
    """Change a session, and what its words are `told` in other languages.

    A published version stays as it is; a draft made for other rules is thrown away.
    """
    only_organisers(by)
    with transaction() as rows:
        session = session_called(slug)
        _refuse_same_title(rows, values.title, but=session)
        if session.format != values.format and _was_published(rows, session):
            raise BadInput(
                _("A plan of this session is published, so its format stays. Add a new session instead."), "format"
            )
        before = _planned_by(session)
        _fill(rows, session, values)
        _set_tables(rows, session, values.tables)
        titles.write(rows, told or {})
        if _planned_by(session) != before:
            discard_drafts(rows, [session.id])


def remove_session(slug: str, *, by: Actor) -> None:
    """Take a session off the programme, tables and drafts with it; refused once a plan was published."""
    only_organisers(by)
    with transaction() as rows:
        session = session_called(slug)
        if _was_published(rows, session):
            raise NotNow(
                _(
                    "A plan of this session is published and people hold cards for it, so it stays. If it does not "
                    "take place, say so in its title and tell people at the desk."
                )
            )
        named = set(rows.scalars(select(Host.organisation_id).where(Host.session_id == session.id)))
        rows.execute(delete(Session).where(Session.id == session.id))
        organisations.forget_unnamed(rows, named)
        titles.forget_unused(rows)


def _was_published(rows: Rows, session: Session) -> bool:
    return rows.scalar(select(Plan.id).where(Plan.session_id == session.id, Plan.version.is_not(None))) is not None


def _planned_by(session: Session) -> tuple[object, ...]:
    """Return all that a plan of the session rests on."""
    tables = tuple(table.name for table in session.tables)
    return (
        session.format, session.rounds, session.starts, session.timing, session.size, session.move, session.limit,
        session.audience, session.audience_region_id, session.same_organisation, session.shared_language,
        session.regions, tables,
    )  # fmt: skip


def _fill(rows: Rows, session: Session, values: SessionValues) -> None:
    region = rows.scalar(select(Region).where(Region.slug == values.region)) if values.region else None
    if (values.audience == "region") != (region is not None):
        raise BadInput(_("Choose who may come once more; this region is no longer there."), "audience")
    session.audience, session.audience_region_id = values.audience, region.id if region else None
    for name, value in asdict(values).items():
        if name not in {"audience", "region", "tables"}:
            setattr(session, name, list(value) if name == "break_after" else value)


def _set_tables(rows: Rows, session: Session, names: Sequence[str]) -> None:
    """Give the session these tables; a table that keeps its name keeps its part of the room and what it is like."""
    if [table.name for table in session.tables] == list(names):
        return
    known = {
        table.name: {name: getattr(table, name) for name in ("zone", "gone_from", *FEATURES)}
        for table in session.tables
    }
    session.tables.clear()
    rows.flush()
    session.tables.extend(Table(name=name, position=at, **known.get(name, {})) for at, name in enumerate(names, 1))
    rows.flush()


def _refuse_same_title(rows: Rows, title: str, *, but: Session | None = None) -> None:
    titles = rows.execute(select(Session.id, Session.title))
    if any(same_words(title, other) and (but is None or but.id != row) for row, other in titles):
        raise BadInput(_("There is a session with this title already; give this one a title of its own."), "title")


def make_slug(title: str, *, taken: Container[str], otherwise: str) -> str:
    """Return a name for addresses made from the title's Latin letters and digits, unlike those taken."""
    plain = unicodedata.normalize("NFKD", title.replace("'", "")).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
    slug, number = words or otherwise, 1
    while slug in taken or slug == RESERVED:
        number += 1
        slug = f"{words or otherwise}-{number}"
    return slug
