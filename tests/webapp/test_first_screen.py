"""What a phone shows before anybody moves it: where to go, and nothing that covers what one writes."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.showing import Show, shown
from tests.webapp.test_bridge import BY
from tests.webapp.test_my_rounds import arrange, at_venue
from webapp.db import transaction
from webapp.models import Person, Plan
from webapp.models.people import utc_now
from webapp.operations.rounds import running
from webapp.views import participant

pytestmark = pytest.mark.browser

OLD_PHONE = {"width": 320, "height": 568}
NOW = at_venue(14, 11)
BOTTOM = "(what) => Math.max(...[...document.querySelectorAll(what)].map((one) => one.getBoundingClientRect().bottom))"
OVERLAP = """() => {
  const [bar, news] = [".savebar .button", ".news"].map((one) => document.querySelector(one).getBoundingClientRect());
  return Math.min(bar.bottom, news.bottom) - Math.max(bar.top, news.top);
}"""


def late(preset: str) -> Person:
    """Somebody without a profile in rounds that began ten minutes late, all planned anew, with specialists to see."""
    clinic = make.session(title="Clinic", slug="clinic", format="clinics", starts=at_venue(18, 0), ends=at_venue(19, 0))
    make.store(make.event(preset=preset), clinic)
    me = make.person(name="Mine")
    partners = [make.person(name=name, organisation=make.organisation()) for name in ("Anna", "علي", "Gao")]
    first = arrange(me, list(partners), title="Speed talks between publishers and donors")
    with transaction():
        first.state = "replaced"
    plan = arrange(me, list(partners[::-1]), session=first.session, version=2, tables={1: "31C", 3: "2A"})
    assert running.press(plan.session.id, "start", seen=0, by=BY, now=at_venue(14, 10))
    return me


def answering(app: Flask, visitor: Visitor, me: Person, language: str) -> Callable[[str], TestResponse]:
    phone = visitor.participant(me)

    def answer(address: str) -> TestResponse:
        with app.app_context():
            return phone.get(address, headers={"Accept-Language": language})

    return answer


def open_at(show: Show, answer: Callable[[str], TestResponse], path: str) -> None:
    show.page.set_viewport_size(OLD_PHONE)
    show.show(answer(path))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda moment: monkeypatch.setattr(participant, "now", lambda: moment)


@pytest.mark.parametrize("preset", ["open", "discreet"])
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_table_is_on_the_first_screen_while_rounds_run(
    app: Flask, visitor: Visitor, chromium: Browser, at: Callable[[datetime], None], language: str, preset: str
) -> None:
    at(NOW)
    answer = answering(app, visitor, late(preset), language)
    with shown(chromium, answer, language) as show:
        open_at(show, answer, "/me")
        assert show.page.locator(".moved, details.note").count() == 2
        assert show.page.evaluate(BOTTOM, ".place b") < OLD_PHONE["height"]


def publish(me: Person, moved: int = 3) -> None:
    """Publish one more version, in which so many of my tables are others."""
    with transaction() as rows:
        plan = rows.query(Plan).filter_by(state="published").one()
        plan.state = "replaced"
    tables = {1: "31C", 2: "40", 3: "2A"} if moved == 1 else {2: "40"}
    after = arrange(me, [make.person() for _ in range(3)], session=plan.session, version=3, tables=tables)
    with transaction():
        after.published_at = utc_now()


@pytest.mark.parametrize("path", ["/me/profile", "/me/contacts"])
def test_what_is_new_covers_no_button_and_can_be_closed(
    app: Flask, visitor: Visitor, chromium: Browser, at: Callable[[datetime], None], path: str
) -> None:
    at(NOW)
    me = late("open")
    answer = answering(app, visitor, me, "fr")
    with shown(chromium, answer, "fr") as show:
        page = show.page
        open_at(show, answer, path)
        publish(me)
        page.evaluate("dispatchEvent(new Event('focus'))")
        close = page.locator("#news button")
        close.wait_for()
        assert page.evaluate(OVERLAP) <= 0
        assert page.evaluate(BOTTOM, ".savebar button") <= OLD_PHONE["height"]
        assert close.bounding_box()["height"] >= 44
        close.click()
        assert page.locator("#news > *").count() == 0


@pytest.mark.parametrize("moved", [1, 3])
@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "km"])
def test_what_is_new_covers_no_round_and_leaves_the_table_on_the_first_screen(
    app: Flask, visitor: Visitor, chromium: Browser, at: Callable[[datetime], None], language: str, moved: int
) -> None:
    at(NOW)
    me = late("open")
    answer = answering(app, visitor, me, language)
    with shown(chromium, answer, language) as show:
        open_at(show, answer, "/me")
        publish(me, moved)
        show.page.evaluate("dispatchEvent(new Event('focus'))")
        show.page.locator("#news button").wait_for()
        assert show.page.evaluate("getComputedStyle(document.getElementById('news')).position") == "static"
        assert show.page.evaluate(BOTTOM, "#news") <= show.page.locator("#day").bounding_box()["y"]
        assert show.page.evaluate(BOTTOM, ".place b") < OLD_PHONE["height"]
