"""My rounds on a phone: the time that is left counts on, the day is kept as a file, and fits a sheet of paper."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import House, at
from tests.browser.looking import enter, look

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
VENUE = timedelta(hours=7)


@pytest.fixture
def soon(house: House) -> Iterator[House]:
    """The demo while its first rounds begin in two minutes and forty seconds; afterwards on their own day again."""
    starts = datetime.now(UTC).replace(tzinfo=None) + VENUE + timedelta(seconds=160)
    with at(house, "speed-dating", starts, starts + timedelta(hours=1)):
        yield house


def test_the_time_left_counts_on_although_the_phones_clock_is_wrong(page: Page, soon: House) -> None:
    enter(page, soon, "participant")
    page.clock.install(time=datetime(2031, 1, 1, 3, 0))
    page.goto(soon.url + "/me")
    said, aloud = page.locator("[data-say]"), page.get_by_role("status").filter(has_text="round")
    onward = page.get_by_role("link", name="Show what is next")
    expect(said).to_have_text("Starts in 3 minutes")
    page.clock.fast_forward(60_000)
    expect(said).to_have_text("Starts in 2 minutes")
    expect(aloud).to_have_count(0)
    page.clock.fast_forward(120_000)
    expect(said).to_have_text("Ends in 6 minutes")
    expect(page.get_by_text("Now", exact=True)).to_be_visible()
    expect(page.get_by_text("Next", exact=True)).to_be_hidden()
    expect(aloud).to_contain_text("Now round 1, table")
    expect(onward).to_be_hidden()
    page.clock.fast_forward(6 * 60_000)
    expect(said).to_contain_text("Next: round 2, table")
    expect(aloud).to_contain_text("It starts in 2 minutes.")
    expect(onward).to_be_visible()
    page.clock.fast_forward(3 * 3_600_000)
    expect(said).to_have_text("That was the last of these rounds.")
    look(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_server_and_script_say_it_in_the_same_words(chromium: Browser, soon: House, language: str) -> None:
    said = []
    for script in (True, False):
        context = chromium.new_context(locale=language, viewport=PHONE, java_script_enabled=script)
        page = context.new_page()
        page.goto(soon.links["participant"])
        with page.expect_navigation():
            page.locator("main button").click()
        page.goto(soon.url + "/me")
        said.append(page.locator("[data-say]").inner_text())
        context.close()
    assert said[0] == said[1]
    assert re.search(r"\d", said[0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_day_is_kept_and_opens_without_a_network(
    page: Page, chromium: Browser, house: House, tmp_path: Path, scheme: str
) -> None:
    page.set_viewport_size(PHONE)
    enter(page, house, "participant")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Keep on this phone").click()
    assert waiting.value.suggested_filename == "my-rounds.html"
    file = tmp_path / "my-rounds.html"
    waiting.value.save_as(file)
    tables = [place_in(one) for one in page.locator("main b", has_text="· table").all_inner_texts()]
    offline: BrowserContext = chromium.new_context(offline=True, viewport=PHONE, color_scheme=scheme)
    kept, asked, complaints = offline.new_page(), [], []
    kept.on("request", lambda request: asked.append(request.url))
    kept.on("console", lambda message: complaints.append(message.text))
    kept.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert complaints == []
    shown = kept.locator(".place").all_inner_texts()
    assert len(shown) == 7
    assert set(map(place_in, tables)) < set(shown)
    assert kept.evaluate("getComputedStyle(document.querySelector('.place')).fontWeight") == "700"
    look(kept)
    assert sheets(kept) == 1
    offline.close()


def place_in(text: str) -> str:
    """A round and its table, without what stands around them."""
    found = re.search(r"Round \d+ · table \w+", text)
    assert found is not None
    return found.group()


def sheets(page: Page) -> int:
    """How many sheets of A4 the page fills."""
    return len(PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)


def test_my_rounds_fit_one_sheet_with_everything_open(page: Page, house: House) -> None:
    enter(page, house, "participant")
    book = PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert len(book.pages) == 1
    text = book.pages[0].extract_text()
    assert text.count("?") >= 7
    assert "Closing rock concert" in text
    assert not [word for word in ("Sign out", "Keep on this phone", "Why, and a question", "Language") if word in text]
    assert page.locator("details[open]:not(:has(.answers))").count() == 0
