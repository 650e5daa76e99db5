"""A participant's whole way by code: at phone size in English, in Arabic from right to left, and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House, at
from tests.browser.looking import enter, follow, look

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True)
class Way:
    """How somebody comes: language, window, with or without scripts, and from which leaf of the list."""

    language: str
    size: dict[str, int]
    script: bool
    leaf: int

    def typed(self, code: str) -> str:
        """The code in the digits that this person's keyboard has."""
        return code.translate(ARABIC_DIGITS) if self.language == "ar" else code


WAYS = {
    "english-phone": Way("en", PHONE, True, 2),
    "arabic": Way("ar", PHONE, True, 3),
    "no-javascript": Way("en", NARROW, False, 4),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def code(page: Page, house: House, way: Way) -> str:
    """A new code from the office, for somebody who has a table."""
    enter(page, house, "organiser")
    page.goto(f"{house.url}/office/people?page={way.leaf}")
    follow(page.locator("ul.people a").first)
    follow(page.get_by_role("button", name="New code"))
    return page.locator(".secret").inner_text()


@pytest.fixture
def ahead(house: House) -> Iterator[None]:
    """The specialists are still to come: until then one may wish."""
    starts = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2)
    with at(house, "meet-the-specialist", starts, starts + timedelta(hours=2)):
        yield


@pytest.fixture
def phone(chromium: Browser, way: Way) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB", viewport=way.size, java_script_enabled=way.script)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.mark.usefixtures("ahead")
def test_from_a_slip_to_ones_rounds_and_out_again(phone: Page, house: House, way: Way, code: str) -> None:
    check = look if way.script else (lambda page: None)
    phone.goto(house.url)
    if way.language != "en":
        follow(phone.locator(f"button[value={way.language}]"))
    assert phone.locator("html").get_attribute("dir") == ("rtl" if way.language == "ar" else "ltr")
    phone.locator("#code").fill(way.typed("0000 0000 0000 0000"))
    follow(phone.locator("#sign-in .button"))
    expect(phone.locator("#code-error")).to_be_visible()
    check(phone)
    phone.locator("#code").fill(way.typed(code))
    follow(phone.locator("#sign-in .button"))
    expect(phone.locator("article.meeting").first).to_be_visible()
    check(phone)

    fill_in(phone, house, check)
    wish_for_a_specialist(phone, check)

    phone.goto(house.url + "/me")
    told = phone.locator("article.meeting").first.inner_text()
    assert re.search(r"\d+[A-D]\b", told)
    follow(phone.locator("form.out button"))
    expect(phone.locator("#code")).to_be_visible()
    phone.goto(house.url + "/me")
    expect(phone.locator("#code")).to_be_visible()


def fill_in(phone: Page, house: House, check: Callable[[Page], None]) -> None:
    """The three screens, one after the other, and what others will see of them."""
    phone.goto(house.url + "/me/profile")
    check(phone)
    onward = phone.locator("#profile .savebar .button")
    phone.locator("#organisation").fill("House of Two Rivers")
    follow(onward)
    check(phone)
    chip = phone.locator("#offers .chip input").first
    chip.set_checked(not chip.is_checked())
    chosen = chip.is_checked()
    follow(onward)
    check(phone)
    phone.locator("#wished_names").fill("Nobody Called So")
    follow(onward)
    expect(phone.locator(".note")).to_be_visible()
    phone.goto(house.url + "/me/profile/meeting")
    expect(phone.locator("#wished_names")).to_have_value("Nobody Called So")
    phone.goto(house.url + "/me/profile/topics")
    assert phone.locator("#offers .chip input").first.is_checked() == chosen
    phone.goto(house.url + "/me/profile/preview")
    expect(phone.locator("article")).to_contain_text("House of Two Rivers")
    check(phone)


def wish_for_a_specialist(phone: Page, check: Callable[[Page], None]) -> None:
    """Choose one more from the list of specialists, ask something, and take the choice back."""
    follow(phone.locator("header nav a").nth(2))
    check(phone)
    wishes = phone.locator(".wished li")
    while wishes.count():
        follow(wishes.first.locator("button[value=out]"))
    follow(phone.locator(".asked button[value=add]").first)
    expect(wishes).to_have_count(1)
    phone.locator("#question").fill("Where does one begin?")
    follow(phone.locator("form:has(#question) .button"))
    expect(phone.locator("#question")).to_have_value("Where does one begin?")
    check(phone)
    follow(wishes.first.locator("button[value=out]"))
    expect(wishes).to_have_count(0)
