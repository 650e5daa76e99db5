"""What is still missing before the event can start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import Event, Interest, Person, Session
from webapp.models.programme import HOSTED
from webapp.operations.event import programme
from webapp.operations.event.tables import tables_needed
from webapp.operations.guests import hosts, people


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the checklist; `code` says which, the other fields are its values."""

    code: str
    done: bool
    count: int = 0
    session: Session | None = None
    other: Session | None = None
    needed: int = 0


def checklist() -> list[Point]:
    """Return every point, in the order in which an event is set up; the same few queries however long the lists."""
    event, listed = programme.the_event(), programme.sessions()
    may_come = programme.audiences(listed, programme.everybody())
    timed = [session for session in listed if session.format != "plain"]
    return [
        Point("event", event is not None),
        *([Point("delete_on", done=True)] if event else []),
        *_interests(),
        *_people(),
        Point("sessions", bool(timed), count=len(timed)),
        *_outside(event, listed),
        *_tables(timed, may_come),
        *_hosts(timed, may_come),
        *_overlaps(listed, may_come),
    ]


def _interests() -> Iterator[Point]:
    offered = select(func.count()).select_from(Interest).where(Interest.retired.is_(False))
    count = db.session.scalar(offered) or 0
    yield Point("interests", count > 0, count=count)


def _people() -> Iterator[Point]:
    count = db.session.scalar(select(func.count()).select_from(Person)) or 0
    yield Point("people", count > 0, count=count)
    if count:
        for what in ("profile", "language"):
            lacking = people.how_many_lack(what)
            yield Point(what, lacking == 0, count=lacking)


def _outside(event: Event | None, listed: Sequence[Session]) -> Iterator[Point]:
    for session in listed:
        if event and not event.starts_on <= session.starts.date() <= session.ends.date() <= event.ends_on:
            yield Point("outside", done=False, session=session)


def _tables(timed: Sequence[Session], may_come: Mapping[str, frozenset[int]]) -> Iterator[Point]:
    for session in timed:
        count = len(may_come[session.slug])
        needed, there = tables_needed(session.format, count, session.size), len(session.tables)
        if session.format in {"pairs", "circles"}:
            yield Point("tables", there >= max(needed, 1), count=count, session=session, needed=needed)


def _hosts(timed: Sequence[Session], may_come: Mapping[str, frozenset[int]]) -> Iterator[Point]:
    held = hosts.by_session()
    for session in (session for session in timed if session.format in HOSTED):
        listed = held.get(session.id, [])
        yield Point("hosts", bool(listed), count=len(listed), session=session)
        lacking = {
            "host_languages": sum(session.shared_language and not host.languages for host in listed),
            "host_tables": sum(not host.table for host in listed),
            "host_rounds": sum(not hosts.rounds_of(host, session) for host in listed),
        }
        yield from (Point(code, done=False, count=n, session=session) for code, n in lacking.items() if n)
    for clash in hosts.clashes(timed, held, may_come):
        yield Point(f"host_{clash.kind}", done=False, count=clash.count, session=clash.session, other=clash.other)


def _overlaps(listed: Sequence[Session], may_come: Mapping[str, frozenset[int]]) -> Iterator[Point]:
    """Sessions at one time that the same people are to come to; a plain one counts where it must be attended."""
    binding = [session for session in listed if session.format != "plain" or session.must_attend]
    for pair in combinations(binding, 2):
        one, other = sorted(pair, key=lambda session: session.format == "plain")
        both = may_come[one.slug] & may_come[other.slug]
        if both and one.starts < other.ends and other.starts < one.ends:
            code = "missed" if one.format != "plain" == other.format else "overlap"
            yield Point(code, done=False, count=len(both), session=one, other=other)
