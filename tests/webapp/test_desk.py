"""The desk in a browser's place: what a facilitator sees, presses and prints."""

import re
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send, untimed
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_jobs import PATIENCE, no_process_stays, waiting_job
from tests.webapp.test_office import counted
from webapp.db import db, transaction
from webapp.exchange import picture
from webapp.models import Absence, KeepApart, Person, Plan, Session
from webapp.operations.paper import printing
from webapp.operations.plans import planning
from webapp.views import facilitator

__all__ = ["no_process_stays"]
DOOR = "/desk/s"


@pytest.fixture
def desk(app: Flask, visitor: Visitor) -> FlaskClient:
    """A browser in which a facilitator is signed in."""
    return visitor.staff("facilitator")


def drafted(count: int = 5) -> int:
    session_id, _people = open_room(count, slug="s", title="Meet")
    planning.make_plan(session_id, by=BY)
    return session_id


def filled(page: str) -> list[str]:
    """The words on the filled buttons of a page."""
    found = re.findall(r'<(?:a|button)[^>]* class="button"[^>]*>([^<]+)<|<button class="button">([^<]+)<', page)
    return [one or other for one, other in found]


def test_the_list_says_how_far_each_session_is(desk: FlaskClient) -> None:
    drafted()
    planning.publish(planning.find_session("s").id, by=BY)
    late = make.START + timedelta(days=1)
    make.store(
        make.session(slug="later", title="Later", starts=late, ends=late + timedelta(hours=1)),
        make.session(slug="talk", title="A talk", format="plain", rounds=0),
    )
    page = desk.get("/desk").text
    assert page.index("Wednesday 19 June") < page.index("Meet") < page.index("Thursday 20 June") < page.index("Later")
    assert "Published: version A" in page
    assert page.count("Not planned") == 1
    assert "/desk/talk" not in page
    planning.make_plan(planning.find_session("s").id, by=BY)
    assert "Draft" in desk.get("/desk").text


@pytest.mark.usefixtures("on_the_eve")
def test_the_next_step_is_the_only_filled_button(desk: FlaskClient) -> None:
    session_id, _people = open_room(5, slug="s")
    assert filled(desk.get(DOOR).text) == ["Plan"]
    planning.make_plan(session_id, by=BY)
    assert filled(desk.get(DOOR).text) == ["See the draft"]
    assert filled(desk.get(f"{DOOR}/draft").text) == ["Publish"]
    planning.publish(session_id, by=BY)
    assert filled(desk.get(DOOR).text) == ["Print"]
    assert filled(desk.get(f"{DOOR}/plan").text) == ["Print"]
    waiting_job(session_id)
    assert filled(desk.get(DOOR).text) == ["See how far it is"]


@pytest.mark.parametrize("format_", ["clinics", "stations", "plain"])
def test_what_cannot_be_planned_says_so_and_has_no_button(desk: FlaskClient, format_: str) -> None:
    open_room(4, slug="s", format=format_)
    page = desk.get(DOOR).text
    assert ("nothing to plan" if format_ == "plain" else "Nobody is there to be visited yet") in page
    assert filled(page) == []
    assert "/plan" not in page
    assert send(desk, f"{DOOR}/plan", page=DOOR).location == DOOR
    assert not planning.find_plan(planning.find_session("s").id, "draft")


def test_planning_is_watched_until_the_draft_is_there(desk: FlaskClient) -> None:
    open_room(6, slug="s")
    answer = send(desk, f"{DOOR}/plan", page=DOOR)
    assert answer.status_code == 303
    assert send(desk, f"{DOOR}/plan", page=DOOR).location == answer.location
    page = desk.get(answer.location)
    assert page.status_code in (200, 303)
    if page.status_code == 200:
        assert "<progress" in page.text
        assert '<noscript><meta http-equiv="refresh"' in page.text
    until = time.monotonic() + PATIENCE
    while "HX-Redirect" not in (live := desk.get(answer.location, headers={"HX-Request": "true"})).headers:
        assert live.status_code == 200
        assert "<html" not in live.text
        assert "HX-Refresh" not in live.headers, "the planning has failed"
        assert time.monotonic() < until
        time.sleep(0.1)
    assert live.headers["HX-Redirect"] == f"{DOOR}/draft"
    assert desk.get(answer.location).location == f"{DOOR}/draft"
    assert desk.get(f"{DOOR}/draft").status_code == 200


