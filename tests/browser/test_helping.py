"""A helper's phone in a real browser: let in by a code, ticks by search, by number and by camera, and is ended."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.browser.looking import follow, look, send

pytestmark = pytest.mark.browser

DESK = "/desk/speed-dating/helpers"
SMALLEST = 44
SHORT = """[...document.querySelectorAll("main button, main a, main input:not([type=hidden])")]
  .map((one) => one.getBoundingClientRect()).filter((box) => box.width && box.height < 43.5).length"""
# a camera that sees one number after the other
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.sees ? [{ rawValue: window.sees }] : []; }
};
Object.defineProperty(navigator, "mediaDevices", { value: {
  getUserMedia: async () => document.createElement("canvas").captureStream(),
}});
HTMLMediaElement.prototype.play = async () => {};
"""


def let_in(desk: Page, house: House, phone: Page, name: str) -> None:
    """Make a code at the desk and type it on the phone."""
    desk.goto(house.url + DESK)
    look(desk)
    follow(desk.get_by_role("button", name="Let a helper in"))
    look(desk)
    code = desk.locator(".secret").inner_text()
    phone.goto(house.url + "/helper")
    look(phone)
    phone.get_by_label("Code").fill(code)
    phone.get_by_label("Your first name").fill(name)
    follow(phone.get_by_role("button", name="Start helping"))
    expect(phone.get_by_role("heading", name="Tick in")).to_be_visible()


def numbers_in(desk: Page, house: House, count: int) -> list[str]:
    """Event numbers of some people, as the desk's search shows them."""
    desk.goto(house.url + "/tick/speed-dating?q=ma")
    found = desk.locator(".arrivals .number").all_inner_texts()
    assert len(found) >= count
    return found[:count]


def test_a_helper_without_javascript_on_a_small_phone(page: Page, chromium: Browser, house: House) -> None:
    page.goto(house.links["facilitator"])
    follow(page.get_by_role("button", name="Sign in"))
    small = chromium.new_context(locale="en-GB", java_script_enabled=False, viewport={"width": 320, "height": 640})
    phone = small.new_page()
    let_in_silently(page, house, phone)
    number = numbers_in(page, house, 1)[0]
    phone.get_by_label("Find somebody").fill("ma")
    send(phone)
    row = phone.locator(".arrivals li", has_text=number)
    follow(row.get_by_role("button", name="Here"))
    told = phone.get_by_role("status").first
    expect(told).to_contain_text("is here")
    expect(phone.get_by_label("Find somebody")).to_be_focused()
    follow(told.get_by_role("button", name="Undo"))
    expect(phone.get_by_role("status").first).to_contain_text("Undone")
    follow(phone.get_by_role("link", name="Scan codes or type numbers"))
    expect(phone.get_by_label("Event number")).to_be_focused()
    phone.keyboard.type(number)
    send(phone)
    expect(phone.locator("#told")).to_contain_text("is here")
    expect(phone.get_by_label("Event number")).to_be_focused()
    expect(phone.get_by_role("button", name="Scan with the camera")).to_be_hidden()
    small.close()


def let_in_silently(desk: Page, house: House, phone: Page) -> None:
    """Let a helper in whose browser runs no script, so that no page of theirs can be looked into."""
    desk.goto(house.url + DESK)
    follow(desk.get_by_role("button", name="Let a helper in"))
    phone.goto(house.url + "/helper")
    phone.get_by_label("Code").fill(desk.locator(".secret").inner_text())
    phone.get_by_label("Your first name").fill("Kim")
    follow(phone.get_by_role("button", name="Start helping"))


def test_a_helper_with_a_camera_until_the_desk_ends_it(page: Page, chromium: Browser, house: House) -> None:
    page.goto(house.links["facilitator"])
    follow(page.get_by_role("button", name="Sign in"))
    context = chromium.new_context(locale="en-GB", viewport={"width": 320, "height": 640})
    context.add_init_script(CAMERA)
    phone = context.new_page()
    let_in(page, house, phone, "Sara")
    numbers = numbers_in(page, house, 3)
    phone.goto(house.url + "/tick/speed-dating?q=ma")
    look(phone)
    assert phone.evaluate(SHORT) == 0, f"something is lower than {SMALLEST} pixels"
    follow(phone.get_by_role("link", name="Scan codes or type numbers"))
    expect(phone.locator("#no-camera")).to_be_hidden()
    phone.get_by_role("button", name="Scan with the camera").click()
    seen = set()
    for number in numbers[1:]:
        before = phone.locator("#told").inner_text()
        phone.evaluate("(number) => { window.sees = number; }", number)
        expect(phone.locator("#told")).not_to_have_text(before)
        seen.add(phone.locator("#told").inner_text())
    assert len(seen) == 2
    phone.evaluate("window.sees = null")
    look(phone)
    assert phone.evaluate(SHORT) == 0
    page.goto(house.url + DESK)
    look(page)
    expect(page.get_by_text("2 people ticked in")).to_be_visible()
    follow(page.get_by_role("button", name="End Sara"))
    phone.reload()
    expect(phone.get_by_role("heading", name="Welcome")).to_be_visible()
    context.close()
