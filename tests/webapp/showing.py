"""Shows in a real browser what the application answers, without a server, and tells what is wrong with it for some.

Pages are asked for by the test's own client, so that what was walked to once is shown once more, in every state that a
page can be in, at no other cost than the look.
"""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route
from werkzeug.test import TestResponse

from tests.browser.looking import violations

FLAWS = (Path(__file__).parent / "flaws.js").read_text(encoding="utf-8")
SITE = "http://localhost"
LAPTOP, ZOOMED, SMALL = ({"width": 1280, "height": 800}, {"width": 640, "height": 400}, {"width": 320, "height": 640})
"""The same laptop with letters twice as large has half the room each way."""
UNSAID = re.compile(r'(?:name="csrf_token"|name="key"|id="key"|name="back") [^>]*')
Answer = Callable[[str], TestResponse]


class Show:
    """One page of a browser, and what it is given for each address."""

    def __init__(self, page: Page, answer: Answer) -> None:
        self.page, self.answer = page, answer
        self.now: tuple[str, TestResponse] | None = None
        page.route("**/*", self._serve)

    def _serve(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        given = self.now[1] if self.now is not None and self.now[0] == address else self.answer(address)
        headers = {name.lower(): value for name, value in given.headers if name.lower() != "set-cookie"}
        route.fulfill(status=given.status_code, headers=headers, body=given.get_data())

    def show(self, answer: TestResponse) -> None:
        """Show an answer that was given before, at its own address."""
        path = answer.request.path
        self.now = (path, answer)
        self.page.goto(SITE + path)

    def flaws(self) -> list[str]:
        """What is wrong with the page: by the rules, in small windows, by keyboard, in other colours, at rest."""
        page = self.page
        page.set_viewport_size(LAPTOP)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found = [f"laptop: {one}" for one in violations(page)]
        for size, checks in ((ZOOMED, ("wide", "cut")), (SMALL, ("wide", "cut", "small", "moving", "focus"))):
            page.set_viewport_size(size)
            found += [f"{size['width']}: {one}" for one in self.told(*checks)]
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in violations(page, ["cat.color"])]
        page.emulate_media(color_scheme="light", forced_colors="active")
        found += [f"forced: {one}" for one in self.told("edges", "focus")]
        page.emulate_media(forced_colors="none")
        return found

    def told(self, *checks: str) -> list[str]:
        """What these checks find in the page as it is."""
        asked = "".join(f"...flaws.{check}()," for check in checks)
        return list(self.page.evaluate(f"() => {{ const flaws = ({FLAWS})(); return [{asked}]; }}"))


@contextmanager
def shown(chromium: Browser, answer: Answer, language: str = "en-GB") -> Iterator[Show]:
    """A browser that shows what is answered; whoever uses it wants nothing to move."""
    context = chromium.new_context(locale=language, reduced_motion="reduce", viewport=LAPTOP)
    context.set_default_timeout(15_000)
    yield Show(context.new_page(), answer)
    context.close()


def each_once(answers: Iterable[TestResponse]) -> list[TestResponse]:
    """Whole pages, each once: two that differ by hidden keys alone are one."""
    held: dict[str, TestResponse] = {}
    for one in answers:
        if one.mimetype == "text/html" and one.location is None and "Content-Disposition" not in one.headers:
            text = gzip.decompress(one.data).decode() if one.content_encoding == "gzip" else one.text
            if text.startswith("<!doctype"):
                held.setdefault(UNSAID.sub("", text), one)
    return list(held.values())


def flawed(show: Show, answers: Iterable[TestResponse]) -> list[str]:
    """Look at every page; return what is wrong with any."""
    wrong = []
    for one in answers:
        show.show(one)
        wrong += [f"{one.request.method} {one.request.path} {one.status_code}: {flaw}" for flaw in show.flaws()]
    return wrong