def test_a_stopped_and_a_failed_job_lead_on(desk: FlaskClient) -> None:
    session_id, _people = open_room(4, slug="s")
    public_id = waiting_job(session_id)
    path = f"{DOOR}/job/{public_id}"
    assert send(desk, f"{path}/stop", page=path).location == f"{DOOR}?note=stopped"
    assert "The planning was stopped" in desk.get(path).text
    assert desk.get(path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    failed = waiting_job(session_id, state="failed", sentence="No luck at 100 %.")
    page = desk.get(f"{DOOR}/job/{failed}").text
    assert "could not be planned" in page
    assert "No luck at 100 %." in page
    assert filled(page) == ["Plan again"]


def test_the_draft_is_told_in_plain_words(desk: FlaskClient) -> None:
    drafted(5)
    page = desk.get(f"{DOOR}/draft").text
    assert "2 of 5 people have a talk in every round they are here for; 3 have a free round." in page
    assert "an odd number of people" in page
    assert "Each person's talks are worth at least 100 % of the best they could have had." in page
    assert page.index("<img") < page.index("Proof and mathematics")
    for word in ("Bound", "Gap", "Lowest satisfaction", "Table changes", "Seconds of planning"):
        assert page.index("<details>") < page.index(word)
    assert 'width="640"' in page
    assert 'alt="Bars' in page


def test_the_picture_is_still_and_needs_nothing_from_elsewhere(desk: FlaskClient) -> None:
    drafted(5)
    picture_of = desk.get(f"{DOOR}/draft.svg")
    assert picture_of.mimetype == "image/svg+xml"
    assert "90 to 100 %" in picture_of.text
    for word in ("<script", "onload", "@import", "url("):
        assert word not in picture_of.text
    assert set(re.findall(r"https?://[^\s\"']+", picture_of.text)) == {"http://www.w3.org/2000/svg"}
    assert desk.get(f"{DOOR}/plan.svg").status_code == 404


def test_bars_stand_in_the_order_given_with_their_numbers() -> None:
    svg = picture.bars([("high", 7), ("low", 0)], across="People").decode()
    assert [svg.index(word) for word in ("high", "low")] != [-1, -1]
    assert re.search(r">7</text>", svg)
    assert re.search(r">0</text>", svg)
    assert svg.count('class="rect') == 2
    assert picture.bars([], across="People")


@pytest.mark.usefixtures("on_the_eve")
def test_publishing_leads_to_printing(desk: FlaskClient) -> None:
    drafted()
    seen = db.session.query(Plan).one().public_id
    answer = send(desk, f"{DOOR}/publish", page=f"{DOOR}/draft", draft=seen)
    assert answer.location == f"{DOOR}?note=published"
    assert "Version A is published" in desk.get(answer.location).text
    again = send(desk, f"{DOOR}/publish", page=DOOR, draft=seen)
    assert again.status_code == 409
    assert "There is no draft" in again.text


def test_a_draft_that_was_not_looked_at_is_not_published(desk: FlaskClient) -> None:
    session_id = drafted()
    for fields in ({"draft": "another"}, {}):
        assert send(desk, f"{DOOR}/publish", page=f"{DOOR}/draft", **fields).status_code == 409
    assert planning.find_plan(session_id, "published") is None


def test_a_draft_that_no_longer_fits_offers_to_plan_again(desk: FlaskClient) -> None:
    drafted()
    make.store(make.person())
    page = desk.get(f"{DOOR}/draft").text
    assert "have changed since this draft was made" in page
    assert filled(page) == ["Plan again"]


def test_a_draft_can_be_thrown_away(desk: FlaskClient) -> None:
    drafted()
    seen = db.session.query(Plan).one().public_id
    assert send(desk, f"{DOOR}/discard", page=f"{DOOR}/draft", draft=seen).location == f"{DOOR}?note=removed"
    assert desk.get(f"{DOOR}/draft").location == DOOR
    assert filled(desk.get(DOOR).text) == ["Plan"]


def test_pages_to_print_and_their_files(desk: FlaskClient) -> None:
    session_id = drafted(9)
    page = desk.get(f"{DOOR}/print").text
    assert "Nothing is published yet" in page
    assert "cards.pdf" not in page
    assert desk.get(f"{DOOR}/print/cards.pdf").status_code == 409
    planning.publish(session_id, by=BY)
    page = desk.get(f"{DOOR}/print").text
    assert "2 pages" in page
    links = re.findall(r'href="([^"]+\.pdf[^"]*)"', page)
    offer = printing.offer(planning.find_session("s"), planning.find_plan(session_id, "published"))
    assert len(links) == 2 * len((offer.pack, *offer.singles))
    for link in (one for one in links if "/cards.pdf" in one):
        answer = desk.get(link.replace("&amp;", "&"))
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
        assert answer.headers["Content-Disposition"] == 'inline; filename="cards-A.pdf"'


@pytest.mark.parametrize(
    ("host", "leads"),
    [
        ("localhost:8000", False),
        ("127.0.0.1", False),
        ("[::1]:80", False),
        ("rondo.example", True),
        ("10.0.0.5:81", True),
    ],
)
def test_codes_on_cards_lead_somewhere_or_are_left_out(app: Flask, host: str, leads: bool) -> None:
    app.config["TRUSTED_HOSTS"] = None
    with app.test_request_context(base_url=f"http://{host}/"):
        assert facilitator.address_of_house() == (f"http://{host}/" if leads else None)


def test_the_list_is_searched_by_number_and_by_names_in_any_script(desk: FlaskClient) -> None:
    names = [
        ("Nguyễn Ánh", "Nguyen Anh"),
        ("សុខ ដារា", "Sok Dara"),
        ("عبد الرحمن", "Abd al-Rahman"),
        ("Ann Sok", "Ann Sok"),
    ]
    people = [make.person(name=name, latin=latin, number=str(7000 + at)) for at, (name, latin) in enumerate(names)]
    make.store(make.event(), make.session(slug="s", tables=make.tables("1")), *people)
    for typed, found in (
        ("nguyen", [0]), ("ánh", [0]), ("sok", [1, 3]), ("dar", [1]), ("ដា", [1]), ("الر", [2]), ("rahman", [2]),
        ("7003", [3]), ("70", [0, 1, 2, 3]), ("٧٠٠٣", [3]), ("kok", []), ("", []),
    ):  # fmt: skip
        page = desk.get(DOOR, query_string={"q": typed}).text
        shown = re.findall(r'<li>\s*<span class="number">(\d+)</span>', page)
        assert sorted(shown) == [str(7000 + at) for at in found], typed
    page = desk.get(DOOR, query_string={"q": '"><script>'}).text
    assert "<script>" not in page
    assert "0 people found" in page


def test_who_can_meet_nobody_is_told_on_the_desk(desk: FlaskClient) -> None:
    open_room(4, slug="s")
    make.store(make.person(name="Loner", languages=("km",)))
    page = desk.get(DOOR).text
    assert "1 person can meet nobody" in page
    assert re.search(r"Loner</bdi>: Nobody else speaks a language of this person\.", page)


def test_absences_show_on_the_desk(desk: FlaskClient) -> None:
    _session_id, people = open_room(4, slug="s")
    make.store(Absence(person_id=people[0], starts=make.START, ends=make.START + timedelta(minutes=10)))
    make.store(Absence(person_id=people[1], starts=make.START, ends=make.START + timedelta(days=1)))
    page = desk.get(DOOR, query_string={"show": "expected"}).text
    assert page.count("away: rounds 1, 2<") == 1
    assert "<b>3</b> still expected" in page
    assert "1 more has said to be away" in page
    assert "away: rounds 1, 2, 3" in desk.get(DOOR, query_string={"show": "away"}).text


def test_pairs_to_keep_apart_leave_no_trace_on_any_page(desk: FlaskClient) -> None:
    session_id, people = open_room(6, slug="s")
    plain = untimed(desk.get(DOOR).text)
    make.store(KeepApart(one_id=people[0], other_id=people[1]))
    assert untimed(desk.get(DOOR).text) == plain
    planning.make_plan(session_id, by=BY)
    for path in ("draft", "print"):
        assert "apart" not in desk.get(f"{DOOR}/{path}").text
    quality = str(db.session.query(Plan).one().quality)
    assert "apart" not in quality


@pytest.mark.parametrize("path", ["/desk", DOOR, f"{DOOR}/draft", f"{DOOR}/print"])
def test_pages_take_the_same_queries_for_one_and_for_three(desk: FlaskClient, path: str) -> None:
    session_id, _people = open_room(2, slug="s")
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    planning.make_plan(session_id, by=BY)
    counts = []
    for more in (0, 3):
        for _ in range(more):
            guest = make.person(organisation=make.organisation(), regions=[make.region()])
            guest.absences = [Absence(starts=make.START, ends=make.START + timedelta(minutes=6))]
            make.store(guest, make.session())
        if more:
            planning.make_plan(session_id, by=BY)
        with counted() as statements:
            assert desk.get(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 32


@pytest.mark.parametrize(
    "path",
    [
        "/desk/none", "/desk/none/draft", "/desk/none/plan", "/desk/none/print", "/desk/none/draft.svg",
        "/desk/none/print/cards.pdf", "/desk/none/job/x", f"{DOOR}/job/x", f"{DOOR}/print/posters.pdf",
        f"{DOOR}/print/tick.pdf?paper=a5", f"{DOOR}/other.svg", "/desk/%00", f"/desk/{'9' * 400}",
    ],
)  # fmt: skip
def test_unknown_addresses_are_not_there(desk: FlaskClient, path: str) -> None:
    open_room(2, slug="s")
    assert desk.get(path).status_code in (400, 404)


def test_unknown_doors_take_no_forms(desk: FlaskClient) -> None:
    open_room(2, slug="s")
    for path in ("/desk/none/plan", "/desk/none/publish", "/desk/none/discard", f"{DOOR}/job/x/stop"):
        assert send(desk, path, page=DOOR).status_code == 404


def test_the_desk_is_closed_to_participants_and_strangers(client: FlaskClient, visitor: Visitor) -> None:
    session_id = drafted()
    guest = visitor.participant(db.session.query(Person).first())
    for path in ("/desk", DOOR, f"{DOOR}/draft", f"{DOOR}/draft.svg", f"{DOOR}/print", f"{DOOR}/print/tick.pdf"):
        assert guest.get(path).status_code == 404
        assert client.get(path).location == "/"
    assert send(guest, f"{DOOR}/publish", page="/me").status_code == 404
    assert planning.find_plan(session_id, "published") is None


def test_names_are_never_markup(desk: FlaskClient) -> None:
    session_id, people = open_room(5, slug="s", title="<b>Meet</b>")
    with transaction() as rows:
        rows.get(Person, people[0]).name = "<img src=x>"
        rows.get(Session, session_id).room = "<i>Hall</i>"
    planning.make_plan(session_id, by=BY)
    for path in ("/desk", DOOR, f"{DOOR}/draft", f"{DOOR}/print"):
        page = desk.get(path).text
        assert not re.search(r"<b>Meet|<img src=x|<i>Hall", page)
