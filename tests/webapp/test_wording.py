"""The engine's codes in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from webapp import wording


@pytest.fixture(autouse=True)
def page(app: Flask) -> object:
    with app.test_request_context("/"):
        yield


def test_a_rest_is_explained_without_blame() -> None:
    assert wording.rest("odd_number", round_no=4, people=211) == "Round 4: free (211 people do not split in pairs)."


def test_an_even_number_is_never_called_odd() -> None:
    assert "212" not in wording.rest("odd_number", round_no=4, people=212)
    assert "odd number" in wording.rest("odd_number", round_no=4, people=212)


@pytest.mark.parametrize("code", ["no_partner", "limit", "no_table", "away", "no_seat", "a code of tomorrow"])
def test_every_rest_has_a_sentence(code: str) -> None:
    sentence = wording.rest(code, round_no=2)
    assert sentence.startswith("Round 2: free (")
    assert sentence.endswith(").")
    assert code not in sentence or code == "away"


def test_rests_differ() -> None:
    codes = ("odd_number", "no_partner", "limit", "no_table", "away", "no_seat")
    assert len({wording.rest_reason(code) for code in codes}) == len(codes)


def test_topics_are_told_from_the_readers_side() -> None:
    assert wording.topic_reason(gives=True, takes=False) == "You offer it, and your partner seeks it."
    assert wording.topic_reason(gives=False, takes=True) == "You seek it, and your partner offers it."
    assert wording.topic_reason(gives=True, takes=True) == "Each of you offers it and seeks it."


def test_topics_of_a_table_name_nobody_there() -> None:
    ways = [(True, False), (False, True), (True, True)]
    circle = [wording.topic_reason(gives=gives, takes=takes, kind="circles") for gives, takes in ways]
    visits = {wording.topic_reason(gives=False, takes=True, kind=kind) for kind in ("clinics", "stations")}
    assert len({*circle, *visits}) == 5
    assert not any("partner" in sentence for sentence in (*circle, *visits))


def test_a_free_round_among_visits_is_nobodys_fault() -> None:
    assert wording.rest("usual", round_no=4, kind="clinics") == "Round 4: free."
    assert wording.rest("no_visitor", round_no=4) == "Round 4: nobody is expected at your table."
    assert "languages" in wording.rest("no_partner", round_no=4, kind="stations")
    assert "languages" not in wording.rest("no_partner", round_no=4)


@pytest.mark.parametrize(("topic", "gives"), [("Radio", True), ("Radio", False), (None, False)])
def test_questions_vary_and_stay(topic: str | None, gives: bool) -> None:
    asked = [wording.opening_question(topic, gives=gives, pick=pick) for pick in range(40)]
    again = [wording.opening_question(topic, gives=gives, pick=pick) for pick in range(40)]
    assert asked == again
    assert len(set(asked)) >= (6 if topic else 8)
    assert len(set(asked[:6])) == 6
    assert all(question.endswith("?") for question in asked)
    assert all(("Radio" in question) == (topic is not None) for question in asked)


def test_a_topic_with_a_percent_sign_stays_as_it_is() -> None:
    assert "100 % radio" in wording.opening_question("100 % radio", pick=1)


def test_the_zone_is_named_by_its_city() -> None:
    told = wording.time_zone(ZoneInfo("Asia/Phnom_Penh"), datetime(2013, 6, 19))
    assert told == "Phnom Penh (GMT+07:00)"


def test_roles_have_names() -> None:
    assert [wording.role_name(role) for role in ("member", "donor", "stakeholder", "guest")] == [
        "Members", "Donors", "Local stakeholders", "Special guests",
    ]  # fmt: skip
