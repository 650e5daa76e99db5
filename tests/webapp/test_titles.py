"""Titles and headings in the languages of pages and paper: the organiser's words where there are no others."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy.record_queries import get_recorded_queries

from tests.webapp import factories as make
from tests.webapp.events import brought, cell, edited, taken
from tests.webapp.factories import Visitor
from tests.webapp.pages import Page
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotFound
from webapp.i18n import LANGUAGE_COOKIE, LANGUAGES, force_locale
from webapp.models import Session, Staff, Translation
from webapp.operations.event import interests, programme, regions
from webapp.operations.files.event_file import trading
from webapp.operations.guests import hosts, people
from webapp.operations.words import titles

BY = Actor(staff=Staff(role="organiser"))


@pytest.fixture
def held(app: Flask) -> None:
    """An event with one interest and one session."""
    topic = make.interest(slug="privacy", heading="Cyberspace", title="Privacy")
    make.store(make.event(), topic, make.session(slug="talks", title="Short talks", tables=make.tables("1")))


def translate(**told: dict[str, str]) -> None:
    """Store what words are in other languages."""
    with transaction() as rows:
        titles.write(rows, {words.replace("_", " "): texts for words, texts in told.items()})


def kept() -> set[tuple[str, str, str]]:
    """All translations there are."""
    return {(row.words, row.language, row.text) for row in db.session.query(Translation)}


def test_a_title_comes_in_the_language_spoken_now_and_else_as_the_organiser_typed_it(held: None) -> None:
    translate(Privacy={"ar": "الخصوصية", "fr": ""}, Short_talks={"ar": "Short talks"})
    told = {}
    for code in LANGUAGES:
        with force_locale(code):
            told[code] = (titles.titled("Privacy"), titles.titled("Short talks"), titles.titled("Nothing"))
    own = ("Privacy", "Short talks", "Nothing")
    assert told == dict.fromkeys(LANGUAGES, own) | {"ar": ("الخصوصية", *own[1:])}
    assert kept() == {("Privacy", "ar", "الخصوصية")}


def test_all_titles_of_a_language_are_read_at_once(app: Flask, held: None) -> None:
    translate(Privacy={"ar": "الخصوصية"}, Cyberspace={"ar": "الفضاء الرقمي"})
    with app.test_request_context(), force_locale("ar"):
        before = len(get_recorded_queries())
        told = [titles.titled(words) for words in ("Privacy", "Cyberspace", "Nothing")]
        asked = [query.statement for query in get_recorded_queries()[before:]]
    assert told == ["الخصوصية", "الفضاء الرقمي", "Nothing"]
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_what_is_written_is_read_at_once(held: None) -> None:
    with force_locale("fr"):
        assert titles.titled("Privacy") == "Privacy"
        translate(Privacy={"fr": "Vie privée"})
        assert titles.titled("Privacy") == "Vie privée"


def test_translations_follow_their_words_and_go_with_them(held: None) -> None:
    translate(Privacy={"fr": "Vie privée"}, Cyberspace={"fr": "Cyberespace"}, Short_talks={"fr": "Brèves"})
    interests.rename_interest("privacy", "Cyberspace", "Private life", by=BY, told={"Private life": {"fr": "Vie"}})
    assert kept() == {
        ("Private life", "fr", "Vie"),
        ("Cyberspace", "fr", "Cyberespace"),
        ("Short talks", "fr", "Brèves"),
    }
    interests.remove_interest("privacy", by=BY)
    assert kept() == {("Short talks", "fr", "Brèves")}
    programme.remove_session("talks", by=BY)
    assert kept() == set()


def test_words_of_several_lines_are_the_same_however_their_lines_end(app: Flask, held: None) -> None:
    with transaction() as rows:
        rows.query(Session).one().summary = "One\r\ntwo"
        titles.write(rows, {"One\r\ntwo": {"fr": "Un\r\ndeux"}})
    for words in ("One\r\ntwo", "One\ntwo"):
        assert titles.in_language(words, "fr") == "Un\ndeux"
    content = taken()
    assert not brought(content).moves
    assert taken() == content
    with transaction() as rows:
        rows.query(Session).one().summary = "Three"
        titles.forget_unused(rows)
    assert kept() == set()


def test_what_a_host_says_in_other_languages_goes_with_the_host(held: None) -> None:
    me = make.person()
    clinic = make.session(slug="clinic", format="clinics")
    make.store(clinic, me)
    leaves, stays = (
        make.host(session_id=clinic.id, title=one, note=f"Note {one}", person_id=who)
        for one, who in (("Law", me.id), ("Radio", None))
    )
    make.store(leaves, stays)
    told = {words: {"fr": f"{words}, en français"} for words in ("Law", "Note Law", "Radio", "Note Radio")}
    translate(**told)
    assert len(kept()) == 4
    people.remove_person(me.public_id, by=BY)
    assert {words for words, _language, _text in kept()} == {"Radio", "Note Radio"}
    hosts.remove_host("clinic", stays.public_id, by=BY)
    assert kept() == set()


def filled(browser: FlaskClient, path: str, **typed: str) -> dict[str, str]:
    """The fields of the office's form on a page as they stand, with something typed into some."""
    form = next(one for one in Page(browser.get(path).text).forms if any("title" in field for field in one.filled()))
    return dict(form.filled()) | typed


