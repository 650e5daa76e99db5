"""Hands at the desk: a mouse that counts its clicks, keys that never touch the mouse, and paper held to the light."""

import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pypdfium2
from playwright.sync_api import Locator, Page
from pypdf import PdfReader

from tests.browser.conftest import House
from tests.browser.looking import follow, send, settle
from webapp.access import Actor
from webapp.app import create_app
from webapp.config import from_env
from webapp.models import Staff
from webapp.operations.plans import planning
from webapp.operations.reception import checkin
from webapp.operations.rounds import floor

READING = 4
"""Seconds in which somebody in a hurry finds the next button of a page."""
MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
POINTS_A_MILLIMETRE = 72 / 25.4
REACH = 200


@dataclass
class Mouse:
    """Clicks of one person, and the seconds until what they asked for was there; looking around costs nothing."""

    page: Page
    clicks: int = 0
    seconds: float = 0.0

    def click(self, what: Locator, *, leads: bool = True) -> None:
        """Click, and wait for the page that it leads to, if it does."""
        since = time.monotonic()
        if leads:
            follow(what)
        else:
            what.click()
        self.clicks += 1
        self.seconds += time.monotonic() - since

    def open_pdf(self, link: Locator) -> bytes:
        """Click a link to a PDF; return it as it is in English, since cards speak their holders' languages."""
        since, address = time.monotonic(), str(link.evaluate("link => link.href"))
        with self.page.expect_response(address) as waiting:
            link.click()
        assert waiting.value.headers["content-type"] == "application/pdf"
        self.page.wait_for_url(address, wait_until="commit")
        self.clicks += 1
        self.seconds += time.monotonic() - since
        # the viewer keeps what it was sent to itself
        return self.page.request.get(f"{address}{'&' if '?' in address else '?'}language=en").body()

    def told(self, what: str) -> str:
        """The clicks in words, with what they take a person who has to read each page."""
        hurry = self.seconds + READING * self.clicks
        return f"{what}: {self.clicks} clicks, {self.seconds:.1f} s of waiting, about {hurry:.0f} s with reading"


def reach(page: Page, goal: Locator) -> None:
    """Go to something by Tab alone, from wherever the focus is."""
    for _ in range(REACH):
        if goal.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {goal}")


def press(page: Page, goal: Locator) -> None:
    """Reach something by Tab and press Enter there, and wait for the page that comes."""
    reach(page, goal)
    send(page)
    settle(page)


def waiting(house: House, slug: str) -> list[str]:
    """The numbers of everybody who is still expected."""
    with create_app(from_env(data=house.data)).app_context():
        board = checkin.board(planning.find_session(slug))
        return sorted(one.person.number for one in board.on(floor.EXPECTED))


def let_come(house: House, slug: str, *, but: set[str]) -> None:
    """Tick everybody as here who is still expected, except these numbers: what took the desk half an hour."""
    with create_app(from_env(data=house.data)).app_context():
        held = planning.find_session(slug)
        come = [one.person for one in checkin.board(held).on(floor.EXPECTED) if one.person.number not in but]
        door = Actor(staff=Staff(name="door", role="facilitator"))
        floor.tick(held.id, [one.public_id for one in come], "here", by=door, now=datetime.now(UTC))


def words_of(pdf: bytes) -> list[str]:
    """The words of every page, without marks of direction."""
    return [leaf.extract_text().translate(MARKS) for leaf in PdfReader(io.BytesIO(pdf)).pages]


def margins(pdf: bytes, number: int) -> tuple[float, ...]:
    """How many millimetres of a page stay white at the left, top, right and bottom; a blank page has no ink."""
    scale = 1.5
    picture = pypdfium2.PdfDocument(pdf)[number].render(scale=scale).to_pil().convert("L")
    box = picture.point(lambda light: 255 if light < 200 else 0).getbbox()
    assert box is not None, f"page {number + 1} is blank"
    left, top, right, bottom = box
    edges = (left, top, picture.width - right, picture.height - bottom)
    return tuple(edge / scale / POINTS_A_MILLIMETRE for edge in edges)
