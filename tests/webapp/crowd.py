"""Thirty-two people at an event with rounds of all four formats, whose every field is a word of their own."""

import json
import re
import shutil
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.webapp import factories as make
from tests.webapp.canaries import PASSWORD, Populated
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import db, transaction
from webapp.models import (
    Absence,
    ApartEntry,
    Attendance,
    Contact,
    ContactAnswer,
    Event,
    Feedback,
    Host,
    HostWish,
    Interest,
    MeetingNote,
    Organisation,
    Person,
    PersonInterest,
    Question,
    Region,
    Screen,
    Session,
    SignIn,
    Staff,
    Wish,
)
from webapp.models.people import utc_now
from webapp.operations.door import accounts, helping
from webapp.operations.plans import planning

PEOPLE = 32
SPECIALIST, GIVEN = 3, 9
"""Who is visited, and who is given a new code."""
LISTED = frozenset(range(4, PEOPLE, 8))
"""Who put themselves on the list from which others may pick."""
OUTSIDER, VOICE = 90, 95
"""A specialist and an interpreter who are no participants."""
FIRST_KEY = 910_001
COUNTRIES = (
    "AL", "BW", "BG", "KH", "HR", "EE", "ET", "FI", "GH", "HN", "IS", "JM", "KZ", "LA", "LV", "LS",
    "LT", "MG", "MW", "MT", "MU", "MN", "NA", "NP", "PY", "RW", "SN", "LK", "TJ", "UG", "VN", "ZM",
)  # fmt: skip
TONGUES = (
    "af", "am", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "et", "eu", "fi", "ga", "gl",
    "gu", "ha", "hr", "hu", "hy", "ig", "is", "ka", "kk", "kn", "lo", "lt", "lv", "mk", "ml", "mn",
)  # fmt: skip
SIGNED = (
    "mr", "ms", "mt", "ne", "nl", "om", "pa", "ps", "qu", "rw", "sd", "si", "sk", "sl", "sn", "so",
    "sq", "sr", "ss", "st", "sw", "ta", "te", "tg", "tn", "to", "tr", "ts", "uk", "ur", "uz", "xh",
)  # fmt: skip
"""What each person's interpreter speaks."""
WORD = re.compile(r"zq([a-z]+)(\d\d)")


def word(kind: str, at: int) -> str:
    """What stands in a field of the person at this place, and nowhere else."""
    return f"zq{kind}{at:02}"


def number(at: int) -> str:
    """The event number of the person at this place."""
    return str(48_611 + 7 * at)


def away(at: int) -> datetime:
    """When the person at this place goes away: at night, before any session, in a minute of their own."""
    return datetime(2013, 6, 18, 3, 11 + at)


def to_noon() -> timedelta:
    """How far to set the clock for noon at the event: no page tells an hour of the night then but of who is away."""
    return timedelta(hours=12 - datetime.now(make.event().zone).hour)


# --- who and what is there -------------------------------------------------------------------------------------------


