"""Nothing typed is ever lost: bad wifi, double taps, two windows, a sign-in that ended, hostile values."""

import random
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.profile_page import (
    MEETING,
    SCREENS,
    TOPICS,
    WHO,
    error_beside,
    fields_of,
    form_of,
    post,
    room,
    save,
    send,
)
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import AnsweredForm, Interest, Person, Wish
from webapp.models.people import utc_now
from webapp.operations.door import accounts
from webapp.operations.profile import profiles
from webapp.operations.profile.profiles import Sent
from webapp.operations.profile.topics import Topics, open_topics
from webapp.operations.profile.who import Who, open_who

AT_ONCE = {"Accept": "application/json"}


@pytest.fixture
def me(app: Flask) -> Person:
    return room()


@pytest.fixture
def mine(me: Person, visitor: Visitor) -> FlaskClient:
    return visitor.participant(me)


def mine_now(who: Person) -> Topics:
    return open_topics(Actor(person=db.session.get(Person, who.id)))[0].part


def words(who: Person) -> str:
    return mine_now(who).offers_words


# --- two windows, double taps -----------------------------------------------------------------------------------------


def test_a_form_opened_before_another_save_keeps_what_is_typed(me: Person, mine: FlaskClient) -> None:
    old = form_of(mine, TOPICS)
    save(mine, TOPICS, offers_words="Other window")
    answer = post(mine, old, TOPICS, offers_words="This window")
    assert answer.status_code == 409
    assert "saved from another window" in answer.text
    assert fields_of(answer.text)["offers_words"] == "This window"
    assert words(me) == "Other window"
    assert post(mine, fields_of(answer.text), TOPICS).status_code == 303
    assert words(me) == "This window"


def test_two_screens_in_two_windows_are_no_conflict(me: Person, mine: FlaskClient) -> None:
    who, meeting = form_of(mine, WHO), form_of(mine, MEETING)
    save(mine, TOPICS, offers_words="x")
    assert post(mine, who, WHO, name="Myself").status_code == 303
    assert post(mine, meeting, MEETING, seated="y").status_code == 303


def test_a_form_that_comes_twice_is_answered_alike_and_kept_once(me: Person, mine: FlaskClient) -> None:
    form = form_of(mine, TOPICS)
    told = [post(mine, form, TOPICS, offers_words="first") for _ in range(2)]
    assert [answer.headers["Location"] for answer in told] == ["/me/profile/meeting?note=saved"] * 2
    assert db.session.get(Person, me.id).revision == 1
    save(mine, TOPICS, offers_words="second")
    assert post(mine, form, TOPICS, offers_words="first").status_code == 303, "answered as it was the first time"
    assert words(me) == "second", "and nothing is undone by it"


def test_a_form_that_was_changed_after_a_lost_answer_is_no_conflict(me: Person, mine: FlaskClient) -> None:
    form = form_of(mine, TOPICS)
    send(mine, form, TOPICS, AT_ONCE, turn="1", offers_words="typed")
    answer = send(mine, form, TOPICS, AT_ONCE, turn="2", offers_words="typed on")
    assert (answer.status_code, words(me)) == (200, "typed on")
    assert send(mine, form, TOPICS, AT_ONCE, turn="1", offers_words="typed").status_code == 200
    assert words(me) == "typed on", "what comes late does not undo what came after it"
    assert post(mine, form, TOPICS, turn="2", offers_words="else").status_code == 409


def test_another_window_is_noticed_between_two_sendings(me: Person, mine: FlaskClient) -> None:
    form = form_of(mine, TOPICS)
    send(mine, form, TOPICS, AT_ONCE, turn="1", offers_words="mine")
    save(mine, TOPICS, offers_words="other")
    assert send(mine, form, TOPICS, AT_ONCE, turn="2", offers_words="mine again").status_code == 409
    assert words(me) == "other"


def test_a_script_is_told_how_things_stand(me: Person, mine: FlaskClient) -> None:
    form = form_of(mine, TOPICS)
    answer = send(mine, form, TOPICS, AT_ONCE, turn="1", offers_words="x")
    assert answer.json == {"stamp": form_of(mine, TOPICS)["stamp"]}
    assert send(mine, form, TOPICS, AT_ONCE, turn="2", offers_words="x" * 121).status_code == 422
    me_again = mine.post("/sign-out", data={"csrf_token": form["csrf_token"]})
    assert me_again.status_code == 303
    assert send(mine, form, TOPICS, AT_ONCE, turn="3").status_code == 401


