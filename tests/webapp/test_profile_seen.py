"""What others read of somebody: the preview tells it as their pages do, topics stand there where both allow it."""

import itertools
import re

import pytest
from flask import Flask
from flask_sqlalchemy.record_queries import get_recorded_queries

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import in_words
from tests.webapp.profile_page import MEETING, TOPICS, WHO, room, save
from tests.webapp.test_bridge import BY
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Event, Person, PersonInterest, Session
from webapp.operations.plans import planning, talks
from webapp.operations.profile.meeting import open_meeting
from webapp.operations.profile.preview import preview
from webapp.operations.profile.topics import open_topics
from webapp.operations.profile.who import open_who

pytestmark = pytest.mark.usefixtures("on_the_eve")

PREVIEW = "/me/profile/preview"


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    """Two people who meet in a published plan, each of whom offers what the other seeks."""
    house = make.organisation(name="Paper Boat")
    radio, law = make.interest(slug="radio", title="Radio"), make.interest(slug="law", title="Law")
    offers = PersonInterest(interest=radio, side="offers"), PersonInterest(interest=law, side="offers")
    seeks = PersonInterest(interest=law, side="seeks"), PersonInterest(interest=radio, side="seeks")
    one = make.person(name="Оля", latin="Olya", organisation=house, interests=[offers[0], seeks[0]], companion=True)
    other = make.person(name="Ben", latin="Ben", interests=[offers[1], seeks[1]])
    make.store(make.event(), make.session(rounds=1, tables=make.tables("1")), one, other)
    session = db.session.query(Session).one().id
    planning.make_plan(session, by=BY)
    planning.publish(session, by=BY)
    db.session.rollback()
    return one, other


def card(page: str) -> list[str]:
    """What a card says of somebody, from their name on, without what the round adds; in no order of topics."""
    found = re.search(r'<p class="eyebrow">with</p>.*?(?=<h2>A question|</article>)', page, re.S)
    assert found, page
    return sorted(" ".join(piece.split()) for piece in re.split("(?=<li>|<p|<h2)|(?=</ul>)", found.group()))


@pytest.mark.parametrize("preset", ["open", "discreet"])
def test_the_preview_is_what_the_partner_reads(two: tuple[Person, Person], visitor: Visitor, preset: str) -> None:
    one, other = two
    with transaction() as rows:
        rows.get_one(Event, 1).preset = preset
    preview = visitor.participant(one).get(PREVIEW).text
    theirs = visitor.participant(other).get("/me").text
    assert card(preview) == card(theirs)
    assert ("Paper Boat" in preview) == ("Radio" in preview) == ("Brings a helper" in preview) == (preset == "open")
    assert "Olya" in preview


@pytest.mark.parametrize(("mine", "theirs"), list(itertools.product([True, False], repeat=2)))
def test_topics_are_read_where_both_allow_it(
    two: tuple[Person, Person], visitor: Visitor, mine: bool, theirs: bool
) -> None:
    with transaction() as rows:
        for who, shows in zip(two, (mine, theirs), strict=True):
            rows.get_one(Person, who.id).shows_topics = shows
    for who in two:
        page = in_words(visitor.participant(who).get("/me").text)
        assert ("Radio" in page, "Law" in page) == ((mine and theirs),) * 2
        assert "A question to start with" in page
    assert ("Radio" in visitor.participant(two[0]).get(PREVIEW).text) == mine


def test_without_that_question_topics_would_be_read(
    two: tuple[Person, Person], visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as rows:
        rows.get_one(Person, two[0].id).shows_topics = False
    monkeypatch.setattr(talks.Reader, "_topics", lambda *_asked: (talks.Topic("Radio", gives=True, takes=True),))
    assert "Radio" in visitor.participant(two[1]).get("/me").text


def test_free_words_and_wishes_are_shown_to_nobody(two: tuple[Person, Person], visitor: Visitor) -> None:
    one, other = two
    with transaction() as rows:
        rows.get_one(Person, one.id).offers_words = "Puppets"
        rows.get_one(Person, other.id).seeks_words = "puppets"
    mine = visitor.participant(one)
    save(mine, MEETING, wished_names="Ben")
    session = db.session.query(Session).one().id
    planning.make_plan(session, by=BY)
    planning.publish(session, by=BY)
    for page in (mine.get(PREVIEW).text, mine.get("/me").text, visitor.participant(other).get("/me").text):
        assert "uppets" not in page
    assert "words-" not in mine.get("/me").text


def test_a_preview_of_nobody_yet_says_so(app: Flask, visitor: Visitor) -> None:
    mine = visitor.participant(room())
    assert "You have chosen no topics yet" in mine.get(PREVIEW).text
    save(mine, TOPICS, shows_topics=[])
    assert "No topics of yours are shown to anybody." in mine.get(PREVIEW).text


# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["open", "discreet"])
@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_who_sees_what_is_said_before_saving_in_few_words(app: Flask, visitor: Visitor, lang: str, preset: str) -> None:
    me = room()
    with transaction() as rows:
        rows.get_one(Event, 1).preset = preset
    mine = visitor.participant(me)
    mine.set_cookie("lang", lang)
    page = mine.get(WHO).text
    assert page.index('id="consent"') < page.index('class="savebar"')
    said = page[page.index('id="consent"') : page.index('class="savebar"')]
    count = len(re.sub(r"<[^>]*>", " ", said[said.index(">") + 1 :]).split())
    print(f"\n{lang}, {preset}: {count} words")
    assert 30 < count <= 120
    save(mine, WHO)
    page = mine.get(WHO).text
    assert 'id="consent"' not in page
    assert page.count('class="sees"') == 1, "after that it is a line to open"


# --- queries ----------------------------------------------------------------------------------------------------------


def test_each_screen_asks_the_same_few_questions_for_short_and_long_profiles(app: Flask, visitor: Visitor) -> None:
    me = room()
    held, mine = me.id, visitor.participant(me)
    counts = []
    for slugs, regions, names in ((["radio"], ["africa"], "1"), (["radio", "law"], ["africa", "americas"], "a\nb\nc")):
        save(mine, WHO, languages=["en", "fr"], regions=regions, organisation="House")
        save(mine, TOPICS, offers=slugs, seeks=slugs)
        save(mine, MEETING, wished_regions=regions, wished_names=names)
        for opens in (open_who, open_topics, open_meeting, preview):
            db.session.remove()
            who = Actor(person=db.session.get(Person, held))
            before = len(get_recorded_queries())
            opens(who)
            counts.append(len(get_recorded_queries()) - before)
    assert counts == [6, 5, 11, 6] * 2
