"""The quick exit as a browser does it: with and without a script, by hand and by Escape, and what Back shows then."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.webapp.canaries import CANARY, Populated
from tests.webapp.serving import served
from webapp.models.programme import USUAL_EXIT

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
TIMES = 3


def _elsewhere(route: Route) -> None:
    asked = route.request.headers.get("referer", "nobody")
    route.fulfill(status=200, content_type="text/html", body=f"<title>Elsewhere</title><p>sent by {asked}</p>")


def press(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Exit this page").click()


def escape(page: Page) -> None:
    """Press Escape, three times."""
    for _ in range(TIMES):
        page.keyboard.press("Escape")


@pytest.mark.parametrize(
    "way",
    [(press, True, "participant"), (press, False, "another"), (escape, True, "participant")],
    ids=["by script", "without script", "by Escape"],
)
def test_away_at_once_and_no_way_back(
    populated: Populated,
    chromium: Browser,
    tmp_path: Path,
    way: tuple[Callable[[Page], None], bool, str],
) -> None:
    leave, script, role = way
    with served(populated, tmp_path / "data", preset="discreet") as house:
        context = chromium.new_context(locale="en-GB", viewport=PHONE, java_script_enabled=script)
        context.route("https://**", _elsewhere)
        context.add_cookies([house.cookie(role)])
        page = context.new_page()
        for path in ("/me/profile/topics", "/me"):
            page.goto(house.url + path)
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        if script:
            page.evaluate("sessionStorage.setItem('rondo profile', 'typed')")
        leave(page)
        page.wait_for_url(USUAL_EXIT)
        assert page.get_by_text("sent by nobody").is_visible()
        for _ in range(100):
            if not context.cookies():
                break
            page.wait_for_timeout(50)
        assert context.cookies() == []
        page.go_back()
        expect(page.get_by_label("Your code")).to_be_visible()
        assert CANARY not in page.content()
        if script:
            assert page.evaluate("sessionStorage.length + localStorage.length") == 0
        context.close()


def test_twice_is_not_enough_and_an_open_event_has_no_escape(
    populated: Populated, chromium: Browser, tmp_path: Path
) -> None:
    for preset, times in (("discreet", TIMES - 1), ("open", TIMES)):
        with served(populated, tmp_path / preset, preset=preset) as house:
            context = chromium.new_context()
            context.add_cookies([house.cookie("participant")])
            page = context.new_page()
            page.goto(house.url + "/me")
            assert page.get_by_role("button", name="Exit this page").count() == (preset == "discreet")
            for _ in range(times):
                page.keyboard.press("Escape")
            page.wait_for_timeout(200)
            assert page.url == house.url + "/me"
            assert page.get_by_role("button", name="Sign out").is_visible()
            context.close()
