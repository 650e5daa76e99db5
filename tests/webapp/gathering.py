"""Small gatherings of every format, whose every name is a word of its own, and what their published rows say."""

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.webapp import factories as make
from tests.webapp.test_bridge import BY
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import db
from webapp.models import Event, Host, Interest, Interpreter, Meeting, Person, PersonInterest, Plan, Session
from webapp.operations.plans import planning
from webapp.operations.plans.talks import MOST_TOPICS

KINDS = ("pairs", "clinics", "stations", "groups", "circles")
WORD = re.compile(r"(?:guest|host|voice|house|tool|topic)\d\d")
PEOPLE, ROUNDS = 9, 3


@dataclass(frozen=True)
class Said:
    """What rows say of one person in one round: the table, and the words for each kind of thing."""

    table: str
    names: frozenset[str]
    houses: frozenset[str]
    tools: frozenset[str]
    voices: frozenset[str]
    topics: frozenset[str]
    hosting: bool = False


def words_in(text: str) -> frozenset[str]:
    """Everybody and everything that a text names."""
    return frozenset(WORD.findall(text))


def gather(kind: str, seed: int, *, preset: str = "open") -> int:
    """Store people, tables, hosts and interpreters as chance has it; return the session's row id."""
    chance = random.Random(seed)
    topics = [make.interest(slug=f"t{at}", title=f"topic{at:02}") for at in range(5)]
    session = make.session(
        slug="s",
        title="Gathering",
        format="stations" if kind == "groups" else kind,
        move="groups" if kind == "groups" else "each",
        rounds=ROUNDS,
        size=3,
        tables=make.tables("1", "2", "3", "4", "5") if kind in {"pairs", "circles"} else [],
    )
    make.store(make.event(preset=preset), session, *topics)
    tongues: tuple[tuple[str, ...], ...] = (
        (("en",), ("en", "fr"), ("fr",)) if kind in {"pairs", "clinics"} else (("en",),)
    )
    people = [_guest(at, chance.choice(tongues), topics, chance) for at in range(PEOPLE)]
    make.store(*people)
    if kind in {"clinics", "stations", "groups"}:
        places = {"clinics": 1}.get(kind, 3)
        hosts = [
            _host(at, session, places=places, languages=chance.choice(tongues))
            for at in range(2 if kind == "clinics" else 3)
        ]
        for host in hosts:
            host.topics = chance.sample(topics, 2)
        hosts[0].person = people[0]
        make.store(*hosts)
    if kind in {"pairs", "clinics"}:
        voice = make.interpreter(name="Голос", latin="voice00", languages=("en", "fr"), sessions=[session])
        make.store(voice)
    return session.id


def _guest(at: int, languages: tuple[str, ...], topics: list[Interest], chance: random.Random) -> Person:
    house = make.organisation(name=f"house{at:02}")
    person = make.person(name=f"guest{at:02}", latin=f"guest{at:02}", languages=languages, organisation=house)
    person.interests = [
        PersonInterest(interest=topic, side=side)
        for topic in topics
        for side in ("offers", "seeks")
        if chance.random() < 0.5
    ]
    return person


def _host(at: int, session: Session, *, places: int, languages: tuple[str, ...]) -> Host:
    return make.host(
        session=session,
        name="Хозяин",
        latin=f"host{at:02}",
        title=f"tool{at:02}",
        organisation=make.organisation(name=f"house{50 + at}"),
        places=places,
        languages=languages,
    )


def publish(session_id: int, seed: int = 0) -> Plan:
    """Plan and publish; return the published version."""
    planning.make_plan(session_id, by=BY, seed=seed)
    planning.publish(session_id, by=BY)
    found = planning.find_plan(session_id, "published")
    assert found is not None
    return found


def laid(migrated: Path, folder: Path, work: Callable[[], object]) -> Path:
    """Copy a data folder and do some work in it, so that many tests may start from what it leaves."""
    shutil.copytree(migrated, folder)
    with create_app(from_env(data=folder, testing=True)).app_context():
        work()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return folder


def said_to(person: Person, plan: Plan) -> dict[int, Said]:
    """What the published rows say of one person, by round: read row by row, without the code under test."""
    found = {}
    for meeting in db.session.query(Meeting).filter_by(plan_id=plan.id):
        seated = [seat.person for seat in meeting.seats]
        host = db.session.query(Host).filter_by(public_id=meeting.host).one_or_none() if meeting.host else None
        if person in seated:
            found[meeting.round_no] = _said(meeting, person, seated, host)
        elif host is not None and host.person_id == person.id:
            found[meeting.round_no] = _hosting(meeting, seated)
    return found


def _said(meeting: Meeting, person: Person, seated: list[Person], host: Host | None) -> Said:
    others = [one for one in seated if one is not person]
    if meeting.host is not None:
        met: list[Person | Host] = [host] if host else []
        pairs = {(None, person.id)} if host else set()
    else:
        met = list(others)
        pairs = {pair for one in others for pair in ((person.id, one.id), (one.id, person.id))}
    told = [
        reason["topic"]
        for reason in meeting.reasons
        if reason["code"] == "offer_meets_need" and (reason["giver"], reason["taker"]) in pairs
    ]
    first = list(dict.fromkeys(told))[:MOST_TOPICS]
    titles = {topic.slug: topic.title for topic in db.session.query(Interest)}
    return Said(
        table=meeting.table,
        names=frozenset(one.latin for one in met),
        houses=frozenset(one.organisation.name for one in met if one.organisation),
        tools=frozenset([host.title] if host else []),
        voices=_voices(meeting),
        topics=frozenset(titles[slug] for slug in first),
    )


def _hosting(meeting: Meeting, seated: list[Person]) -> Said:
    names = frozenset(one.latin for one in seated)
    houses = frozenset(one.organisation.name for one in seated if one.organisation)
    return Said(meeting.table, names, houses, frozenset(), _voices(meeting), frozenset(), hosting=True)


def _voices(meeting: Meeting) -> frozenset[str]:
    found = db.session.query(Interpreter).filter_by(public_id=meeting.interpreter or "").one_or_none()
    return frozenset([found.latin] if found else [])


def is_open() -> bool:
    """Whether the event is in the open preset."""
    event = db.session.get(Event, 1)
    return event is not None and event.preset == "open"
