"""Sign-ins begin and end as promised: a fresh id each time, and nothing left in a copied cookie or an old link."""

import contextvars
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.webapp.canaries import FIRST_KEY, PASSWORD
from tests.webapp.walker import House, plain, text_of
from webapp.access import Actor
from webapp.db import db, transaction
from webapp.models import Helper, Person, Session, SignIn, Staff
from webapp.models.people import utc_now
from webapp.operations.door import accounts, helping, ways_in
from webapp.operations.guests import people

HOME = {"participant": "/me", "helper": "/tick/first-talks", "facilitator": "/desk", "organiser": "/office"}


def inside(house: House, action: Callable[[], object]) -> None:
    """Do something in the house that no browser asked for."""

    def run() -> None:
        with house.app.app_context():
            action()
            db.session.remove()

    contextvars.Context().run(run)


def cookie(house: House, role: str) -> str:
    """The id that this browser holds now."""
    held = house.browsers[role].get_cookie(house.cookie_name, house.host)
    return held.value if held else ""


def with_copy(house: House, role: str) -> TestResponse:
    """Look at the role's first page from another browser that holds a copy of the cookie handed out first."""
    house.browsers["anonymous"].set_cookie(house.cookie_name, house.populated.cookies[role], domain=house.host)
    return house.get("anonymous", HOME[role])


def organiser() -> Actor:
    """Somebody of the office."""
    return Actor(staff=db.session.query(Staff).filter_by(role="organiser").one())


def remove_guest() -> None:
    """The office removes the participant."""
    public_id = db.session.get_one(Person, FIRST_KEY).public_id
    people.remove_person(public_id, by=organiser())


def new_way_in() -> None:
    """The office gives the participant a new code."""
    ways_in.give_ways_in(db.session.get_one(Person, FIRST_KEY).public_id, by=organiser())


def set_back(kind: type = SignIn, **values: object) -> Callable[[], None]:
    """Change every sign-in."""

    def change() -> None:
        with transaction() as rows:
            rows.query(kind).update(values)

    return change


def remove_session() -> None:
    """The session in which somebody helps is taken off."""
    with transaction() as rows:
        rows.query(Session).filter_by(id=940_001).delete()


def end_helper() -> None:
    """The desk ends the helper's work."""
    helping.end(940_001, db.session.query(Helper).one().public_id, by=organiser())