class BadWifi:
    """Loses requests and answers, sends some twice and some late, a tenth of each; tries again until answered."""

    def __init__(self, client: FlaskClient, seed: int) -> None:
        self.client, self.chance, self.late = client, random.Random(seed), []
        self.lost = self.twice = 0

    def send(self, form: MultiDict[str, str], **changes: object) -> TestResponse:
        def once() -> TestResponse:
            return send(self.client, form, TOPICS, AT_ONCE, **changes)

        while True:
            fate = self.chance.random()
            if fate < 0.1:
                self.lost += 1
                continue
            answer = once()
            if fate < 0.2:
                self.twice += 1
                once()
            elif fate < 0.3:
                self.late.append(once)
            while self.late and self.chance.random() < 0.2:
                self.late.pop(0)()
            if fate >= 0.9:
                self.lost += 1
                continue
            return answer


def sent_on_bad_wifi(mine: FlaskClient, me: Person, times: int, *, counted: bool) -> tuple[int, int, BadWifi]:
    """Type on and on; return after how many answers something else stood there, and how often it was written."""
    wifi, wrong = BadWifi(mine, seed=6), 0
    form = form_of(mine, TOPICS)
    for turn in range(1, times + 1):
        told = {
            "turn": str(turn if counted else 0),
            "offers_words": f"word {turn}",
            "offers": ["law", "radio"][: turn % 3],
        }
        answer = wifi.send(form, **told)
        wrong += answer.status_code != 200 or words(me) != f"word {turn}"
    return wrong, db.session.get(Person, me.id).revision, wifi


@pytest.mark.parametrize("times", [100, pytest.param(500, marks=pytest.mark.long)])
def test_bad_wifi_loses_and_doubles_nothing(me: Person, mine: FlaskClient, times: int) -> None:
    wrong, written, wifi = sent_on_bad_wifi(mine, me, times, counted=True)
    print(f"\n{times} forms, {wifi.lost} requests or answers lost, {wifi.twice} sent twice: {wrong} losses")
    assert min(wifi.lost, wifi.twice) > times / 20
    assert (wrong, written) == (0, times)
    assert db.session.query(AnsweredForm).count() == 1
    sides = [(own.interest_id, own.side) for own in db.session.get(Person, me.id).interests]
    assert len(sides) == len(set(sides))


def test_without_counting_bad_wifi_would_be_felt(me: Person, mine: FlaskClient) -> None:
    assert sent_on_bad_wifi(mine, me, 30, counted=False)[0] > 0


def test_answers_are_forgotten_after_days(me: Person, mine: FlaskClient) -> None:
    save(mine, TOPICS, offers_words="x")
    with transaction() as rows:
        rows.query(AnsweredForm).one().answered_at = utc_now() - profiles.ANSWERS_KEPT * 2
    save(mine, TOPICS, offers_words="y")
    assert db.session.query(AnsweredForm).count() == 1


def test_no_word_is_kept_with_an_answer(me: Person, mine: FlaskClient) -> None:
    save(mine, MEETING, wished_names="Somebody Feared")
    row = db.session.query(AnsweredForm).one()
    assert all(len(text) == 64 and re.fullmatch("[0-9a-f]+", text) for text in (row.key_hash, row.sent, row.stamp))


@pytest.mark.parametrize("stamp", [None, "", "-1", "9" * 30, "x"])
def test_a_form_that_does_not_say_on_what_it_was_opened_changes_nothing(
    me: Person, mine: FlaskClient, stamp: str | None
) -> None:
    form = form_of(mine, TOPICS)
    assert post(mine, form, TOPICS, offers_words="x", stamp=[] if stamp is None else [stamp]).status_code == 409
    assert words(me) == ""


def test_saving_is_for_oneself_only(me: Person) -> None:
    stamp = open_who(Actor(person=me))[0].stamp
    with pytest.raises(NotFound):
        profiles.save(Who("X"), Sent("key", stamp), by=Actor())
    with pytest.raises(NotNow):
        profiles.save(Who("X"), Sent("key", "other"), by=Actor(person=me))
    other = make.person(name="Me", latin="Me")
    make.store(other)
    with pytest.raises(NotNow):
        profiles.save(Who("X"), Sent("key", stamp), by=Actor(person=other))
    profiles.save(Who("X"), Sent("key", stamp), by=Actor(person=me))
    assert db.session.get(Person, me.id).name == "X"


