"""The whole way in a real browser: profile, plan, publish, PDF, one's own rounds."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdfium2 import PdfDocument

from tests.browser.conftest import House
from tests.browser.looking import enter, follow, look, send, too_wide, violations
from webapp.cli import main

pytestmark = pytest.mark.browser

SCREENS = ("/me/profile", "/me/profile/topics", "/me/profile/meeting")
PASSWORD = "a long walk by the river"


def test_axe_would_notice(page: Page) -> None:
    page.set_content("<html><body><img src='data:,'><p style='color:#ccc'>pale</p></body></html>")
    assert any("image-alt" in one for one in violations(page))


def test_wide_would_be_noticed(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.set_content("<p><span style='display:inline-block; width:500px'>wide</span></p>")
    assert too_wide(page) > 0


@pytest.fixture
def strangers(context: BrowserContext, house: House) -> list[str]:
    """Requests that went to any other host while the test ran."""
    seen: list[str] = []

    def note(request: object) -> None:
        url = str(request.url)  # type: ignore[attr-defined]
        if not url.startswith((house.url, "data:", "about:")):
            seen.append(url)

    context.on("request", note)
    return seen


def test_from_profile_to_my_rounds(
    page: Page, chromium: Browser, house: House, strangers: list[str], tmp_path: object
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, house, "participant")
    expect(page.get_by_role("heading", name="My rounds")).to_be_visible()
    look(page)
    name = change_profile(page)

    staff = chromium.new_context(locale="en-GB", accept_downloads=True)
    desk = staff.new_page()
    sign_in_as_staff(desk, house)
    letter = plan_and_publish(desk)
    text = printed(desk, "rounds")
    assert "Round 7" in text

    page.goto(house.url + "/me")
    look(page)
    card = page.locator("article.meeting").first
    table = re.search(r"[0-9]+[A-D]", card.inner_text())
    assert table is not None
    partner = page.locator("article.meeting .with bdi, article.meeting .with").first.inner_text().strip()
    assert name in without_marks(text)
    assert table.group() in text
    assert without_marks(partner).split("\n")[0] in without_marks(text) or not partner.isascii()
    calendar = download(page, lambda: page.get_by_role("link", name="calendar").click())
    assert calendar.count(b"BEGIN:VEVENT") >= 6
    assert letter == "B"
    staff.close()
    assert strangers == []


def change_profile(page: Page) -> str:
    """Break the form, see that all is kept, mend it, save it; return the name on it."""
    follow(page.get_by_role("link", name="Profile"))
    look(page)
    field = page.get_by_label("Name", exact=False).first
    name = field.input_value()
    page.get_by_label("Organisation").first.fill("The House of Many Rivers")
    field.fill("")
    follow(page.get_by_role("button", name="Save and go on"))
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page)
    expect(page.get_by_label("Organisation").first).to_have_value("The House of Many Rivers")
    page.get_by_label("Name", exact=False).first.fill(name)
    follow(page.get_by_role("button", name="Save and go on"))
    expect(page.locator(".note")).to_contain_text("Saved")
    look(page)
    follow(page.get_by_role("button", name="Save and go on"))
    look(page)
    follow(page.get_by_role("link", name="See what the people you meet will see"))
    expect(page.locator("article")).to_contain_text("The House of Many Rivers")
    look(page)
    follow(page.get_by_role("link", name="How I want to meet"))
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator(".note")).to_contain_text("Saved")
    return name


def sign_in_as_staff(page: Page, house: House) -> None:
    """Give the facilitator a password on the command line, then sign in with it."""
    words = ["staff", "reset", "facilitator", "--data", str(house.data)]
    assert CliRunner().invoke(main, words, input=PASSWORD + "\n").exit_code == 0
    page.goto(house.url + "/staff")
    look(page)
    page.get_by_label("Account").fill("facilitator")
    page.get_by_label("Password").fill("not this one at all")
    follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Sign in"))
    look(page)


def plan_and_publish(page: Page) -> str:
    """Plan again, look at the draft, publish it; return the version's letter."""
    follow(page.get_by_role("link", name="Speed Dating", exact=True))
    look(page)
    follow(page.get_by_role("button", name="Plan again"))
    expect(page.get_by_role("button", name="Publish")).to_be_visible(timeout=120_000)
    look(page)
    follow(page.get_by_role("button", name="Publish"))
    expect(page.get_by_role("status").first).to_contain_text("Published")
    look(page)
    follow(page.get_by_role("link", name="Print").first)
    look(page)
    found = re.search(r"version ([A-Z]+)", page.get_by_role("heading", level=1).inner_text())
    assert found is not None
    return found.group(1)


