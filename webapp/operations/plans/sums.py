"""What follows from how a session is set up: the arithmetic of the room, in whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.models import Session
from webapp.operations.event.tables import tables_needed
from webapp.operations.guests.hosts import capacity

LEAST_GROUP, MOST_GROUP = 6, 8


@dataclass(frozen=True, slots=True)
class Sum:
    """One thing that follows; `look` where the organiser should look here. `code` says which, `numbers` fill it in."""

    code: str
    numbers: dict[str, int] = field(default_factory=dict)
    look: bool = False


def sums(session: Session, people: int) -> list[Sum]:
    """Return what follows for a session to which so many people may come."""
    follows = {"pairs": _pairs, "clinics": _clinics, "stations": _stations, "circles": _circles}.get(session.format)
    return list(follows(session, people)) if follows and people > 1 else []


def _tables(session: Session, people: int) -> Sum:
    needed, there = tables_needed(session.format, people, session.size), len(session.tables)
    return Sum(
        "tables", {"people": people, "needed": needed, "there": there, "size": session.size}, look=there < needed
    )


def _pairs(session: Session, people: int) -> Iterator[Sum]:
    yield _tables(session, people)
    if people % 2 and session.rounds <= people:
        yield Sum("odd", {"people": people, "rounds": session.rounds})
    met = min(session.rounds, session.limit or session.rounds, people - 1)
    yield Sum("met", {"met": met, "others": people - 1, "percent": round(100 * met / (people - 1))})


def _clinics(session: Session, people: int) -> Iterator[Sum]:
    hosts = session.hosts
    if not hosts:
        return
    talks = capacity(session, hosts).talks
    served = min(talks, people)
    numbers = {"hosts": len(hosts), "talks": talks, "people": people, "served": served, "waiting": people - served}
    yield Sum("talks", numbers)


def _stations(session: Session, people: int) -> Iterator[Sum]:
    hosts = session.hosts
    if not hosts:
        return
    most = -(-people // len(hosts))
    yield Sum("at_a_table", {"people": people, "hosts": len(hosts), "most": most})
    if most > MOST_GROUP:
        numbers = {"least": -(-people // MOST_GROUP), "most": -(-people // LEAST_GROUP)}
        numbers["waves"] = -(-people // (MOST_GROUP * len(hosts)))
        yield Sum("crowded", numbers | {"from": LEAST_GROUP, "to": MOST_GROUP}, look=True)
    places = capacity(session, hosts).room
    if places < people:
        yield Sum("places", {"places": places, "people": people, "free": people - places}, look=True)
    if session.rounds > len(hosts):
        yield Sum("rounds", {"rounds": session.rounds, "hosts": len(hosts)}, look=True)


def _circles(session: Session, people: int) -> Iterator[Sum]:
    yield _tables(session, people)
    seen = session.rounds * (session.size - 1)
    yield Sum("seen", {"seen": min(seen, people - 1), "others": people - 1})
    if seen > people - 1:
        yield Sum("again", {"seen": seen, "others": people - 1}, look=True)
