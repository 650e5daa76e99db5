"""A small house full of guests whose every word is a canary: found anywhere else, it has leaked."""

import os
import shutil
import sqlite3
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from flask import Flask

from tests.webapp import factories as make
from webapp.access import Actor
from webapp.app import create_app
from webapp.bridge import Rules
from webapp.config import from_env
from webapp.db import WRITER, db, transaction
from webapp.models import (
    Absence,
    AccessCode,
    ApartEntry,
    Host,
    Interpreter,
    Job,
    KeepApart,
    Link,
    Meeting,
    Organisation,
    Person,
    PersonInterest,
    Plan,
    Question,
    Screen,
    Session,
    Staff,
    WaitingFile,
    Wish,
)
from webapp.models.people import utc_now
from webapp.operations.door import accounts, helping
from webapp.operations.plans import planning, variants

WORDS = ("amber", "beryl", "coral", "delta", "ember", "fjord", "grove")
CANARY = "zqx"
FIRST_KEY = 910_001
ROLES = ("anonymous", "participant", "another", "helper", "facilitator", "organiser", "safety")
PASSWORD = "seven quiet lanterns"


@dataclass(frozen=True)
class Populated:
    """A data folder with guests, and the ways in that open it."""

    folder: Path
    cookies: dict[str, str]
    link: str
    code: str

    def open(self, folder: Path, **settings: object) -> Flask:
        """Return an application of its own on a copy of everything; what is under way there is done by this process."""
        shutil.copytree(self.folder, folder)
        with sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None) as rows:
            rows.execute("UPDATE job SET process = ? WHERE process IS NOT NULL", (os.getpid(),))
            rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows.close()
        return create_app(from_env(data=folder, testing=True, **settings))


def names() -> list[str]:
    """Every chosen name and Latin spelling, as far as letters go."""
    return [f"{CANARY}{kind}-{word}" for word in WORDS for kind in ("name", "latin")]


def event_numbers() -> list[str]:
    """Every event number."""
    return [str(48_611 + at) for at in range(len(WORDS))]


def topic_numbers() -> set[str]:
    """The number of every topic."""
    return {str(970_001 + at) for at in range(5)}


def people() -> list[Person]:
    """Seven people (an odd number), one of them with markup in the name, one who has told nothing yet."""
    rows = []
    for at, word in enumerate(WORDS):
        markup = " <i>\"&'" if word == "beryl" else ""
        rows.append(
            make.person(
                id=FIRST_KEY + at,
                number=event_numbers()[at],
                name=f"{CANARY}name-{word}{markup}",
                latin=f"{CANARY}latin-{word}",
                languages=() if word == "grove" else ("en", "fr") if at % 2 else ("en",),
                role="member" if at % 2 else "guest",
                country="KH",
                organisation=Organisation(id=920_001 + at, name=f"{CANARY}house-{word}", country="KH"),
            )
        )
    return rows


def programme() -> list[Session]:
    """One session of each kind; the first has a published plan and a draft, the second a draft alone."""
    tables = [make.tables("1A", "1B", "2A", "2B") for _ in range(3)]
    for at, row in enumerate(row for own in tables for row in own):
        row.id = 930_001 + at
    return [
        make.session(id=940_001, slug="first-talks", title="First talks", tables=tables[0], room="Hall"),
        make.session(
            id=940_002, slug="second-talks", title="Second talks", tables=tables[1],
            starts=make.START + timedelta(hours=4), ends=make.START + timedelta(hours=5),
        ),
        make.session(id=940_003, slug="general", title="General", format="plain", rounds=0, audience="members"),
        make.session(id=940_004, slug="circle", title="Circle", format="circles", tables=tables[2]),
        make.session(
            id=940_005, slug="clinic", title="Clinic", format="clinics",
            starts=make.START + timedelta(hours=2), ends=make.START + timedelta(hours=3),
        ),
    ]  # fmt: skip


def visited(sessions: list[Session], guests: list[Person]) -> list[Host | Interpreter]:
    """A specialist from outside with markup in the name, one who is a guest as well, and an interpreter."""
    house = Organisation(id=920_101, name=f"{CANARY}house-heron")
    clinic, spelt = sessions[-1], f"{CANARY}latin-heron"
    name = f"{CANARY}name-heron <i>\"&'"
    return [
        make.host(id=992_001, session=clinic, name=name, latin=spelt, title="Law", organisation=house),
        make.host(id=992_002, session=clinic, name=f"{CANARY}name-coral", latin="", person=guests[2], table="S2"),
        make.interpreter(id=993_001, name=f"{CANARY}name-ibis", latin=f"{CANARY}latin-ibis", sessions=[clinic]),
    ]


def _old_plan() -> Plan:
    meeting = Meeting(id=960_001, round_no=1, table="1A", benefit=0)
    return Plan(id=950_001, session_id=940_002, rounds=3, people=0, meetings=[meeting])