def test_the_office_asks_for_them_folded_and_the_participant_reads_them(visitor: Visitor, held: None) -> None:
    topic, session = "/office/interests/privacy", "/office/sessions/talks"
    office, me = visitor.staff("organiser"), make.person()
    make.store(me)
    assert [n for n in filled(office, topic) if n.startswith("title_")] == [
        f"title_{code}" for code in ("en", "fr", "es", "ar", "ru", "km")
    ]
    assert '<details class="in-languages">' in office.get(topic).text
    for path, told in (
        (topic, {"title_ar": "الخصوصية", "heading_ar": "الفضاء الرقمي"}),
        (session, {"title_ar": "محادثات قصيرة"}),
    ):
        assert office.post(path, data=filled(office, path, **told)).status_code == 303
        assert told.items() <= filled(office, path).items()
    guest = visitor.participant(me)
    english = guest.get("/me").text + guest.get("/me/profile/topics").text
    guest.set_cookie(LANGUAGE_COOKIE, "ar")
    arabic = guest.get("/me").text + guest.get("/me/profile/topics").text
    for own, other in (("Privacy", "الخصوصية"), ("Cyberspace", "الفضاء الرقمي"), ("Short talks", "محادثات قصيرة")):
        assert own in english
        assert other not in english
        assert other in arabic
        assert own not in arabic


def test_the_event_file_carries_them_and_refuses_words_that_nothing_has(app: Flask, held: None) -> None:
    translate(Privacy={"km": "ឯកជនភាព"})
    content = taken()
    with transaction() as rows:
        rows.query(Translation).delete()
    assert brought(content).new == 1
    assert kept() == {("Privacy", "km", "ឯកជនភាព")}

    def misspell(workbook: object) -> None:
        cell(workbook, "titles", 2, "words").value = "Privaci"

    shown = trading.preview(edited(content, misspell), by=BY)
    assert [(one.sheet, one.row, one.header) for one in shown.problems] == [("titles", 2, "words")]


LONG = "Small tables. " * 20


@pytest.mark.parametrize("words", ["What it is", LONG.strip()])
def test_what_a_session_is_about_is_read_in_the_language_of_the_page(visitor: Visitor, held: None, words: str) -> None:
    office, me, path = visitor.staff("organiser"), make.person(), "/office/sessions/talks"
    make.store(me)
    alone = {"summary": "", "summary_ar": "طاولات صغيرة"}
    refused = office.post(path, data=filled(office, path, **alone))
    assert refused.status_code == 422
    assert "طاولات صغيرة" in refused.text
    assert office.post(path, data=filled(office, path, **alone | {"summary": words})).status_code == 303
    guest = visitor.participant(me)
    for page in ("/me", "/me/day.html"):
        assert words in guest.get(page).text, page
    guest.set_cookie(LANGUAGE_COOKIE, "ar")
    for page in ("/me", "/me/day.html"):
        told = guest.get(page).text
        assert "طاولات صغيرة" in told, page
        assert words not in told, page


def test_a_specialist_is_told_of_in_the_language_of_the_page(visitor: Visitor) -> None:
    clinic, me = make.session(slug="clinic", format="clinics", title="Ask"), make.person()
    make.store(make.event(), clinic, me)
    host = make.host(session_id=clinic.id, title="Law", note="Bring\nyour case")
    make.store(host)
    office, path = visitor.staff("organiser"), f"/office/sessions/clinic/hosts/{host.public_id}"
    typed = {"title_ar": "القانون", "note_ar": "أحضر\nقضيتك"}
    assert office.post(path, data=filled(office, path, **typed)).status_code == 303
    assert filled(office, path)["title_ar"] == "القانون"
    guest = visitor.participant(me)
    for page in ("/me/specialists/clinic", "/me/profile/meeting"):
        assert "Law" in guest.get(page).text, page
    guest.set_cookie(LANGUAGE_COOKIE, "ar")
    for page in ("/me/specialists/clinic", "/me/profile/meeting"):
        told = guest.get(page).text
        assert "القانون" in told, page
        assert "قضيتك" in told, page
        assert "Law" not in told, page


def test_a_region_is_named_on_a_page_and_read_in_the_language_of_the_page(visitor: Visitor) -> None:
    me = make.person()
    make.store(make.event(), me, make.region(slug="africa", title="Africa"), make.region(title="Europe"))
    office, path = visitor.staff("organiser"), "/office/regions/africa"
    assert path in office.get("/office/regions").text
    twice = office.post(path, data=filled(office, path, title="europe"))
    assert twice.status_code == 422
    told = {"title": "All of Africa", "title_ar": "أفريقيا"}
    assert office.post(path, data=filled(office, path, **told)).status_code == 303
    assert told.items() <= filled(office, path).items()
    guest = visitor.participant(me)
    assert "All of Africa" in guest.get("/me/profile").text
    guest.set_cookie(LANGUAGE_COOKIE, "ar")
    page = guest.get("/me/profile").text
    assert "أفريقيا" in page
    assert "All of Africa" not in page
    with pytest.raises(NotFound):
        regions.rename_region("africa", "Mine", by=Actor(staff=Staff(role="facilitator")))


def test_the_usual_regions_of_a_new_event_have_names_in_all_languages(visitor: Visitor) -> None:
    event = make.event(preset="open")
    values = {name: getattr(event, name) for name in programme.EventValues.__dataclass_fields__}
    programme.save_event(programme.EventValues(**values | {"host_language": None, "preset": "open"}), by=BY)
    for region in programme.regions():
        assert titles.others(region.title).keys() == set(LANGUAGES) - {"en"}