ENDS: dict[str, tuple[str, Callable[[], object]]] = {
    "a password reset": ("organiser", lambda: accounts.reset_password("organiser here", "another long password")),
    "signing out everywhere": ("organiser", lambda: accounts.sign_out_everywhere(by=organiser())),
    "revoking": ("facilitator", set_back(revoked_at=utc_now())),
    "the end of its time": ("participant", set_back(expires_at=utc_now() - timedelta(seconds=1))),
    "an hour of quiet at the desk": ("facilitator", set_back(seen_at=utc_now() - timedelta(minutes=61))),
    "a new code from the office": ("participant", new_way_in),
    "removing the person": ("participant", remove_guest),
    "the desk": ("helper", end_helper),
    "the desk, for all": ("helper", lambda: helping.end_all(940_001, by=organiser())),
    "the end of the session": ("helper", set_back(Helper, ends_at=utc_now() - timedelta(seconds=1))),
    "removing the session": ("helper", remove_session),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_copied_cookie_ends_with(house: House, how: str) -> None:
    role, action = ENDS[how]
    assert with_copy(house, role).status_code == 200
    inside(house, action)
    answer = with_copy(house, role)
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/")
    assert house.knock("anonymous", "POST", HOME[role]).status_code in {401, 405}


@pytest.mark.parametrize("role", HOME)
def test_a_copied_cookie_ends_with_signing_out(house: House, role: str) -> None:
    assert with_copy(house, role).status_code == 200
    answer = house.send(role, "/sign-out", [])
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert with_copy(house, role).status_code == 303
    assert cookie(house, role) != house.populated.cookies[role]


def test_signing_out_everywhere_ends_other_browsers(house: House) -> None:
    with_copy(house, "organiser")
    second = house.send("anonymous", "/staff", [("name", "organiser here"), ("password", PASSWORD)])
    assert second.status_code == 303
    assert house.get("anonymous", "/office").status_code == 200
    house.send("organiser", "/sign-out", [("everywhere", "yes")])
    assert house.get("anonymous", "/office").status_code == 303


@pytest.mark.parametrize("door", ["code", "link", "password"])
def test_every_sign_in_gets_a_fresh_id(house: House, door: str) -> None:
    ways = {
        "code": ("/", [("code", house.populated.code)], "/me"),
        "link": (f"/in/{house.populated.link}", [], "/me"),
        "password": ("/staff", [("name", "organiser here"), ("password", PASSWORD)], "/office"),
    }
    path, fields, home = ways[door]
    ids = [cookie(house, "anonymous")]
    for _ in range(2):
        assert house.send("anonymous", path, fields).status_code == 303
        assert house.get("anonymous", home).status_code == 200
        ids.append(cookie(house, "anonymous"))
        house.send("anonymous", "/sign-out", [])
        ids.append(cookie(house, "anonymous"))
    assert len(set(ids)) == 5


def test_an_id_chosen_by_somebody_else_is_never_signed_in(house: House) -> None:
    planted = "planted-by-somebody-else"
    house.browsers["anonymous"].set_cookie(house.cookie_name, planted, domain=house.host)
    assert house.send("anonymous", f"/in/{house.populated.link}", []).status_code == 303
    assert cookie(house, "anonymous") != planted
    house.browsers["another"].set_cookie(house.cookie_name, planted, domain=house.host)
    assert house.get("another", "/me").status_code == 303


# --- links ---------------------------------------------------------------------------------------------------------


def test_looking_at_a_link_uses_nothing_up(house: House) -> None:
    path, complaints = f"/in/{house.populated.link}", []
    with house.unchanged(complaints, "looking"):
        for _ in range(10):
            assert house.get("anonymous", path).status_code == 200
            assert house.knock("anonymous", "HEAD", path, headers={"Purpose": "prefetch"}).status_code == 200
    assert not complaints
    with house.unchanged(complaints, "signing in"):
        assert house.send("anonymous", path, []).status_code == 303
    assert complaints == ["signing in: changed sign_in"]


def test_a_link_says_the_same_whether_or_not_it_is_good(house: House) -> None:
    good, bad = house.get("anonymous", f"/in/{house.populated.link}"), house.get("anonymous", "/in/" + "A" * 32)
    assert plain(good).replace(house.populated.link, "") == plain(bad).replace("A" * 32, "")


def test_the_token_of_a_link_is_gone_after_signing_in(house: House) -> None:
    token = house.populated.link
    answer = house.send("anonymous", f"/in/{token}", [])
    assert token in text_of(house.get("anonymous", f"/in/{token}"))
    path = answer.headers["Location"]
    while path:
        assert token not in path
        answer = house.get("anonymous", path)
        assert token not in f"{text_of(answer)} {answer.headers}"
        path = answer.headers.get("Location", "")
    assert answer.status_code == 200
    assert token not in cookie(house, "anonymous")


def test_a_title_tells_nothing_of_who_and_where(house: House) -> None:
    title = house.get("anonymous", f"/in/{house.populated.link}").text.partition("<title>")[2].partition("</title>")[0]
    assert title == "Sign in · Rondo"


# --- the same answer to wrong, unknown and removed -----------------------------------------------------------------


def test_staff_doors_do_not_tell_who_has_an_account(house: House) -> None:
    tries = [("organiser here", "not the right words"), ("nobody at all", "not the right words")]
    pages = []
    for name, password in tries:
        answer = house.send("anonymous", "/staff", [("name", name), ("password", password)])
        pages.append((answer.status_code, plain(answer).replace(name, "")))
        assert password not in answer.text
    assert pages[0] == pages[1]
    assert pages[0][0] == 422


def test_a_removed_guest_is_answered_as_one_never_known(house: House) -> None:
    code = house.populated.code
    inside(house, remove_guest)
    unknown = "".join(str(9 - int(digit)) for digit in code if digit.isdigit())
    pages = [house.send("anonymous", "/", [("code", typed)]) for typed in (code, unknown)]
    assert [page.status_code for page in pages] == [422, 422]
    assert plain(pages[0]).replace(code, "") == plain(pages[1]).replace(unknown, "")
    body = urlencode({"csrf_token": house.token("anonymous")}).encode()
    assert house.knock("anonymous", "POST", f"/in/{house.populated.link}", body=body).status_code == 422
