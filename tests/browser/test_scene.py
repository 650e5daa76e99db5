"""It is 13:52, the session starts at 14:00, and 17 of 213 people have not come: from there to the new cards.

Three came who were not on the list, two interpreters are missing, one specialist has cancelled, and the cards of
version A are in people's hands.
"""

import io
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.browser.desk_hands import Mouse, let_come, margins, press, reach, waiting, words_of
from tests.browser.looking import enter, follow, look, send, settle
from tests.browser.test_helping import let_in

pytestmark = pytest.mark.browser

DESK = "/desk/speed-dating"
SPECIALISTS = "/desk/meet-the-specialist"
LAPTOP, PHONE, SMALL_PHONE = (1280, 800), (390, 844), (360, 640)
MISSING = 17
MOST_CLICKS = 6
PRINTER_NEEDS = 3
CARD = re.compile(r"^(Table \w+|New|No table now) (stay|go to \w+|free|away)\n\D*(\d+)", re.MULTILINE)
"""The strip of a changed card, and the first number beneath it; names of any script stand before or behind."""
NEWCOMERS = ("Nadia Rahmani", "Tomas Vela", "Ok Sreymom")


@contextmanager
def device(chromium: Browser, size: tuple[int, int]) -> Iterator[Page]:
    """A page on a device of its own."""
    context = chromium.new_context(locale="en-GB", viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_seventeen_are_missing(chromium: Browser, fresh: House) -> None:
    with (
        device(chromium, LAPTOP) as desk, device(chromium, PHONE) as helper,
        device(chromium, SMALL_PHONE) as phone, device(chromium, SMALL_PHONE) as other,
    ):  # fmt: skip
        enter(phone, fresh, "participant")
        mine = number_of(phone)
        expect(phone.get_by_text("Changed in version")).to_have_count(0)
        everybody = set(waiting(fresh, "speed-dating"))
        assert len(everybody) == 213
        enter(desk, fresh, "facilitator")
        specialist_cancels(desk, fresh)
        absent = people_come(desk, helper, fresh, keep=mine)
        beside = Mouse(desk)
        newcomers = three_walk_in(beside, fresh)
        two_interpreters_are_missing(beside, fresh)
        print("\n" + beside.told("three walk-ins and two interpreters (names typed besides)"))
        changed, new = from_missing_to_cards(desk, fresh, absent)
        assert set(newcomers) <= set(new)
        stays = min(everybody - absent - {*changed, mine})
        whose = stays if mine in changed else min(changed)
        sign_in_by_slip(other, chromium, fresh, whose)
        phone.reload()
        for one, told in ((phone, mine in changed), (other, whose in changed)):
            look(one)
            expect(one.get_by_text("Changed in version B")).to_have_count(1 if told else 0)
        the_rounds_run(desk, chromium, fresh, alone=sorted(everybody - absent)[:2])


def test_paper_that_is_blank_or_printed_to_its_edge_would_be_noticed() -> None:
    blank, full = (Image.new("L", (595, 842), shade) for shade in (255, 0))
    book = io.BytesIO()
    blank.save(book, "PDF", save_all=True, append_images=[full])
    with pytest.raises(AssertionError, match="page 1 is blank"):
        margins(book.getvalue(), 0)
    assert min(margins(book.getvalue(), 1)) < PRINTER_NEEDS


# --- before 13:52 ----------------------------------------------------------------------------------------------------


def number_of(phone: Page) -> str:
    """The event number that a participant's page shows."""
    phone.get_by_text("My event number").click()
    return phone.locator(".secret").inner_text()


def plan_and_publish(desk: Page, house: House) -> None:
    """Plan the talks with specialists, and publish them."""
    desk.goto(house.url + SPECIALISTS)
    follow(desk.get_by_role("button", name="Plan", exact=True))
    expect(desk.get_by_role("button", name="Publish")).to_be_visible(timeout=120_000)
    follow(desk.get_by_role("button", name="Publish"))
    expect(desk.get_by_role("status").first).to_contain_text("Published")


def specialist_cancels(desk: Page, house: House) -> None:
    """Version A of the talks is out; a specialist is gone, and version B sends nobody there."""
    plan_and_publish(desk, house)
    follow(desk.get_by_role("link", name="Say what is gone"))
    look(desk)
    button = desk.get_by_role("button", name=re.compile("is gone$")).first
    name = re.sub(" is gone$", "", button.get_attribute("aria-label") or "")
    follow(button)
    expect(desk.get_by_role("button", name=re.compile("is back$"))).to_have_count(1)
    follow(desk.get_by_role("link", name="See what a repair would change"))
    look(desk)
    expect(desk.locator(".told")).to_contain_text("is gone")
    follow(desk.get_by_role("button", name="Publish this as version B"))
    look(desk)
    host_sheets = words_of(desk.request.get(f"{house.url}{SPECIALISTS}/print/hosts.pdf").body())
    assert host_sheets
    assert name.translate({0x2068: None, 0x2069: None}) not in "\n".join(host_sheets)


def people_come(desk: Page, helper: Page, house: House, *, keep: str) -> set[str]:
    """A helper ticks three by number, the desk an organisation, the rest come; return the 17 who do not."""
    let_in(desk, house, helper, "Sara")
    follow(helper.get_by_role("link", name="Scan codes or type numbers"))
    look(helper)
    for number in [one for one in waiting(house, "speed-dating") if one != keep][:3]:
        helper.get_by_label("Event number").fill(number)
        helper.keyboard.press("Enter")
        expect(helper.locator("#told")).to_contain_text("is here")
        expect(helper.get_by_label("Event number")).to_have_value("")
    desk.goto(house.url + DESK)
    follow(desk.get_by_role("link", name="By organisation"))
    look(desk)
    follow(desk.get_by_role("button", name=re.compile("^All [0-9]+ here")).first)
    expect(desk.locator(".done")).to_contain_text("people: here")
    look(desk)
    left = [one for one in waiting(house, "speed-dating") if one != keep]
    absent = set(random.Random(MISSING).sample(left, MISSING))
    let_come(house, "speed-dating", but=absent)
    return absent


def three_walk_in(mouse: Mouse, house: House) -> list[str]:
    """Add three who were not on the list; return their numbers."""
    desk, numbers = mouse.page, []
    desk.goto(house.url + DESK)
    mouse.click(desk.get_by_role("link", name="Add somebody who is not on the list"))
    look(desk)
    for name in NEWCOMERS:
        desk.get_by_label("Name", exact=True).fill(name)
        mouse.click(desk.locator("#languages").get_by_label("English"), leads=False)
        desk.get_by_label("Looks for").select_option(index=2)
        desk.get_by_label("Can share").select_option(index=3)
        mouse.click(desk.get_by_role("button", name="Add, and tick as here"))
        expect(desk.locator(".card.place")).to_contain_text(name)
        numbers.append(desk.locator(".card.place > b").inner_text())
    look(desk)
    return numbers


def two_interpreters_are_missing(mouse: Mouse, house: House) -> None:
    """Say that two interpreters are gone."""
    desk = mouse.page
    desk.goto(house.url + DESK)
    mouse.click(desk.get_by_role("link", name="Say what is gone"))
    for count in (1, 2):
        mouse.click(desk.get_by_role("button", name=re.compile("is gone$")).first)
        expect(desk.get_by_role("button", name=re.compile("is back$"))).to_have_count(count)
    look(desk)


# --- 13:52 -----------------------------------------------------------------------------------------------------------


def from_missing_to_cards(desk: Page, house: House, absent: set[str]) -> tuple[list[str], list[str]]:
    """From "17 are missing" to the cards that are wrong by now: whose change, and who gets a first one."""
    desk.goto(house.url + DESK)
    expect(desk.locator("#counts")).to_contain_text(re.compile(r"17\s+still expected"))
    look(desk)
    mouse = Mouse(desk)
    mouse.click(desk.get_by_role("link", name="17 are still expected: tick as absent"))
    look(desk)
    mouse.click(desk.get_by_role("button", name="17 people are absent"))
    expect(desk.locator(".done")).to_contain_text("17 people: absent")
    look(desk)
    mouse.click(desk.locator(".next .card a.button"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Repair version A")
    expect(desk.locator(".told")).to_contain_text("17 people with a seat are absent")
    expect(desk.locator(".told")).to_contain_text("3 people are here who are not in this version")
    expect(desk.locator(".told li", has_text="who interprets, is gone")).to_have_count(2)
    look(desk)
    changed, new = listed(desk, "Whose card changes"), listed(desk, "Who gets a new card")
    assert not absent & {*changed, *new}
    mouse.click(desk.locator("main button.button"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Print version B")
    expect(desk.locator("section", has_text="Only what changed").first).to_contain_text(
        f"{len(changed) + len(new)} cards are to be delivered. {MISSING} people need no card any more."
    )
    look(desk)
    pdf = mouse.open_pdf(desk.locator("main a.button:not(.plain)"))
    print(mouse.told("from “17 are missing” to the cards that changed"))
    assert mouse.clicks <= MOST_CLICKS
    right_on_paper(pdf, absent, changed, new)
    return changed, new


def listed(desk: Page, title: str) -> list[str]:
    """The numbers of a list of the page of repair."""
    heading = desk.get_by_role("heading", name=title)
    return heading.locator("xpath=following-sibling::ul[1]").locator("li > .number").all_inner_texts()


def right_on_paper(pdf: bytes, absent: set[str], changed: list[str], new: list[str]) -> None:
    """State that there is a card for whoever needs one and for nobody else, with where to go, in black on white."""
    pages = words_of(pdf)
    first_card = next(at for at, page in enumerate(pages) if CARD.search(page))
    lists, sheets = pages[:first_card], pages[first_card:]
    cards = [found for page in sheets for found in CARD.findall(page)]
    assert sorted(number for _where, _goes, number in cards) == sorted([*changed, *new])
    assert sum(page.count("B replaces A") for page in sheets) == len(cards)
    assert all("B replaces A" in page for page in lists)
    assert any(goes == "stay" for _where, goes, _number in cards)
    assert any(goes.startswith("go to ") for _where, goes, _number in cards)
    assert {number for where, _goes, number in cards if where == "New"} == set(new)
    _deliver, void = "\n".join(lists).split("Need no card any more")
    assert absent <= set(re.findall(r"\d+", void))
    for number in (0, first_card):
        assert min(margins(pdf, number)) >= PRINTER_NEEDS


# --- 14:00 -----------------------------------------------------------------------------------------------------------


def sign_in_by_slip(phone: Page, chromium: Browser, house: House, number: str) -> None:
    """The office gives somebody a code, who types it on the phone."""
    with device(chromium, LAPTOP) as office:
        enter(office, house, "organiser")
        office.goto(f"{house.url}/office/people?q={number}")
        follow(office.locator(".people a").first)
        look(office)
        follow(office.get_by_role("button", name="Give a new code"))
        code = office.locator(".secret").inner_text()
    phone.goto(house.url)
    phone.get_by_label("Your code").fill(code)
    send(phone)
    expect(phone.get_by_role("heading", name="My rounds")).to_be_visible()


def the_rounds_run(desk: Page, chromium: Browser, house: House, *, alone: list[str]) -> None:
    """A big screen is paired, round 1 starts, the help point sends two, and a repair of round 2 is taken back."""
    with device(chromium, LAPTOP) as screen:
        screen.goto(house.url + "/screen")
        code = screen.locator("[data-code]").get_attribute("data-code")
        look(screen)
        desk.goto(house.url + DESK)
        follow(desk.get_by_role("link", name="Then start the rounds"))
        desk.get_by_label("The six digits").fill(code or "")
        send(desk)
        expect(desk.get_by_text("connected by")).to_be_visible()
        follow(desk.get_by_role("button", name="Start round 1"))
        expect(desk.get_by_role("button", name="Pause")).to_be_visible()
        look(desk)
        screen.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(screen.locator("[data-which-is=round]").first).to_be_visible()
        look(screen)
    the_help_point_sends(desk, house, alone)
    a_repair_is_taken_back(desk, house, alone[0])


def the_help_point_sends(desk: Page, house: House, alone: list[str]) -> None:
    """Two without a partner in round 1 are sent somewhere at once."""
    desk.goto(house.url + DESK)
    follow(desk.get_by_role("link", name="Help point"))
    look(desk)
    settle(desk)
    desk.keyboard.type(" ".join(alone))
    send(desk)
    answers = desk.locator(".sent li")
    expect(answers.first).to_be_visible()
    told = " ".join(answers.all_inner_texts())
    assert all(number in told for number in alone)
    assert re.search(r"with|joins them", told)
    look(desk)


def a_repair_is_taken_back(desk: Page, house: House, number: str) -> None:
    """Somebody goes, the rounds to come are repaired, they are found again: the tables of B return as version D."""
    desk.goto(f"{house.url}{DESK}?q={number}")
    follow(desk.get_by_role("button", name=re.compile("^Absent")))
    follow(desk.locator(".next .card a.button"))
    expect(desk.get_by_text("Round 1 has begun and stays as it is.")).to_be_visible()
    follow(desk.get_by_role("button", name="Publish this as version C"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Print version C")
    desk.goto(f"{house.url}{DESK}?q={number}")
    follow(desk.get_by_role("button", name=re.compile("^Here")))
    desk.goto(f"{house.url}{DESK}/repair")
    look(desk)
    follow(desk.get_by_role("button", name="Undo: the tables of version B again, as version D"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Print version D")
    look(desk)
    desk.get_by_text("Since an earlier version").click()
    since_b = desk.get_by_role("heading", name="Since version B")
    expect(since_b.locator("xpath=following-sibling::p[1]")).to_have_text("No card has changed.")


# --- by keyboard alone -----------------------------------------------------------------------------------------------


def test_the_same_way_by_keyboard_alone(page: Page, fresh: House) -> None:
    everybody = waiting(fresh, "speed-dating")
    first, absent = everybody[0], set(everybody[1:4])
    let_come(fresh, "speed-dating", but={first, *absent})
    page.goto(fresh.links["facilitator"])
    settle(page)
    send(page)
    press(page, page.get_by_role("link", name="Speed Dating", exact=True))
    page.keyboard.type(first)
    for _ in range(2):
        send(page)
        settle(page)
    expect(page.locator(".done")).to_contain_text("here")
    press(page, page.get_by_role("link", name="Add somebody who is not on the list"))
    page.keyboard.type(NEWCOMERS[0])
    reach(page, page.get_by_label("English", exact=True))
    page.keyboard.press("Space")
    send(page)
    expect(page.locator(".card.place")).to_contain_text(NEWCOMERS[0])
    press(page, page.get_by_role("link", name="Back to the desk"))
    press(page, page.get_by_role("link", name="Say what is gone"))
    press(page, page.get_by_role("button", name=re.compile("is gone$")).first)
    press(page, page.get_by_role("link", name="Speed Dating"))
    press(page, page.get_by_role("link", name="3 are still expected: tick as absent"))
    press(page, page.get_by_role("button", name="3 people are absent"))
    press(page, page.get_by_role("link", name="Repair", exact=True))
    press(page, page.get_by_role("button", name="Publish this as version B"))
    link = page.locator("main a.button:not(.plain)")
    reach(page, link)
    with page.expect_response(str(link.evaluate("link => link.href"))) as waited:
        page.keyboard.press("Enter")
    assert waited.value.headers["content-type"] == "application/pdf"
    page.wait_for_url("**/changed.pdf*", wait_until="commit")
    page.goto(fresh.url + DESK)
    press(page, page.get_by_role("link", name="Then start the rounds"))
    press(page, page.get_by_role("button", name="Start round 1"))
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.goto(fresh.url + DESK + "/help")
    settle(page)
    page.keyboard.type(first)
    send(page)
    expect(page.locator(".sent")).to_contain_text(first)
