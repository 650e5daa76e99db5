"""What every browser test does: sign in, go on to the next page, and look whether a page is as pages have to be."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.browser.conftest import House

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, rules: list[str] = STANDARDS) -> list[str]:
    """What axe finds wrong with the page as it is."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['html'][:120]}" for one in found]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def look(page: Page) -> None:
    """State what holds of every page: accessible, and never wider than the window."""
    assert violations(page) == [], page.url
    assert too_wide(page) <= 0, page.url


def follow(what: Locator) -> None:
    """Click what leads to a page, and wait until that page is there: a click alone leaves one on the old page."""
    with what.page.expect_navigation():
        what.click()


def send(page: Page) -> None:
    """Press Enter where that leads to a page, and wait until that page is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def settle(page: Page) -> None:
    """Wait until a page that has just come has put the cursor where it wants it."""
    page.wait_for_function("() => !document.querySelector('[autofocus]') || document.activeElement !== document.body")


def enter(page: Page, house: House, who: str) -> None:
    """Sign in by the link that the demo printed."""
    page.goto(house.links[who])
    look(page)
    follow(page.get_by_role("button", name="Sign in"))
