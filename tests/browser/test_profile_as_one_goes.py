"""The profile saves as one goes: without a connection, after a lost answer, and past the end of a sign-in."""

import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DATABASE, House
from tests.browser.looking import enter, follow, look

pytestmark = pytest.mark.browser
WORDS = "I can share, in other words"
NO_CONNECTION = "Not saved yet: no connection. We try again."


@pytest.fixture
def topics(page: Page, house: House) -> Page:
    """The second screen, open."""
    enter(page, house, "participant")
    page.goto(house.url + "/me/profile/topics")
    return page


def test_it_saves_by_itself_and_again_when_the_connection_is_back(topics: Page) -> None:
    said = topics.locator("#saved")
    topics.get_by_label(WORDS).fill("kites")
    expect(said).to_have_text("Saved.")
    topics.context.set_offline(True)
    topics.get_by_label(WORDS).fill("kites, puppets")
    expect(said).to_have_text(NO_CONNECTION)
    topics.context.set_offline(False)
    expect(said).to_have_text("Saved.", timeout=15_000)
    topics.reload()
    expect(topics.get_by_label(WORDS)).to_have_value("kites, puppets")


def test_what_is_left_unsaved_is_there_again(topics: Page, house: House) -> None:
    topics.route("**/me/profile/topics", lambda one: one.abort() if one.request.method == "POST" else one.continue_())
    topics.get_by_label(WORDS).fill("left behind")
    expect(topics.locator("#saved")).to_have_text(NO_CONNECTION)
    topics.goto(house.url + "/me")
    topics.goto(house.url + "/me/profile/topics")
    expect(topics.get_by_label(WORDS)).to_have_value("left behind")
    expect(topics.locator("#saved")).to_have_text("Not saved yet: this is what you typed before.")
    look(topics)
    topics.unroute("**/me/profile/topics")
    follow(topics.get_by_role("button", name="Save", exact=True))
    expect(topics.locator(".note")).to_have_text("Saved.")
    expect(topics.get_by_label(WORDS)).to_have_value("left behind")


def test_a_few_letters_narrow_the_list(topics: Page) -> None:
    topics.locator("#find-offers").fill("SECUR")
    unticked = topics.locator("#offers .chip:visible:not(:has(:checked))")
    expect(unticked).to_have_text(["Digital security"])
    topics.locator("#find-offers").fill("nothing like it")
    expect(topics.locator("#found-offers")).to_have_text("Nothing here reads like that.")
    topics.keyboard.press("Enter")
    look(topics)


def test_a_sign_in_that_ended_loses_nothing(page: Page, house: House) -> None:
    enter(page, house, "participant")
    page.goto(house.url + "/me/profile/meeting")
    other = page.context.new_page()
    other.goto(house.url + "/me")
    follow(other.get_by_role("button", name="Sign out"))
    page.get_by_label("People and organisations").fill("Somebody Else")
    expect(page.locator("#saved")).to_contain_text("your sign-in has ended")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_label("Your code")).to_be_visible()
    look(page)
    enter(other, house, "participant")
    follow(page.get_by_role("button", name="I am signed in there"))
    expect(page.get_by_label("People and organisations")).to_have_value("Somebody Else")
    look(page)
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator(".note")).to_have_text("Saved.")


def test_whom_one_need_not_meet_is_never_sent_half_typed(page: Page, house: House) -> None:
    enter(page, house, "participant")
    page.goto(house.url + "/me/profile/meeting")
    box = page.get_by_label("People I need not meet here", exact=False)
    box.fill("Somebo")
    expect(page.locator("#saved")).to_contain_text("press Save for that")
    box.fill("Somebody Feared")
    follow(page.get_by_role("button", name="Save", exact=True))
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    page.goto(house.url + "/me/profile/meeting")
    expect(box).to_have_value("")
    with sqlite3.connect(house.data / DATABASE) as rows:
        written = [text for (text,) in rows.execute("SELECT text FROM apart_entry")]
    rows.close()
    assert written == ["Somebody Feared"]