def _store() -> None:
    guests, topics = people(), [make.interest(id=970_001 + at) for at in range(5)]
    for at, person in enumerate(guests[:-1]):
        person.interests = [
            PersonInterest(interest=topics[at % 4], side="offers"),
            PersonInterest(interest=topics[(at + 1) % 4], side="seeks"),
        ]
    day = datetime(2013, 6, 19)
    guests[5].absences = [Absence(id=980_001, starts=day, ends=day + timedelta(hours=14, minutes=7))]
    guests[0].wishes = [Wish(id=980_101, wished_person_id=FIRST_KEY + 1), Wish(id=980_102, position=1, role="guest")]
    sessions = programme()
    make.store(make.event(delete_on=date(2013, 6, 27)), make.region(id=990_001), *topics, *guests, *sessions)
    make.store(*visited(sessions, guests))
    make.store(*(Question(person_id=one.id, session_id=940_005, text=f"{CANARY}asked-{one.number}") for one in guests))
    make.store(KeepApart(one_id=FIRST_KEY, other_id=FIRST_KEY + 4), _old_plan())
    written = (f"{CANARY}apart-heath", f"{CANARY}apart-hedge", f"{CANARY}name-ember", f"{CANARY}house-fjord")
    make.store(
        *(ApartEntry(id=991_001 + at, person_id=FIRST_KEY + at // 2, text=text) for at, text in enumerate(written))
    )
    with transaction() as rows:
        rows.get(Plan, 950_001).state, rows.get(Plan, 950_001).version = "replaced", 1


def _work() -> None:
    """Publish one plan, leave two drafts and a trial, and have work under way whose process is this one."""
    by = Actor(staff=Staff(name="somebody", role="facilitator"))
    planning.make_plan(940_001, by=by)
    planning.publish(940_001, by=by)
    planning.make_plan(940_001, by=by, seed=1)
    planning.make_plan(940_002, by=by)
    variants.try_rules(940_001, replace(Rules.of(db.session.get(Session, 940_001)), floor=False), by=by)
    with transaction() as rows:
        rows.get(Meeting, min(row.id for row in planning.find_plan(940_002, "draft").meetings)).locked = True
    states = {940_001: ("running", "done"), 940_002: ("running",)}
    held = [(session, state) for session, own in states.items() for state in own]
    make.store(
        *(
            Job(id=995_001 + at, kind="plan", session_id=session, state=state, process=os.getpid(), fraction=0.4)
            for at, (session, state) in enumerate(held)
        )
    )


def _let_in() -> tuple[dict[str, str], str, str]:
    holders: dict[str, dict[str, int]] = {
        "participant": {"person_id": FIRST_KEY},
        "another": {"person_id": FIRST_KEY + 1},
    }
    for at, role in enumerate(("facilitator", "organiser", "safety")):
        make.store(Staff(id=997_001 + at, name=f"{role} here", role=role, password_hash=accounts._slow.hash(PASSWORD)))
        holders[role] = {"staff_id": 997_001 + at}
    make.store(
        Link(id=998_001, token_hash="0" * 64, person_id=FIRST_KEY, expires_at=utc_now() + timedelta(days=1)),
        AccessCode(id=998_501, person_id=FIRST_KEY + 1, finder="none", secret_hash="none"),
        Screen(id_hash="1" * 64, session_id=940_001, expires_at=utc_now() + timedelta(days=1), paired_by="somebody"),
        WaitingFile(
            id=999_001,
            staff_id=997_002,
            content=f"name,languages\n{CANARY}name-heath,en\n".encode("cp1252") + b"\xe9,",
            columns=["name", "languages"],
            expires_at=utc_now() + timedelta(days=1),
        ),
    )
    cookies = {
        role: accounts.sign_in_by_link(accounts.issue_link(lasts=timedelta(days=1), **holder)).cookie
        for role, holder in holders.items()
    }
    invited = helping.invite(940_001, by=Actor(staff=db.session.get(Staff, 997_001)))
    cookies["helper"] = helping.come_by_link(invited.token, "helper here").cookie
    return cookies, accounts.issue_link(lasts=timedelta(days=1), person_id=FIRST_KEY), make.code(FIRST_KEY)


def populate(migrated: Path, folder: Path) -> Populated:
    """Fill a copy of the migrated database with guests, plans and work under way."""
    shutil.copytree(migrated, folder)
    app = create_app(from_env(data=folder, testing=True))
    with app.app_context():
        _store()
        _work()
        cookies, link, code = _let_in()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
        assert WRITER in db.engines
    with sqlite3.connect(folder / "rondo.sqlite3", isolation_level=None) as rows:
        # so that looking would be noted, as it is after some minutes
        rows.execute("UPDATE sign_in SET seen_at = datetime('now', '-10 minutes')")
        # and so that files with names can be had for as long as the tests take
        rows.execute("UPDATE sign_in SET confirmed_at = datetime('now', '+1 day')")
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows.close()
    return Populated(folder, cookies, link, code)