def download(page: Page, act: Callable[[], None]) -> bytes:
    """What the browser downloads when `act` is done."""
    with page.expect_download() as waiting:
        act()
    return waiting.value.path().read_bytes()


def printed(page: Page, kind: str) -> str:
    """The text of a sheet, fetched as the signed-in browser fetches it."""
    answer = page.request.get(page.url.rstrip("/") + f"/{kind}.pdf")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    return "\n".join(leaf.get_textpage().get_text_range() for leaf in PdfDocument(answer.body()))


def without_marks(text: str) -> str:
    """Text without direction marks."""
    return re.sub("[\u2066-\u2069\u200e\u200f]", "", text)


@pytest.mark.long
def test_office_pages(page: Page, house: House, strangers: list[str]) -> None:
    enter(page, house, "organiser")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/office", "/office/event", "/office/sessions", "/office/sessions/new", "/office/sessions/speed-dating",
            "/office/interests", "/office/people", "/office/people/new", "/desk", "/desk/speed-dating",
            "/desk/speed-dating?show=expected&letter=A", "/desk/speed-dating?scan=on",
            "/desk/speed-dating/organisations", "/desk/speed-dating/missing", "/desk/speed-dating/walk-in",
            "/office/numbers", "/desk/speed-dating/feedback",
        ):  # fmt: skip
            page.goto(house.url + path)
            look(page)
    page.goto(house.url + "/office/people")
    follow(page.locator("main a[href*='/office/people/']:not([href$='new'])").first)
    look(page)
    page.goto(house.url + "/desk/speed-dating?q=ma")
    follow(page.locator(".ticking a").first)
    look(page)
    page.goto(page.url.replace("/guest/", "/instead/"))
    look(page)
    assert strangers == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_in_both_schemes(chromium: Browser, house: House, scheme: str) -> None:
    context = chromium.new_context(locale="en", color_scheme=scheme, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(house.links["participant"])
    follow(page.locator("main button"))
    for path in ("/me", *SCREENS, "/not-a-page"):
        page.goto(house.url + path)
        look(page)
    context.close()


@pytest.mark.long
def test_everything_without_javascript(chromium: Browser, house: House) -> None:
    context = chromium.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(house.links["organiser"])
    follow(page.get_by_role("button", name="Sign in"))
    page.goto(house.url + "/desk/speed-dating")
    again = page.get_by_role("button", name=re.compile("Plan"))
    follow(again.first)
    expect(page.get_by_role("button", name="Publish")).to_be_visible(timeout=120_000)
    follow(page.get_by_role("button", name=re.compile("Discard|Throw")))
    follow(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_label("Your code")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Your code")).to_be_visible()
    context.close()


def test_keyboard_alone_signs_in_and_saves(page: Page, house: House) -> None:
    page.goto(house.links["participant"])
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    send(page)
    expect(page.get_by_role("heading", name="My rounds")).to_be_visible()
    page.goto(house.url + "/me/profile")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    save = page.get_by_role("button", name="Save and go on")
    for _ in range(200):
        page.keyboard.press("Tab")
        if save.evaluate("button => button === document.activeElement"):
            break
    else:
        raise AssertionError("the save button cannot be reached by keyboard")
    send(page)
    expect(page.locator(".note")).to_contain_text("Saved")


def test_keyboard_alone_ticks_and_a_scanner_needs_one_enter(page: Page, house: House) -> None:
    enter(page, house, "organiser")
    page.goto(house.url + "/desk/speed-dating?show=expected&letter=B")
    expect(page.locator(".ticking .number").nth(1)).to_be_visible()
    number, other = page.locator(".ticking .number").all_inner_texts()[:2]
    page.goto(house.url + "/desk/speed-dating")
    expect(page.get_by_label("Find somebody")).to_be_focused()
    page.keyboard.type(number)
    send(page)
    expect(page.get_by_role("button", name=re.compile("^Here")).first).to_be_focused()
    send(page)
    expect(page.locator(".done")).to_contain_text("here")
    expect(page.get_by_label("Find somebody")).to_be_focused()
    follow(page.get_by_role("link", name="Tick numbers at once"))
    expect(page.get_by_label("Event number, typed or scanned")).to_be_focused()
    page.keyboard.type(f"http://rondo.example/{other}\n")
    expect(page.locator(".done")).to_contain_text(other)
    expect(page.get_by_label("Event number, typed or scanned")).to_be_focused()
    follow(page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("status").first).to_contain_text("Undone")
