"""Who is visited: specialists of clinics and tool tables of stations, as an organiser sets them up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models import Host, HostLanguage, Interest, Person, Session
from webapp.models.programme import HOSTED
from webapp.operations.event import organisations
from webapp.operations.event.programme import discard_drafts, only_organisers, session_called
from webapp.operations.guests import apart
from webapp.operations.words import titles
from webapp.operations.words.spelling import same_words


@dataclass(frozen=True, slots=True)
class HostValues:
    """What an organiser says about a host.

    `number` is the event number of a host who is also a participant, `away` holds the rounds without them; languages
    with the best first, topics as slugs.
    """

    name: str
    latin: str
    title: str
    note: str
    organisation: str
    number: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    table: str
    places: int
    min_places: int
    away: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many can be served: hosts × slots × places; `room` is what the fullest moment has to make do with.

    `slots_each` and `places_each` are 0 where hosts differ.
    """

    hosts: int
    slots: int
    talks: int
    room: int
    slots_each: int
    places_each: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Hosts of a session who are needed in another at the same time: `guests` there, or hosts there too (`twice`)."""

    kind: str
    count: int
    session: Session
    other: Session


def visited(slug: str) -> Session:
    """Return the session with this slug, where it is one with hosts."""
    session = session_called(slug)
    if session.format not in HOSTED:
        raise NotFound
    return session


def hosts_of(session: Session) -> Sequence[Host]:
    """Return who is visited in a session, in their order, with all that lists show."""
    return db.session.scalars(
        select(Host)
        .where(Host.session_id == session.id)
        .options(
            joinedload(Host.organisation),
            joinedload(Host.person),
            selectinload(Host.languages),
            selectinload(Host.topics),
        )
        .order_by(Host.position, Host.id)
    ).all()


def may_be_wished(host: Host, person: Person) -> bool:
    """Return whether a person is offered this specialist; whom they chose before they keep, whatever became of them."""
    if host.person_id == person.id:
        return False
    gone = host.gone_from == 1 or (host.person is not None and host.person.left_at is not None)
    return not gone or any(wish.host_id == host.id for wish in person.host_wishes)


def how_many(session: Session) -> int:
    """Return how many hosts a session has."""
    return db.session.scalar(select(func.count()).select_from(Host).where(Host.session_id == session.id)) or 0


def host_called(session: Session, public_id: str) -> Host:
    """Return the host with this public id, where it is one of the session's."""
    found = db.session.scalar(select(Host).where(Host.public_id == public_id, Host.session_id == session.id))
    if found is None:
        raise NotFound
    return found


def rounds_of(host: Host, session: Session) -> list[int]:
    """Return the rounds in which a host is there."""
    return [number for number in range(1, session.rounds + 1) if number not in host.missed_in(session)]


def capacity(session: Session, hosts: Sequence[Host]) -> Capacity:
    """Return how many talks or visits a session's hosts can give."""
    slots = [len(rounds_of(host, session)) for host in hosts]
    places = [host.places for host in hosts]
    at_once = [
        sum(host.places for host in hosts if number not in host.missed_in(session))
        for number in range(1, session.rounds + 1)
    ]
    return Capacity(
        hosts=len(hosts),
        slots=sum(slots),
        talks=sum(slot * place for slot, place in zip(slots, places, strict=True)),
        room=min(at_once, default=0),
        slots_each=slots[0] if len(set(slots)) == 1 else 0,
        places_each=places[0] if len(set(places)) == 1 else 0,
    )


def add_host(session_slug: str, values: HostValues, *, by: Actor, told: titles.Told | None = None) -> str:
    """Add a host at the end of a session's list; return the public id. What was drafted without them is thrown away.

    `told` is what their title and note are in other languages, as it is where a host is changed.
    """
    only_organisers(by)
    with transaction() as rows:
        session = visited(session_slug)
        _refuse(rows, session, values)
        last = rows.scalar(select(func.max(Host.position)).where(Host.session_id == session.id)) or 0
        host = Host(session_id=session.id, position=last + 1)
        _fill(rows, host, values)
        rows.add(host)
        discard_drafts(rows, [session.id])
        rows.flush()
        titles.write(rows, told or {})
        return host.public_id


def change_host(
    session_slug: str, public_id: str, values: HostValues, *, seen: int, by: Actor, told: titles.Told | None = None
) -> None:
    """Change a host, if nobody has saved after revision `seen`.

    What is published stays as it is; a draft that rests on what was changed is thrown away.
    """
    only_organisers(by)
    with transaction() as rows:
        session = visited(session_slug)
        host = host_called(session, public_id)
        if host.revision != seen:
            raise NotNow(overtaken())
        _refuse(rows, session, values, but=host)
        apart.pin(rows)
        before, named = _planned_by(host), host.organisation_id
        _fill(rows, host, values)
        host.revision += 1
        rows.flush()
        if _planned_by(host) != before:
            discard_drafts(rows, [session.id])
        organisations.forget_unnamed(rows, [named])
        titles.write(rows, told or {})


def overtaken() -> str:
    """Return what is said to whoever saves after somebody else."""
    return _("Somebody else saved this in the meantime. Look at what stands here; save again to keep it.")


