"""The participant's page of the specialists: looked through, wished for in one tap each, asked, and told the result."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.pages import in_words
from tests.webapp.profile_page import error_beside, form_of, post
from tests.webapp.test_bridge import BY
from tests.webapp.test_help_point import keep
from tests.webapp.test_office import counted
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.models import Event, Host, HostWish, Interest, KeepApart, MetBefore, Organisation, Person, Question, Session
from webapp.operations.mine import specialists
from webapp.operations.plans import planning

DOOR = "/me/specialists/ask-us"
BEFORE = datetime(2013, 6, 18, 3, tzinfo=UTC)
AFTER = BEFORE + timedelta(days=3)
MOST_STATEMENTS = 72
"""Those of My rounds and those by which the desk decides who is next."""


@pytest.fixture(autouse=True)
def on_the_eve(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, BEFORE)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    for view in ("participant", "specialists"):
        monkeypatch.setattr(f"webapp.views.{view}.now", lambda: moment)


@pytest.fixture
def hosts(app: Flask) -> dict[str, str]:
    """Four specialists by name, with what they speak and are asked about; their public ids."""
    law, money = make.interest(title="Law"), make.interest(title="Money")
    four = [
        make.host(
            name="Ana", title="Courts", languages=("fr",), topics=[law], organisation=make.organisation(name="Ho")
        ),
        make.host(name="Bo", title="Grants", languages=("en", "fr"), topics=[money], away=[2]),
        make.host(name="Cy", title="Phones", languages=("km",), note="Bring yours."),
        make.host(name="Di", title="Appeals", languages=("en",), topics=[law]),
    ]
    four[0].organisation = make.organisation(name="Ho")
    session = make.session(slug="ask-us", title="Ask us", format="clinics", rounds=3, hosts=four)
    make.store(make.event(), session, make.interpreter(languages=("en", "km"), sessions=[session]))
    return {one.name: one.public_id for one in db.session.query(Host)}


@pytest.fixture
def me(hosts: dict[str, str]) -> Person:
    me = make.person(name="Me", latin="Me", number="606", languages=("en",))
    make.store(me)
    return me


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def listed(page: str) -> list[str]:
    return re.findall(r'<p class="who"><bdi>(.*?)</bdi>', page)


def wished() -> list[str]:
    db.session.rollback()
    found = db.session.query(Host.name).join(HostWish, HostWish.host_id == Host.id).order_by(HostWish.position)
    return [one for (one,) in found]


def tap(client: FlaskClient, verb: str, host: str) -> int:
    return send(client, f"{DOOR}/wish", page=DOOR, verb=verb, host=host).status_code


# --- looking through ------------------------------------------------------------------------------------------------


def test_whoever_speaks_my_language_comes_first_and_each_is_told_as_a_whole(mine: FlaskClient) -> None:
    page = mine.get(DOOR).text
    assert listed(page) == ["Bo", "Di", "Ana", "Cy"]
    words = in_words(page)
    assert re.search(r"Bo Grants Money English , French 14:00–14:22 · not in round 2", words)
    assert re.search(r"Ana Courts Law French 14:00", words)
    assert re.search(r"Cy Phones Bring yours. Khmer with an interpreter", words)
    assert words.count("with an interpreter") == 1


def test_the_list_is_narrowed_by_topic_and_by_language_that_somebody_has(mine: FlaskClient) -> None:
    law = db.session.query(Interest.slug).filter_by(title="Law").scalar()
    assert listed(mine.get(f"{DOOR}?topic={law}").text) == ["Di", "Ana"]
    assert listed(mine.get(f"{DOOR}?language=fr").text) == ["Bo", "Ana"]
    both = mine.get(f"{DOOR}?language=km&topic={law}").text
    assert listed(both) == []
    assert "Nobody here fits both" in both
    for nothing in ("language=ru", "topic=none", "topic=%00x", "language=" + "x" * 900):
        answer = mine.get(f"{DOOR}?{nothing}")
        assert answer.status_code == 400 or len(listed(answer.text)) == 4


def test_a_discreet_event_shows_subjects_and_no_names_or_organisations(mine: FlaskClient) -> None:
    with transaction() as rows:
        rows.get_one(Event, 1).preset = "discreet"
    page = in_words(mine.get(DOOR).text)
    assert "Courts" in page
    assert not re.search(r"\b(Ana|Bo|Cy|Di|Ho)\b|Bring yours", page)


def test_only_whoever_may_attend_finds_the_page(mine: FlaskClient, visitor: Visitor) -> None:
    assert mine.get("/me/specialists").location == DOOR
    assert 'href="/me/specialists"' in mine.get("/me").text
    with transaction() as rows:
        rows.query(Session).one().audience = "members"
    for path in ("/me/specialists", DOOR, "/me/specialists/none"):
        assert mine.get(path).status_code == 404
    assert send(mine, f"{DOOR}/wish", page="/me", verb="add", host="x").status_code == 404
    assert send(mine, f"{DOOR}/place", page="/me", verb="take", host="x", round="1").status_code == 404
    assert "specialists" not in mine.get("/me").text
    assert visitor.staff("organiser").get(DOOR).status_code == 404


def test_whoever_is_visited_wishes_for_nobody(me: Person, mine: FlaskClient, hosts: dict[str, str]) -> None:
    with transaction() as rows:
        rows.query(Host).filter_by(name="Bo").one().person_id = me.id
    page = mine.get(DOOR).text
    assert "Bo" not in listed(page)
    assert "people come to you" in page
    assert "My first wish" not in page
    assert tap(mine, "add", hosts["Bo"]) == 404


# --- wishes and the question ----------------------------------------------------------------------------------------


def test_wishes_are_ranked_in_one_tap_each(mine: FlaskClient, hosts: dict[str, str]) -> None:
    assert "My first wish" in mine.get(DOOR).text
    for name in ("Ana", "Bo", "Bo", "Cy"):
        assert tap(mine, "add", hosts[name]) == 303
    assert wished() == ["Ana", "Bo", "Cy"]
    assert tap(mine, "add", hosts["Di"]) == 409
    assert tap(mine, "up", hosts["Cy"]) == 303
    assert tap(mine, "up", hosts["Cy"]) == 303
    assert tap(mine, "up", hosts["Cy"]) == 303
    assert wished() == ["Cy", "Ana", "Bo"]
    assert tap(mine, "out", hosts["Ana"]) == 303
    assert tap(mine, "out", hosts["Ana"]) == 303
    assert tap(mine, "dance", hosts["Bo"]) == 303
    assert wished() == ["Cy", "Bo"]
    assert tap(mine, "add", "nobody") == 404
    page = mine.get(DOOR).text
    assert re.search(r"First wish.*Cy.*Second wish.*Bo.*My third wish", in_words(page))
    assert [form_of(mine)[f"wish-ask-us-{rank}"] for rank in (1, 2)] == [hosts["Cy"], hosts["Bo"]]


def test_a_wish_comes_back_to_the_narrowed_list(mine: FlaskClient, hosts: dict[str, str]) -> None:
    answer = send(mine, f"{DOOR}/wish", page=DOOR, verb="add", host=hosts["Bo"], language="fr")
    assert "language=fr" in answer.location
    assert answer.location.endswith(f"#host-{hosts['Bo']}")


def test_a_profile_that_was_open_meanwhile_is_not_saved_over_it(mine: FlaskClient, hosts: dict[str, str]) -> None:
    opened = form_of(mine)
    tap(mine, "add", hosts["Ana"])
    assert post(mine, opened, name="Somebody").status_code == 409
    assert wished() == ["Ana"]


def test_the_question_is_kept_and_what_is_wrong_stays_to_be_seen(mine: FlaskClient) -> None:
    assert send(mine, f"{DOOR}/question", page=DOOR, question=" How\r\n do I? ").status_code == 303
    assert [one.text for one in db.session.query(Question)] == ["How do I?"]
    for wrong, why in (("x" * 301, "300 characters"), ("a\u202eb", "invisible character")):
        answer = send(mine, f"{DOOR}/question", page=DOOR, question=wrong)
        assert answer.status_code == 422
        assert why in error_beside(answer.text, "question")
        assert wrong in answer.text
    assert "How do I?" in mine.get(DOOR).text
    assert send(mine, f"{DOOR}/question", page=DOOR, question="x" * 300).status_code == 303
    assert send(mine, f"{DOOR}/question", page=DOOR, question="").status_code == 303
    assert db.session.query(Question).count() == 0


def test_once_the_session_is_over_nothing_changes(
    mine: FlaskClient, hosts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, AFTER)
    assert tap(mine, "add", hosts["Ana"]) == 409
    answer = send(mine, f"{DOOR}/question", page="/me", question="Too late?")
    assert answer.status_code == 409
    assert "This session is over" in answer.text
    assert not wished()
    page = mine.get(DOOR).text
    assert "wishes can no longer be changed" in page
    assert "My first wish" not in page


# --- the result -----------------------------------------------------------------------------------------------------


def publish() -> None:
    session_id = db.session.query(Session).one().id
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    db.session.rollback()


def test_after_publication_the_talk_stands_there_and_wishes_count_for_what_falls_free(
    mine: FlaskClient, hosts: dict[str, str]
) -> None:
    tap(mine, "add", hosts["Di"])
    publish()
    page = in_words(mine.get(DOOR).text)
    assert re.search(r"Your talks .* table .* with Di", page)
    assert "counts when a place falls free" in page
    assert tap(mine, "add", hosts["Bo"]) == 303
    assert wished() == ["Di", "Bo"]


def result(visitor: Visitor, me: Person, cause: str) -> str:
    """What Me reads where they may not see Di for this cause."""
    with transaction() as rows:
        for kind in (KeepApart, MetBefore):
            rows.query(kind).delete()
        for one in rows.query(Person).filter(Person.organisation_id.is_not(None)):
            one.organisation = None
        other = rows.query(Person).filter_by(name="Di herself").one()
        if cause == "colleagues":
            house = rows.query(Organisation).first()
            rows.get_one(Person, me.id).organisation = other.organisation = house
        held = other.id
    if cause in {"keep_apart", "met_before"}:
        keep(KeepApart if cause == "keep_apart" else MetBefore, me.id, held)
    publish()
    page = untimed(visitor.participant(me).get(DOOR).text)
    return in_words(page)


def test_a_keep_apart_entry_reads_like_everything_else_that_can_forbid_a_talk(
    me: Person, hosts: dict[str, str], visitor: Visitor
) -> None:
    other = make.person(name="Di herself")
    make.store(other)
    with transaction() as rows:
        for name in ("Ana", "Bo", "Cy"):
            rows.delete(rows.query(Host).filter_by(name=name).one())
        rows.query(Host).filter_by(name="Di").one().person_id = other.id
        rows.add(HostWish(person_id=me.id, host_id=rows.query(Host).filter_by(name="Di").one().id))
    pages = {cause: result(visitor, me, cause) for cause in ("keep_apart", "met_before", "colleagues", "")}
    assert pages["keep_apart"] == pages["met_before"] == pages["colleagues"]
    assert "Not this time" in pages["keep_apart"]
    assert "Not this time" not in pages[""], "without any of these the talk takes place"


def test_my_rounds_leads_there(mine: FlaskClient, hosts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "See the specialists" in mine.get("/me").text
    tap(mine, "add", hosts["Bo"])
    assert "You have chosen 1 specialist." in mine.get("/me").text
    publish()
    assert "the specialists and the standby line" in mine.get("/me").text
    at(monkeypatch, AFTER)
    assert f'href="{DOOR}"' not in mine.get("/me").text


def test_the_page_takes_the_same_queries_for_one_and_for_many(mine: FlaskClient, hosts: dict[str, str]) -> None:
    publish()
    counts = []
    for more in (1, 3):
        for _ in range(more):
            topics = [make.interest(), make.interest()]
            house = make.organisation()
            session = db.session.query(Session).one()
            make.store(*topics)
            make.store(
                make.host(session=session, topics=topics, organisation=house, languages=("en", "ar")), make.person()
            )
        publish()
        mine.get(DOOR)
        with counted() as statements:
            assert mine.get(DOOR).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_strangers_to_the_house_are_told_nothing(app: Flask) -> None:
    with pytest.raises(NotFound):
        specialists.browse("ask-us", by=Actor(), now=BEFORE)
    with pytest.raises(NotFound):
        specialists.first_for(Actor(), now=BEFORE)
