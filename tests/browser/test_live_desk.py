"""Screen and desk that lie open while a colleague presses and publishes: they follow in time, and nobody reloads."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import House
from tests.browser.looking import enter, look
from tests.browser.test_live import BUSY, SPEED, WITHIN, hold_today, operating, publish_swapped
from tests.webapp.test_bridge import BY
from webapp.operations.rounds import running

pytestmark = pytest.mark.browser

DESK, SCREEN = f"/desk/{SPEED}", f"/screen/{SPEED}"
CLOCK = Path(__file__).parents[2] / "webapp" / "static" / "clock.js"
QUESTION = re.compile(r"/news\?|/state\.json")
MOST_QUESTIONS = 4
"""One that was under way when something happened, one that is told of it, and twice as many where two are asked."""


@dataclass
class Open:
    """A page that lies open, with the questions that it has asked."""

    page: Page
    asked: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, context: BrowserContext, address: str) -> "Open":
        """Open a page, and mark it: a reload would take the mark away."""
        opened = cls(context.new_page())
        opened.page.on("request", lambda one: opened.asked.append(one.url) if QUESTION.search(one.url) else None)
        opened.page.goto(address)
        opened.page.evaluate("window.mark = 'not reloaded'")
        opened.asked.clear()
        return opened

    def tells(self, words: str) -> None:
        """State that the page comes to say this by one of its next questions."""
        before = len(self.asked)
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible(timeout=BUSY)
        assert len(self.asked) - before <= MOST_QUESTIONS, words

    @property
    def is_the_same(self) -> bool:
        """Whether nothing has reloaded the page."""
        return bool(self.page.evaluate("window.mark === 'not reloaded'"))


def press(house: House, *verbs: str) -> None:
    """Press buttons at another computer."""
    with operating(house) as session:
        for verb in verbs:
            assert running.press(session.id, verb, seen=running.revision(session), by=BY, now=datetime.now(UTC)), verb


def start_late(house: House, minutes: int) -> str:
    """Say at another computer how late the rounds start; return when that is."""
    with operating(house) as session:
        assert running.start_late(session.id, minutes, seen=running.revision(session), by=BY)
        return f"{session.starts + timedelta(minutes=minutes):%H:%M}"


@contextmanager
def without_scripts(chromium: Browser, context: BrowserContext) -> Iterator[BrowserContext]:
    """The same colleague at a browser that gets no script."""
    deaf = chromium.new_context(storage_state=context.storage_state(), locale="en-GB")
    unheard: list[str] = []

    def refuse(route: Route) -> None:
        unheard.append(route.request.url)
        route.abort()

    deaf.route(re.compile(r"/static/.*\.js"), refuse)
    yield deaf
    assert unheard, "the scripts have other addresses"
    deaf.close()


def test_screen_and_desk_follow_and_tell(page: Page, chromium: Browser, fresh: House) -> None:
    hold_today(fresh)
    enter(page, fresh, "facilitator")
    screen, clock, desk, helping = (
        Open.at(page.context, fresh.url + path) for path in (SCREEN, f"{DESK}/run", DESK, f"{DESK}/help")
    )
    setting = [int(desk.page.locator("#news").get_attribute(f"data-{name}") or "") for name in ("every", "spread")]
    poll = re.search(r"POLL = (\d+)", CLOCK.read_text())
    assert poll
    assert max(sum(setting), int(poll.group(1))) <= WITHIN
    typed = helping.page.get_by_label("Event numbers of those without a partner now")
    typed.fill("1234")
    was = typed.bounding_box()
    with without_scripts(chromium, page.context) as deaf:
        old = [Open.at(deaf, fresh.url + path).page for path in (SCREEN, DESK)]
        shown = [one.locator("main").inner_text() for one in old]

        told = start_late(fresh, 10)
        for one in (screen, clock, desk):
            one.tells(f"We start at {told}")
        press(fresh, "start")
        screen.tells("Round")
        expect(screen.page.locator("[data-which-is=round]").first).to_be_visible(timeout=BUSY)
        expect(clock.page.get_by_role("button", name="Pause")).to_be_visible(timeout=BUSY)
        desk.tells("Round 1 is running, until")
        press(fresh, "minute", "pause")
        for one in (screen, clock, desk):
            one.tells("The clock is paused")
        assert re.match(r"6:[345]\d|7:00", screen.page.locator("[data-left]").inner_text())
        publish_swapped(fresh)
        for one in (clock, desk, helping):
            one.tells("Version B has been published since you looked.")
        press(fresh, "go-on", "skip")
        screen.tells("Go to your next table")
        expect(screen.page.locator("[data-number]")).to_have_text("2")
        for one in (desk, helping):
            one.tells("Round 2 starts at")
            expect(one.page.locator("#news")).to_contain_text("Version B has been published since you looked.")
            assert one.is_the_same
        look(desk.page)
        assert screen.is_the_same
        assert [one.locator("main").inner_text() for one in old] == shown
    expect(typed).to_have_value("1234")
    expect(typed).to_be_focused()
    assert typed.bounding_box() == was
    helping.page.locator("#news").get_by_role("link", name="Reload").click()
    expect(helping.page.locator("#news")).to_be_empty()
    expect(desk.page.locator("#news").get_by_role("link", name="Only what changed")).to_be_visible()