def remove_host(session_slug: str, public_id: str, *, by: Actor) -> None:
    """Take a host off a session's list, and what was drafted with them."""
    only_organisers(by)
    with transaction() as rows:
        session = visited(session_slug)
        host = host_called(session, public_id)
        named = host.organisation_id
        apart.pin(rows)
        rows.execute(delete(Host).where(Host.id == host.id))
        discard_drafts(rows, [session.id])
        organisations.forget_unnamed(rows, [named])
        titles.forget_unused(rows)


def _planned_by(host: Host) -> tuple[object, ...]:
    """Return all of a host that a plan rests on."""
    languages = tuple(language.code for language in host.languages)
    topics = frozenset(topic.id for topic in host.topics)
    return (
        host.person_id, host.organisation_id, host.table, host.places, host.min_places, tuple(host.away), languages,
        topics,
    )  # fmt: skip


def _fill(rows: Rows, host: Host, values: HostValues) -> None:
    for name in ("name", "latin", "title", "note", "table", "places", "min_places"):
        setattr(host, name, getattr(values, name))
    host.away = sorted(values.away)
    host.organisation = organisations.called(rows, values.organisation) if values.organisation else None
    host.person = rows.scalar(select(Person).where(Person.number == values.number)) if values.number else None
    host.topics = list(rows.scalars(select(Interest).where(Interest.slug.in_(values.topics))))
    held = {language.code: language for language in host.languages}
    host.languages = [held.get(code) or HostLanguage(code=code) for code in values.languages]
    for at, language in enumerate(host.languages):
        language.position = at


def _refuse(rows: Rows, session: Session, values: HostValues, *, but: Host | None = None) -> None:
    """Refuse what cannot stand beside the other hosts of the session, or with its rounds."""
    if set(values.away) >= set(range(1, session.rounds + 1)):
        raise BadInput(_("Tick at least one round: nobody can visit whoever is never there."), "rounds")
    others = [one for one in hosts_of(session) if but is None or one.id != but.id]
    _refuse_same_host(others, values)
    if values.number:
        _refuse_number(rows, others, values.number)


def _refuse_same_host(others: Iterable[Host], values: HostValues) -> None:
    for other in others:
        if same_words(other.name, values.name) and same_words(other.title, values.title):
            raise BadInput(
                _(
                    "%(name)s stands in this list already, with the same words. If this is somebody else, add "
                    "something to the name.",
                    name=isolate(other.name),
                ),
                "name",
            )
        if values.table and same_words(other.table, values.table):
            sentence = _("%(name)s sits at table %(table)s already.", name=isolate(other.name), table=other.table)
            raise BadInput(sentence, "table")


def _refuse_number(rows: Rows, others: Iterable[Host], number: str) -> None:
    if rows.scalar(select(Person.id).where(Person.number == number)) is None:
        raise BadInput(_("Nobody on the list of people has the event number %(number)s.", number=number), "number")
    for other in others:
        if other.person is not None and other.person.number == number:
            raise BadInput(
                _("%(name)s in this list has the event number %(number)s.", name=isolate(other.name), number=number),
                "number",
            )


def by_session() -> dict[int, list[Host]]:
    """Return all hosts by the row id of their session, with their languages at hand."""
    found: dict[int, list[Host]] = {}
    for host in db.session.scalars(select(Host).options(selectinload(Host.languages)).order_by(Host.id)):
        found.setdefault(host.session_id, []).append(host)
    return found


def clashes(
    timed: Sequence[Session], held: Mapping[int, Sequence[Host]], may_come: Mapping[str, frozenset[int]]
) -> Iterator[Clash]:
    """Yield where participants who are hosts are needed twice at one time, by pairs of sessions."""
    for one, other in combinations(timed, 2):
        if not (one.starts < other.ends and other.starts < one.ends):
            continue
        ours, theirs = (_spans(session, held) for session in (one, other))
        twice = {person for person in ours.keys() & theirs.keys() if _meet(ours[person], theirs[person])}
        if twice:
            yield Clash("twice", len(twice), one, other)
        for session, spans, elsewhere in ((one, ours, other), (other, theirs, one)):
            hosting = theirs if elsewhere is other else ours
            guests = may_come[elsewhere.slug] - hosting.keys()
            needed = {p for p in spans.keys() & guests if _meet(spans[p], [(elsewhere.starts, elsewhere.ends)])}
            if needed:
                yield Clash("guests", len(needed), session, elsewhere)


Spans = list[tuple[datetime, datetime]]


def _spans(session: Session, held: Mapping[int, Sequence[Host]]) -> dict[int, Spans]:
    """Return when each participant among a session's hosts is at their table."""
    hosts = held.get(session.id, ()) if session.format in HOSTED else ()
    return {
        host.person_id: [(session.round_starts(n), session.round_ends(n)) for n in rounds_of(host, session)]
        for host in hosts
        if host.person_id is not None
    }


def _meet(ours: Spans, theirs: Spans) -> bool:
    return any(start < until and begin < end for start, end in ours for begin, until in theirs)
