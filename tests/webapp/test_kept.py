"""The page that somebody keeps on the phone: all of their day, nothing of the host, and nothing of anybody else."""

import base64
import hashlib
import re
from datetime import timedelta
from itertools import combinations

import pytest
from flask import Flask
from icalendar import Calendar

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.gathering import gather, publish, said_to, words_in
from tests.webapp.pages import Page
from tests.webapp.test_my_rounds import arrange, at_venue
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Event, Meeting, Person, Plan, Seat
from webapp.operations.mine import schedule
from webapp.operations.plans import talks
from webapp.views import participant

KEPT = "/me/day.html"
SEEN = ("/me", KEPT, "/me/rounds.ics")
MOST_BYTES = 30_000
COLLUDING = 5
NOW = at_venue(13, 40)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is twenty minutes before the rounds."""
    monkeypatch.setattr(participant, "now", lambda: NOW)


def busy_day(**values: object) -> Person:
    """Somebody with a morning, seven rounds, another session and an evening."""
    topic = make.interest(slug="radio", title="Local radio")
    make.store(make.event(**values), topic)
    me = make.person(name="Mine")
    evening = {"starts": make.START + timedelta(hours=6), "ends": make.START + timedelta(hours=9)}
    make.store(make.session(title="Concert", format="plain", rounds=0, **evening))
    names = ["Anna <b>", "علي", None, "Dora", "Eve", "Fela", "Gao"]
    partners = [name and make.person(name=name, organisation=make.organisation()) for name in names]
    arrange(me, partners, title="Speed talks")
    later = make.START + timedelta(hours=2)
    arrange(me, [make.person(name="Zed")], title="Late talks", starts=later, ends=later + timedelta(hours=1))
    return me


def stops(page: str) -> list[tuple[str, str, str]]:
    """Time, round and table of each round that a file lists, one session after the other."""
    return re.findall(
        r'class="clock">(\d\d:\d\d)–\d\d:\d\d</p>\s*<(?:div>\s*<p class="place">|p>)Round (\d+)'
        r"(?: · table <bdi>(\w+)</bdi>|: free)",
        page,
    )


def test_the_file_holds_the_rounds_of_the_page(app: Flask, visitor: Visitor) -> None:
    me = busy_day()
    client = visitor.participant(me)
    file, page = client.get(KEPT).text, client.get("/me").text
    mine = schedule.rounds_of(Actor(person=me), now=NOW)
    rounds = [held for timed in mine.timed for held in timed.rounds]
    assert stops(file) == [
        (f"{one.starts:%H:%M}", str(one.number), one.talk.table if one.talk else "") for one in rounds
    ]
    assert len(rounds) == 8
    for held in rounds:
        for partner in held.talk.partners if held.talk else ():
            assert all(partner.name.partition(" ")[0] in text for text in (page, file))
    question = re.compile(r'class="question">(.*?)</p>')
    assert sorted(question.findall(file)) == sorted(question.findall(page))
    assert len(set(question.findall(file))) >= 5
    assert "Round 3: free (1 person does not split in pairs)." in file
    assert "Next: round 4, table <bdi>14</bdi>." in file
    assert all(words in file for words in ("Concert", "French", "Local radio", "version A", "Anna &lt;b&gt;"))
    assert "Saved on Wednesday 19 June at 13:40. Tables may have changed since then" in file


def test_the_file_needs_nothing_and_leads_nowhere(app: Flask, visitor: Visitor) -> None:
    answer = visitor.participant(busy_day()).get(KEPT)
    assert len(answer.data) <= MOST_BYTES
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-rounds.html"
    assert Page(answer.text).links == []
    assert not re.search(r"<script|<form|<iframe|<link|url\(|@import|localhost", answer.text)
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    named = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    inside = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', answer.text)
    assert inside is not None
    policy = inside.group(1).replace("&#39;", "'")
    assert f"style-src 'sha256-{named}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert answer.headers["Content-Security-Policy"] == f"sandbox; {policy}; frame-ancestors 'none'"


def test_a_file_that_asks_for_more_gets_the_policy_of_pages(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, kept = visitor.participant(busy_day()), participant.kept_page

    def lax(*given: object) -> object:
        answer = kept(*given)
        answer.headers["Content-Security-Policy"] = "default-src *"
        return answer

    monkeypatch.setattr(participant, "kept_page", lax)
    assert "*" not in client.get(KEPT).headers["Content-Security-Policy"]


def test_the_file_reads_from_right_to_left(app: Flask, visitor: Visitor) -> None:
    client = visitor.participant(busy_day())
    client.set_cookie("lang", "ar")
    assert '<html lang="ar" dir="rtl">' in client.get(KEPT).text


def test_before_anything_is_published_the_file_holds_the_programme(app: Flask, visitor: Visitor) -> None:
    me = make.person()
    make.store(make.event(), make.session(title="Speed talks"), me)
    client = visitor.participant(me)
    assert "Speed talks" in client.get(KEPT).text
    assert KEPT not in client.get("/me").text


# --- neutral in discreet -------------------------------------------------------------------------------------------


def traces(answer: object) -> str:
    """What stays on a phone without the file being opened: address, headers and title."""
    title = re.search(r"<title>(.*?)</title>", answer.text)
    return f"{answer.request.path} {answer.headers} {title and title.group(1)}"


def test_what_is_kept_in_secret_has_neutral_names(app: Flask, visitor: Visitor) -> None:
    me = busy_day(preset="discreet", title="Spring Gathering")
    client = visitor.participant(me)
    words = ("Spring", "Gathering", "Riverside", "talks", "Rondo", "Local radio", "Mine", "Anna", "Zed", "rounds")
    kept, calendar = client.get(KEPT), client.get("/me/rounds.ics")
    assert "notes.html" in traces(kept)
    assert not [word for word in words if word in traces(kept)]
    told = " ".join(
        str(entry.get(part, ""))
        for entry in Calendar.from_ical(calendar.data).walk("VEVENT")
        for part in ("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "ORGANIZER")
    )
    assert set(re.findall(r"[^\W\d]+", told)) == {"Round", "table"}
    maker = "-//Rondo//"
    assert not [word for word in (*words[:-1], "French", "Grand Hall") if word in calendar.text.replace(maker, "")]
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "open"
    assert "rounds" in traces(client.get(KEPT))
    assert all(word in client.get("/me/rounds.ics").text for word in ("Anna", "Riverside", "French", "Grand Hall"))


def test_what_is_kept_in_secret_tells_times_and_tables_alone(app: Flask, visitor: Visitor) -> None:
    me = busy_day(preset="discreet", title="Spring Gathering")
    client = visitor.participant(me)
    told = ("Anna", "علي", "Zed", "Speed", "talks", "Concert", "Grand Hall", "French", "Phnom", "with ")
    body = client.get(KEPT).text.partition("<body>")[2]
    words = re.sub(r"<[^>]+>", " ", body)
    assert not [word for word in told if word in words]
    found = re.findall(r"(\d\d:\d\d)–\d\d:\d\d\s+Round (\d) · table\s+(\w+)", words)
    mine = [held for timed in schedule.rounds_of(Actor(person=me), now=NOW).timed for held in timed.talks]
    assert found == [(f"{one.starts:%H:%M}", str(one.number), one.talk.table if one.talk else "") for one in mine]
    assert len(found) == 7
    sentence = "That page and the calendar hold times, rounds and tables; no names, no titles and no rooms."
    assert sentence in client.get("/me").text
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "open"
    assert all(word in client.get(KEPT).text for word in told)
    assert sentence not in client.get("/me").text


# --- nobody learns more by putting their pages together ------------------------------------------------------------


def gained(plan: Plan, visitor: Visitor) -> list[str]:
    """Whom some participants read of on page, file and calendar together, though none of them meets them."""
    everybody = db.session.query(Person).order_by(Person.id).all()
    read, due = {}, {}
    for person in everybody:
        answers = [visitor.participant(person).get(path) for path in SEEN]
        assert all(answer.status_code == 200 for answer in answers[:2])
        read[person] = words_in(" ".join(f"{answer.text} {answer.headers}" for answer in answers))
        rows = said_to(person, plan).values()
        due[person] = {word for said in rows for word in (*said.names, *said.voices, *said.houses, *said.tools)}
        due[person] |= {word for said in rows for word in said.topics}
    return [
        f"{sorted(union - known)}"
        for together in range(1, COLLUDING + 1)
        for group in combinations(everybody, together)
        if (union := frozenset().union(*(read[one] for one in group)))
        - (known := set().union({one.name for one in group}, *(due[one] for one in group)))
    ]


@pytest.mark.parametrize(
    ("kind", "preset"),
    [
        ("pairs", "discreet"),
        ("clinics", "open"),
        pytest.param("circles", "open", marks=pytest.mark.long),
        pytest.param("stations", "open", marks=pytest.mark.long),
    ],
)
def test_putting_pages_together_tells_of_nobody_else(app: Flask, visitor: Visitor, kind: str, preset: str) -> None:
    assert not gained(publish(gather(kind, 1, preset=preset), 1), visitor)


def test_a_name_too_many_is_noticed(app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = publish(gather("stations", 1), 1)

    def everybody(reader: talks.Reader, meeting: Meeting, _company: object) -> tuple[talks.Partner, ...]:
        seats = db.session.query(Seat).filter_by(meeting_id=meeting.id)
        return tuple(talks.Partner(seat.person.name, "", "") for seat in seats if seat.person_id != reader.person.id)

    monkeypatch.setattr(talks.Reader, "_partners", everybody)
    assert gained(plan, visitor)
