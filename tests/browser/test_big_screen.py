"""The big screen on a device whose clock is wrong: paired by a code, reloaded, asleep, without a connection."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import House
from tests.browser.looking import enter, follow, look, send

pytestmark = pytest.mark.browser

RUN = "/desk/speed-dating/run"
# a clock three hours ahead, and a stopwatch that can be made to have stood still, as in a laptop that slept
WRONG = """
window.slept = 0;
const watch = performance.now.bind(performance);
performance.now = () => watch() - window.slept;
window.Date = class extends Date {
  constructor(...given) { if (given.length) super(...given); else super(Date.now()); }
  static now() { return super.now() + 3 * 3600 * 1000; }
};
"""


def ask(screen: Page) -> None:
    """Let the page ask the server now, instead of in a moment."""
    screen.evaluate("window.dispatchEvent(new Event('focus'))")


def seconds(page: Page) -> int:
    """The time left that a page shows."""
    minutes, rest = page.locator("[data-left]").inner_text().split(":")
    return int(minutes) * 60 + int(rest)


def together(screen: Page, desk: Page) -> None:
    """State that two devices show the same time, but for a second of looking, at once or after the next answer."""
    for _ in range(30):
        if abs(seconds(screen) - seconds(desk)) <= 2:
            return
        screen.wait_for_timeout(100)
    assert seconds(screen) == seconds(desk)


@pytest.fixture
def desk(page: Page, house: House) -> Iterator[Page]:
    """The desk's page before the start; afterwards nothing runs."""
    enter(page, house, "facilitator")
    page.goto(house.url + RUN)
    yield page
    page.goto(house.url + RUN)
    for _ in range(page.get_by_role("button", name="Disconnect").count()):
        follow(page.get_by_role("button", name="Disconnect").first)
    if page.locator("summary", has_text="Stop").count():
        page.locator("summary", has_text="Stop").click()
        follow(page.get_by_role("button", name="Stop the rounds"))
    follow(page.get_by_role("button", name="Back to before"))


@pytest.fixture
def device(chromium: Browser) -> Iterator[BrowserContext]:
    """Another device, whose clock is wrong."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    context.set_default_timeout(15_000)
    context.add_init_script(WRONG)
    yield context
    context.close()


def paired(device: BrowserContext, desk: Page, house: House) -> Page:
    """A page of the device after the desk has typed its code."""
    screen = device.new_page()
    screen.goto(house.url + "/screen")
    code = screen.locator("[data-code]")
    expect(code).to_be_visible()
    look(screen)
    desk.get_by_label("The six digits").fill(code.get_attribute("data-code") or "")
    send(desk)
    expect(desk.get_by_text("connected by")).to_be_visible()
    expect(screen.locator("#face")).to_be_visible()
    return screen


def test_the_screen_shows_the_desk_s_time(desk: Page, device: BrowserContext, house: House) -> None:
    screen = paired(device, desk, house)
    look(screen)
    screen.get_by_role("button", name="Test the sound").click()
    expect(screen.get_by_text("You hear a bell now.")).to_be_visible()
    look(desk)
    follow(desk.get_by_role("button", name="Start round 1"))
    expect(desk.get_by_role("button", name="Pause")).to_be_visible()
    ask(screen)
    expect(screen.locator("[data-which-is=round]").first).to_be_visible()
    together(screen, desk)
    for width, height in ((1280, 720), (360, 740)):
        screen.set_viewport_size({"width": width, "height": height})
        look(screen)
    look(desk)

    screen.reload()
    together(screen, desk)

    device.set_offline(True)
    for _ in range(2):
        ask(screen)
        screen.wait_for_timeout(300)
    expect(screen.get_by_text("No connection. The clock counts on.")).to_be_visible()
    together(screen, desk)
    screen.evaluate("window.slept = 40000")
    screen.wait_for_timeout(300)
    assert seconds(screen) > seconds(desk) + 20
    follow(desk.get_by_role("button", name="Skip to the next"))
    device.set_offline(False)
    ask(screen)
    expect(screen.get_by_text("Go to your next table")).to_be_visible()
    expect(screen.get_by_text("No connection. The clock counts on.")).to_be_hidden()
    expect(screen.locator("[data-number]")).to_have_text("2")
    together(screen, desk)


def test_without_scripts_the_screen_still_tells(desk: Page, chromium: Browser, house: House) -> None:
    follow(desk.get_by_role("button", name="Start round 1"))
    context = chromium.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(house.url + "/screen")
    follow(page.get_by_role("button", name="Show a code"))
    code = page.locator("[data-code]").get_attribute("data-code")
    desk.get_by_label("The six digits").fill(code or "")
    send(desk)
    expect(desk.get_by_text("connected by")).to_be_visible()
    page.goto(house.url + "/screen")
    assert 330 <= seconds(page) <= 360
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()
