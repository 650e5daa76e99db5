"""A paper form entered in a real browser by keyboard alone, with the keys counted."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.browser.looking import enter, follow, look, send

pytestmark = pytest.mark.browser

SECONDS_A_KEY, CHARACTERS_A_MINUTE = 0.25, 200


class Typist:
    """Hands on a keyboard, and how many keys they have pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def types(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def presses(self, key: str, times: int = 1) -> None:
        """Press a key."""
        for _ in range(times):
            self.page.keyboard.press(key)
        self.keys += times

    def saves(self) -> None:
        """Send the form by Enter."""
        with self.page.expect_navigation():
            self.presses("Enter")

    def told(self, what: str) -> str:
        """The keys in words, with estimates of the time they take."""
        slow, quick = self.keys * 60 / CHARACTERS_A_MINUTE, self.keys * SECONDS_A_KEY
        return f"{what}: {self.keys} keys, about {quick:.0f} to {slow:.0f} seconds"


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def whole_sheet(page: Page, name: str) -> Typist:
    """Enter a whole sheet of somebody new; the cursor stands in the first field."""
    assert focused(page) == "number"
    hands = Typist(page)
    for words in ("", name, "", "Reed Lamp", "km, en"):
        hands.types(words)
        hands.presses("Tab")
    regions = page.locator("input[name=regions]").count()
    hands.presses("Space")
    hands.presses("Tab", regions)
    assert focused(page) == "offers"
    hands.types("3 7 12")
    hands.presses("Tab")
    hands.types("1 9")
    hands.presses("Tab")
    hands.presses("Space")
    hands.saves()
    return hands


def test_a_sheet_is_entered_by_keyboard_alone(page: Page, house: House) -> None:
    enter(page, house, "organiser")
    for width in (320, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(house.url + "/office/paper-form")
        look(page)
    hands = whole_sheet(page, "Sok Dara")
    print("\n" + hands.told("somebody new"))
    note = page.get_by_role("status")
    expect(note).to_contain_text("Sok Dara (3 shared, 2 sought)")
    expect(page.locator("#name")).to_have_value("")
    look(page)
    number = re.search(r"\d+", note.inner_text())
    assert number is not None
    known = Typist(page)
    assert focused(page) == "number"
    known.types(number.group())
    known.presses("Tab", 5 + page.locator("input[name=regions]").count())
    known.types("1 2 16")
    known.presses("Tab")
    known.types("99")
    known.saves()
    assert focused(page) == "seeks"
    expect(page.locator("#seeks-error")).to_contain_text("No interest has this number: 99")
    look(page)
    known.presses("Delete")
    known.saves()
    print(known.told("somebody with a number, one mistake mended"))
    expect(note).to_contain_text("(3 shared, 1 sought)")


def test_the_same_sheet_twice_is_asked_back_and_keys_answer(chromium: Browser, house: House) -> None:
    context = chromium.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(house.links["organiser"])
    follow(page.get_by_role("button", name="Sign in"))
    page.goto(house.url + "/office/paper-form")
    for _ in range(2):
        page.get_by_label("Name", exact=True).fill("Chan Thida")
        page.get_by_label("I can share").fill("3")
        send(page)
    expect(page.locator("#name-error")).to_contain_text("has the same name and organisation")
    expect(page.get_by_label("I can share")).to_have_value("3")
    expect(page.get_by_label("I have looked")).to_be_focused()
    page.keyboard.press("Space")
    send(page)
    expect(page.get_by_role("status")).to_contain_text("Chan Thida (1 shared, 0 sought)")
    context.close()
