"""Specialists whom people would like to see: who may be chosen, what was chosen, what a plan could not grant."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, object_session

from webapp.db import db
from webapp.errors import BadInput
from webapp.models import Event, Host, HostWish, Person, Plan, Session
from webapp.operations.guests.hosts import may_be_wished
from webapp.operations.words.titles import titled
from webapp.policy import shows

MOST_WISHED_HOSTS = 3
WISH = "wish-"
Wished = tuple[tuple[str, tuple[str, ...]], ...]
"""The slug of each session and the public ids of its specialists, the most wished first."""


@dataclass(frozen=True, slots=True)
class Specialist:
    """Somebody who may be wished for; no name where the event is discreet and their subject says enough.

    Nor is there a note then: it may name them.
    """

    public_id: str
    name: str
    about: str
    note: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnmetWishes:
    """Somebody and the specialists whom a plan does not let them see, each with a code of why."""

    person: Person
    wishes: tuple[tuple[Host, str], ...]


def specialists(event: Event, person: Person, slugs: Collection[str]) -> dict[str, list[Specialist]]:
    """Return who may be wished for in each of these sessions, by slug, in the session's order; never oneself."""
    found = select(Host, Session.slug).join(Host.session).where(Session.slug.in_(slugs), Session.format == "clinics")
    lists: dict[str, list[Specialist]] = defaultdict(list)
    if not slugs:
        return lists
    found = found.options(joinedload(Host.person)).order_by(Host.position, Host.id)
    for host, slug in db.session.execute(found):
        if may_be_wished(host, person):
            lists[slug].append(told(event, host))
    return lists


def told(event: Event, host: Host) -> Specialist:
    """Return what somebody may read of a specialist before they meet."""
    topics = tuple(titled(topic.title) for topic in host.topics)
    title = titled(host.title)
    about = title or (topics[0] if topics else "")
    named = not about or shows("hosting", to="others", preset=event.preset)
    note = titled(host.note) if shows("about", to="others", preset=event.preset) else ""
    languages = tuple(one.code for one in host.languages)
    name = host.name if named else about
    return Specialist(host.public_id, name, "" if name == title else title, note, topics, languages)


def wished_by(person: Person) -> Wished:
    """Return whom a person would like to see, session by session in the order of the programme."""
    rows = object_session(person)
    wanted = [wish.host_id for wish in person.host_wishes]
    if not wanted or rows is None:
        return ()
    found = select(Session.slug, Host.id, Host.public_id).join(Host.session).where(Host.id.in_(wanted))
    told = rows.execute(found.where(Session.format == "clinics").order_by(Session.starts, Session.id)).all()
    lists: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for slug, row, public_id in told:
        lists[slug].append((wanted.index(row), public_id))
    return tuple((slug, tuple(one for _at, one in sorted(held))) for slug, held in lists.items())


def write(rows: Rows, person: Person, wished: Wished) -> None:
    """Keep what was chosen; refuse somebody who is there no more. Wishes of sessions without specialists stay."""
    of_clinics = select(Host).join(Host.session).where(Session.format == "clinics")
    named = [public_id for _slug, chosen in wished for public_id in chosen]
    hosts = {host.public_id: host for host in rows.scalars(of_clinics.where(Host.public_id.in_(named)))}
    for slug, chosen in wished:
        for at, public_id in enumerate(chosen, start=1):
            if public_id not in hosts:
                raise BadInput("", field_name(slug, at))
    shown = set(rows.scalars(of_clinics.with_only_columns(Host.id)))
    known = {wish.host_id: wish for wish in person.host_wishes}
    kept = [wish for wish in person.host_wishes if wish.host_id not in shown]
    for at, public_id in enumerate(dict.fromkeys(named)):
        row = hosts[public_id].id
        wish = known.get(row) or HostWish(host_id=row)
        wish.position = at
        kept.append(wish)
    person.host_wishes = kept


def field_name(slug: str, rank: int) -> str:
    """Return how the form calls the field for a wish of this rank."""
    return f"{WISH}{slug}-{rank}"


def unmet(plan: Plan) -> list[UnmetWishes]:
    """Return the wishes for specialists that a plan does not grant, by Latin spelling; for the desk alone.

    The codes were taken when the plan was made. Everything that a keep-apart entry does is `not_possible`, as are
    colleagues, people who have met before, and what else a rule forbids.
    """
    told: Sequence[tuple[str, str, str]] = plan.quality.get("unmet", ())
    whose, whom = {who for who, _host, _code in told}, {host for _who, host, _code in told}
    people = {one.public_id: one for one in db.session.scalars(select(Person).where(Person.public_id.in_(whose)))}
    hosts = {one.public_id: one for one in db.session.scalars(select(Host).where(Host.public_id.in_(whom)))}
    found: Mapping[str, list[tuple[Host, str]]] = defaultdict(list)
    for who, host, code in told:
        if who in people and host in hosts:
            found[who].append((hosts[host], code))
    lines = [UnmetWishes(people[who], tuple(wishes)) for who, wishes in found.items()]
    return sorted(lines, key=lambda one: (one.person.sort_name, one.person.number))