def _guests(topics: Mapping[str, Interest]) -> list[Person]:
    held = []
    for at in range(PEOPLE):
        person = make.person(
            id=FIRST_KEY + at, number=number(at), name=f"{word('name', at)}ж", latin=word("latin", at),
            languages=("en", TONGUES[at])[at == PEOPLE - 1 :], country=COUNTRIES[at], registration=word("reg", at),
            saved_at=utc_now(), organisation=Organisation(id=920_001 + at, name=word("house", at)),
            regions=[Region(id=990_001 + at, slug=word("region", at), title=word("region", at))],
            seated=at == 5, first_time=True, offers_words=word("free", at), seeks_words=word("sought", at),
            listed=at in LISTED, companion=True, companion_languages=[SIGNED[at]],
        )  # fmt: skip
        person.interests = [
            PersonInterest(interest=topics[word("offer", at)], side="offers"),
            PersonInterest(interest=topics[word("seek", at)], side="seeks"),
            # what every second person gives their neighbour, so that some meet for it
            PersonInterest(interest=topics[word("topic", at // 2)], side="seeks" if at % 2 else "offers"),
        ]
        person.absences = [Absence(starts=away(at), ends=away(at) + timedelta(hours=2))]
        person.wishes = [Wish(organisation=Organisation(id=921_001 + at, name=word("wish", at)))]
        held.append(person)
    return held


def _topics() -> dict[str, Interest]:
    words = [word(kind, at) for kind in ("offer", "seek") for at in range(PEOPLE)]
    words += [word("topic", at) for at in range(PEOPLE // 2)]
    return {one: make.interest(id=60_001 + at, slug=one, title=one) for at, one in enumerate(words)}


def _sessions() -> list[Session]:
    day = make.START - timedelta(hours=5)
    tables = [make.tables(*(str(place) for place in range(1, size + 1))) for size in (16, 8)]

    def held(at: int, kind: str, **values: object) -> Session:
        starts = day + timedelta(hours=2 * at)
        return make.session(
            id=940_001 + at, slug=kind, title=f"The {kind}", format=kind, starts=starts,
            ends=starts + timedelta(minutes=56), **values,
        )  # fmt: skip

    return [
        held(0, "pairs", tables=tables[0], room="Hall"),
        held(1, "circles", tables=tables[1], size=4),
        held(2, "clinics"),
        held(3, "stations"),
    ]


def _visited(sessions: list[Session], guests: list[Person]) -> list[Host]:
    clinics, stations = sessions[2], sessions[3]
    house = Organisation(id=920_091, name=word("house", OUTSIDER))
    return [
        make.host(
            id=992_001, session=clinics, name=guests[SPECIALIST].name, latin=guests[SPECIALIST].latin,
            person=guests[SPECIALIST], organisation=guests[SPECIALIST].organisation, title="Law", table="S1",
            note=word("about", SPECIALIST),
        ),
        make.host(
            id=992_002, session=clinics, name=f"{word('name', OUTSIDER)}ж", latin=word("latin", OUTSIDER),
            title="Money", organisation=house, table="S2",
            note=word("about", OUTSIDER),
        ),
        *(
            make.host(
                id=992_003 + at, session=stations, name=f"{word('name', OUTSIDER + 1 + at)}ж",
                latin=word("latin", OUTSIDER + 1 + at), title=f"Tool {at}", table=f"T{at}", places=9,
            )
            for at in range(4)
        ),
    ]  # fmt: skip


def _store(preset: str) -> None:
    topics = _topics()
    guests, sessions = _guests(topics), _sessions()
    hosts = _visited(sessions, guests)
    event = make.event(preset=preset, delete_on=date(2013, 6, 27))
    make.store(event, *topics.values(), *guests, *sessions, *hosts)
    voice = make.interpreter(
        id=993_001, name=f"{word('name', VOICE)}ж", latin=word("latin", VOICE), languages=("en", TONGUES[-1])
    )
    voice.sessions = [db.session.get_one(Session, 940_001)]
    make.store(voice)
    make.store(
        *(Question(person_id=one.id, session_id=940_003, text=word("asked", at)) for at, one in enumerate(guests)),
        *(ApartEntry(person_id=one.id, text=word("apart", at)) for at, one in enumerate(guests)),
        *(HostWish(person_id=one.id, host_id=992_001 + at % 2) for at, one in enumerate(guests) if at != SPECIALIST),
        *(Contact(person_id=one.id, text=word("reach", at)) for at, one in enumerate(guests)),
        *(
            # of every second pair both would exchange contacts, of the others one
            ContactAnswer(
                session_id=session.id, person_id=one.id, partner_id=other.id, yes=(at + to) % 2 == 0 or at < to
            )
            for session in sessions
            for at, one in enumerate(guests)
            for to, other in enumerate(guests)
            if at != to
        ),
        *(
            MeetingNote(session_id=940_001, round_no=1, person_id=one.id, text=word("note", at))
            for at, one in enumerate(guests)
        ),
        *(Attendance(session_id=940_001, person_id=one.id, state="here") for at, one in enumerate(guests) if at % 4),
        Feedback(session_id=940_001, round_no=1, person_id=FIRST_KEY + 1, kind="useful"),
    )


def _publish() -> None:
    desk = Actor(staff=Staff(name="somebody", role="facilitator"))
    for session in range(940_001, 940_005):
        planning.make_plan(session, by=desk)
        planning.publish(session, by=desk)
    planning.make_plan(940_001, by=desk, seed=1)


def _ways_in() -> tuple[dict[str, str], str, str]:
    me = min(visitors(SPECIALIST))
    holders = {"participant": {"person_id": FIRST_KEY + me}, "specialist": {"person_id": FIRST_KEY + SPECIALIST}}
    for at, role in enumerate(("facilitator", "organiser", "safety")):
        make.store(Staff(id=997_001 + at, name=f"{role} here", role=role, password_hash=accounts._slow.hash(PASSWORD)))
        holders[role] = {"staff_id": 997_001 + at}
    cookies = {
        role: accounts.sign_in_by_link(accounts.issue_link(lasts=timedelta(days=1), **holder)).cookie
        for role, holder in holders.items()
    }
    invited = helping.invite(940_001, by=Actor(staff=db.session.get(Staff, 997_001)))
    cookies["helper"] = helping.come_by_link(invited.token, "helper here").cookie
    cookies["screen"] = "a-screen-that-is-paired"
    shown = {"session_id": 940_001, "expires_at": utc_now() + timedelta(days=1), "paired_by": "somebody"}
    make.store(Screen(id_hash=accounts.fast_hash(cookies["screen"]), **shown))
    with transaction() as rows:
        # so that files with names can be had for as long as the tests take
        rows.query(SignIn).update({"confirmed_at": utc_now() + timedelta(days=1)})
    link = accounts.issue_link(lasts=timedelta(days=1), person_id=FIRST_KEY + 9)
    return cookies, link, make.code(FIRST_KEY + 9)


def gather(migrated: Path, folder: Path) -> Populated:
    """Fill a copy of the migrated database with everybody, everything planned and published, in an open event."""
    shutil.copytree(migrated, folder)
    app = create_app(from_env(data=folder, testing=True))
    with app.app_context():
        _store("open")
        _publish()
        cookies, link, code = _ways_in()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return Populated(folder, cookies, link, code)


def choose(preset: str) -> None:
    """Let the event be of this preset from now on."""
    with transaction() as rows:
        rows.get_one(Event, 1).preset = preset


# --- who sits with whom, by the rows alone -----------------------------------------------------------------------


def _rows(statement: str, **values: object) -> list[Any]:
    return list(db.session.execute(text(statement), values))


def partners(at: int) -> set[int]:
    """Whom somebody meets at tables where nobody is visited, by published plans."""
    found = _rows(
        "SELECT other.person_id FROM seat mine JOIN seat other ON other.meeting_id = mine.meeting_id "
        "JOIN meeting m ON m.id = mine.meeting_id AND m.host IS NULL "
        "JOIN plan p ON p.id = mine.plan_id AND p.state = 'published' "
        "WHERE mine.person_id = :who AND other.person_id <> :who",
        who=FIRST_KEY + at,
    )
    return {key - FIRST_KEY for (key,) in found}


def exchanged(at: int) -> set[int]:
    """Who has exchanged contacts with somebody: of whom they meet or visit, and of those who visit them."""
    met = partners(at) | (visited(at) & set(range(PEOPLE))) | visitors(at)
    return {other for other in met if (at + other) % 2 == 0}


def visited(at: int | None = None) -> set[int]:
    """Whom somebody visits, or anybody."""
    found = _rows(
        "SELECT h.latin FROM seat s JOIN meeting m ON m.id = s.meeting_id JOIN host h ON h.public_id = m.host "
        "JOIN plan p ON p.id = s.plan_id AND p.state = 'published' WHERE :who IS NULL OR s.person_id = :who",
        who=None if at is None else FIRST_KEY + at,
    )
    return {int(latin[-2:]) for (latin,) in found}


def visitors(at: int, of: str = "clinics") -> set[int]:
    """Who visits somebody in the session of this format."""
    found = _rows(
        "SELECT s.person_id FROM seat s JOIN meeting m ON m.id = s.meeting_id JOIN host h ON h.public_id = m.host "
        "JOIN plan p ON p.id = s.plan_id AND p.state = 'published' JOIN session e ON e.id = p.session_id "
        "WHERE h.latin = :latin AND e.slug = :slug",
        latin=word("latin", at), slug=of,
    )  # fmt: skip
    return {key - FIRST_KEY for (key,) in found}


def interpreted() -> set[int]:
    """Who sits at a table with an interpreter."""
    found = _rows(
        "SELECT s.person_id FROM seat s JOIN meeting m ON m.id = s.meeting_id "
        "JOIN plan p ON p.id = s.plan_id AND p.state = 'published' WHERE m.interpreter IS NOT NULL"
    )
    return {key - FIRST_KEY for (key,) in found}


def topics_of(at: int) -> set[str]:
    """The topics by which somebody gives something to whom they meet, or is given, by published plans."""
    found = _rows(
        "SELECT m.reasons FROM seat s JOIN meeting m ON m.id = s.meeting_id "
        "JOIN plan p ON p.id = s.plan_id AND p.state = 'published' WHERE s.person_id = :who",
        who=FIRST_KEY + at,
    )
    reasons = [reason for (held,) in found for reason in json.loads(held)]
    mine = [one for one in reasons if FIRST_KEY + at in (one["giver"], one["taker"])]
    return {str(one["topic"]) for one in mine if one["code"] == "offer_meets_need"}