# --- a sign-in that ended ---------------------------------------------------------------------------------------------


def signed_out(mine: FlaskClient, path: str = MEETING) -> MultiDict[str, str]:
    """A form that lay open while its browser was signed out."""
    form = form_of(mine, path)
    assert mine.post("/sign-out", data={"csrf_token": form["csrf_token"]}).status_code == 303
    return form


def test_what_is_typed_travels_to_the_code_and_back(me: Person, mine: FlaskClient) -> None:
    code = make.code(me.id)
    form = signed_out(mine)
    asked = post(mine, form, wished_names="Sara\r\n<b>\"'&", seated="y", wished_roles=["donor", "guest"])
    assert asked.status_code == 401
    assert "<b>" not in asked.text
    assert 'action="/language"' not in asked.text
    assert not db.session.query(Wish).count(), "nothing is stored"
    carried = fields_of(asked.text)
    again = {key: carried.getlist(key)[: len(carried.getlist(key)) // 2 or 1] for key in carried}
    wrong = mine.post("/again", data={**again, "code": "0000 0000 0000 0000"})
    assert wrong.status_code == 422
    assert "Sara" in wrong.text
    back = mine.post("/again", data={**again, "code": code})
    assert back.status_code == 200
    shown = fields_of(back.text)
    assert shown["wished_names"] == "Sara\r\n<b>\"'&"
    assert shown.getlist("wished_roles") == ["donor", "guest"]
    assert shown["seated"] == "y"
    assert not db.session.query(Wish).count()
    assert post(mine, shown).status_code == 303
    assert [wish.text for wish in db.session.query(Wish).filter(Wish.text.is_not(None))] == ["Sara", "<b>\"'&"]


def test_another_person_does_not_get_it(me: Person, mine: FlaskClient) -> None:
    other = make.person(name="Other")
    make.store(other)
    code = make.code(other.id)
    form = signed_out(mine)
    token = fields_of(post(mine, form).text)["csrf_token"]
    answer = mine.post("/again", data={**form, "csrf_token": token, "to": "meeting", "wished_names": "S", "code": code})
    assert answer.headers["Location"] == "/me?note=theirs"
    assert mine.get("/me").status_code == 200


def test_whoever_signed_in_again_elsewhere_sees_it_too(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    form = form_of(mine, WHO)
    anew = visitor.participant(me)
    answer = post(anew, form, WHO, name="Typed before")
    assert answer.status_code == 400
    shown = fields_of(answer.text)
    assert shown["name"] == "Typed before"
    assert db.session.get(Person, me.id).name == "Me"
    assert post(anew, shown, WHO).status_code == 303
    assert db.session.get(Person, me.id).name == "Typed before"


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_puts_words_into_a_form(me: Person, mine: FlaskClient, headers: dict[str, str]) -> None:
    form = signed_out(mine, WHO)
    answer = send(mine, form, WHO, headers, name="Planted")
    assert answer.status_code == 401
    assert "Planted" not in answer.text
    assert "Planted" in send(mine, form, WHO, {"Origin": "http://localhost"}, name="Planted").text


def test_a_form_left_open_for_half_a_day_is_taken(app: Flask, me: Person, mine: FlaskClient) -> None:
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None
    assert accounts.PERSON_LASTS.days >= 1
    assert profiles.ANSWERS_KEPT.days >= 1


def test_a_form_without_its_token_saves_nothing(me: Person, mine: FlaskClient) -> None:
    assert save(mine, WHO, organisation="Elsewhere", csrf_token=[]).status_code == 400
    assert db.session.get(Person, me.id).organisation is None
    assert save(mine, WHO, organisation="Elsewhere").status_code == 303


# --- hostile values ---------------------------------------------------------------------------------------------------

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    WHO: (("name", "latin", "organisation"), ("country", "regions", "languages", "more_1", "more_2", "best")),
    TOPICS: (("offers_words", "seeks_words"), ("offers", "seeks")),
    MEETING: (
        ("wished_names",),
        (
            "wished_roles",
            "wished_regions",
            "companion_languages",
            "companion_more",
            "away_1_day",
            "away_2_from",
            "away_3_to",
        ),
    ),
}
HOSTILE = ("a\x00b", "a\u202eb", "\u2066a")
TOO_LARGE = str(2**63)
NEVER_A_FAILURE = (*HOSTILE, b"a\xed\xa0\x80b", TOO_LARGE, "' OR 1=1 --", "<script>", "%00", "=1+1")


@pytest.mark.parametrize("path", SCREENS)
def test_hostile_text_is_refused(me: Person, mine: FlaskClient, path: str) -> None:
    form = form_of(mine, path)
    for value in HOSTILE:
        for field in (*FIELDS[path][0], *FIELDS[path][1]):
            answer = post(mine, form, path, **{field: value})
            assert answer.status_code == 422, field
            assert error_beside(answer.text, field), field
    assert db.session.get(Person, me.id).revision == 0


@pytest.mark.parametrize("path", SCREENS)
def test_numbers_where_none_belong_are_refused(mine: FlaskClient, path: str) -> None:
    form = form_of(mine, path)
    for value in (TOO_LARGE, "-1", "²", "9" * 5000):
        for field in FIELDS[path][1]:
            assert post(mine, form, path, **{field: value}).status_code == 422, field


@pytest.mark.parametrize("path", SCREENS)
def test_text_that_cannot_be_read_is_refused(me: Person, mine: FlaskClient, path: str) -> None:
    for field in FIELDS[path][0]:
        form = form_of(mine, path)
        for typed, status in ((b"a\xed\xa0\x80b", 422), (b"a\xff\xfeb", 422), (b"a1b", 303)):
            boundary, body = encode_multipart({**form.to_dict(), field: "HOSTILE"})
            kind = f"multipart/form-data; boundary={boundary}"
            answer = mine.post(path, data=body.replace(b"HOSTILE", typed), content_type=kind)
            assert answer.status_code == status


@pytest.mark.parametrize("path", SCREENS)
def test_no_value_makes_the_house_fall(mine: FlaskClient, path: str) -> None:
    form = form_of(mine, path)
    own: tuple[Any, ...] = ("key", "stamp", "turn", "csrf_token", "suggest", "then", "seated", "away-²-day")
    for value in NEVER_A_FAILURE:
        for fields in ((*FIELDS[path][0], *FIELDS[path][1]), *((name,) for name in own)):
            answer = post(mine, form, path, **dict.fromkeys(fields, value))
            assert answer.status_code in {200, 303, 400, 409, 422}, fields
            assert "<script>" not in answer.text
    assert mine.get(path).status_code == mine.get("/me").status_code == 200


@pytest.mark.parametrize("path", SCREENS)
def test_signed_out_no_value_makes_the_house_fall(mine: FlaskClient, path: str) -> None:
    form = signed_out(mine, path)
    for value in NEVER_A_FAILURE:
        for field in ("key", FIELDS[path][0][0]):
            answer = post(mine, form, path, **{field: value})
            assert answer.status_code == 401
            assert "<script>" not in answer.text.replace('<script src="', "")
    assert mine.post(path, data={"name": "x" * 400_000}).status_code in {401, 413}
    nowhere = mine.post("/again", data={"to": "rounds", "csrf_token": fields_of(answer.text)["csrf_token"]})
    assert nowhere.headers["Location"] == "/"


def test_an_address_with_strange_values_is_no_failure(mine: FlaskClient) -> None:
    for path in ("/me?note=%00", "/me?note=%ED%A0%80", f"/me?page={TOO_LARGE}", "/me/profile?x=%FF", "/me/%00"):
        assert mine.get(path).status_code < 500


def test_nobody_sees_the_profile_of_another(me: Person, mine: FlaskClient, visitor: Visitor) -> None:
    save(mine, WHO, name="Noor", organisation="Paper Boat Press")
    save(mine, TOPICS, offers_words="Puppets")
    save(mine, MEETING, wished_names="Lantern Fund")
    stranger = visitor.participant(make_and_store("Stranger"))
    for path in (*SCREENS, "/me/profile/preview", "/me"):
        assert not re.search("Noor|Paper Boat|Puppets|Lantern", stranger.get(path).text)
    assert all(word in "".join(mine.get(path).text for path in SCREENS) for word in ("Noor", "Puppets", "Lantern"))


def make_and_store(name: str) -> Person:
    row = make.person(name=name)
    make.store(row)
    return row


def test_a_topic_removed_while_saving_is_said_beside_it(me: Person, mine: FlaskClient) -> None:
    with transaction() as rows:
        rows.query(Interest).filter_by(slug="law").delete()
    sent = Sent("key", open_topics(Actor(person=me))[0].stamp)
    with pytest.raises(BadInput):
        profiles.save(Topics(offers=("law",)), sent, by=Actor(person=db.session.get(Person, me.id)))
