"""Every page for everyone: any window, any size of letters, no mouse, colours of one's own, nothing that moves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.test import TestResponse

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.showing import LAPTOP, SMALL, Show, each_once, flawed, shown
from tests.webapp.test_exit import choose
from tests.webapp.test_my_rounds import arrange, at_venue
from tests.webapp.walker import House
from webapp.db import transaction
from webapp.models import Person
from webapp.views import participant

pytestmark = pytest.mark.browser

SCREENS = ("/me/profile", "/me/profile/topics", "/me/profile/meeting")
MAIN = (
    "/me",
    *SCREENS,
    "/me/profile/preview",
    "/me/who-sees-what",
    "/me/specialists/clinic",
    "/devices",
    "/nothing-here",
)


def walked(house: House, role: str) -> list[TestResponse]:
    """Every page a role can walk to and every answer to its forms; big screens, which send by themselves, apart."""
    return each_once(one for one in house.pages(role).values() if not one.request.path.startswith("/screen"))


def look_at(chromium: Browser, house: House, role: str, least: int) -> None:
    """State that no page of this role is flawed, and that there are so many."""
    pages = walked(house, role)
    with shown(chromium, lambda address: house.get(role, address)) as show:
        assert not flawed(show, pages)
    assert len(pages) >= least


@pytest.mark.parametrize("role", [pytest.param("anonymous", marks=pytest.mark.long), "participant"])
def test_every_page_and_every_answer_of_participants(chromium: Browser, house: House, role: str) -> None:
    look_at(chromium, house, role, 9)


@pytest.mark.long
@pytest.mark.parametrize(
    ("role", "least"), [("another", 15), ("helper", 9), ("facilitator", 90), ("organiser", 120), ("safety", 5)]
)
def test_every_page_and_every_answer_of_all_others(chromium: Browser, house: House, role: str, least: int) -> None:
    look_at(chromium, house, role, least)


def test_a_discreet_event_in_arabic(chromium: Browser, house: House) -> None:
    choose(house, "discreet")
    arabic = {"Accept-Language": "ar"}
    for role, addresses in (("participant", MAIN), ("anonymous", ("/", "/nothing-here"))):
        pages = [house.knock(role, "GET", address, headers=arabic) for address in addresses]
        assert all('dir="rtl"' in one.text and 'class="exit"' in one.text for one in pages)
        with shown(chromium, lambda address, role=role: house.get(role, address), "ar") as show:
            assert not flawed(show, each_once(pages))


# --- a day from before it is planned until it is over ----------------------------------------------------------------


def nobody_has_described_it() -> None:
    """No event."""


def nothing_is_published() -> None:
    """A session without a plan, and somebody who may come."""
    make.store(make.event(), make.session(rounds=3))


def rounds(*, again: bool = False) -> Person:
    """Somebody with a free round, in the version that is published or in the next, in which all is otherwise."""
    make.store(make.event())
    me = make.person(name="Mine")
    partners = [make.person(name=name, organisation=make.organisation()) for name in ("Anna", "علي", "Gao")]
    first = arrange(me, [partners[0], None, partners[1]], title="Speed talks")
    if again:
        with transaction():
            first.state = "replaced"
        arrange(me, [None, *partners[1:]], session=first.session, version=2, tables={3: "31"}, open_from=1)
    return me


def changed_rounds() -> Person:
    """The same, changed."""
    return rounds(again=True)


@pytest.mark.parametrize(
    ("arranged", "now", "said"),
    [
        (nobody_has_described_it, at_venue(13, 50), "This page is not here"),
        (nothing_is_published, at_venue(13, 50), "not published yet"),
        (rounds, at_venue(13, 50), "Starts in"),
        (rounds, at_venue(14, 10), "free"),
        (changed_rounds, at_venue(13, 50), "Changed in version B"),
        (rounds, datetime(2014, 1, 1, tzinfo=UTC), "Round 3"),
    ],
    ids=["no event", "before publication", "before", "free round", "changed", "after the event"],
)
def test_a_day(
    app: Flask,
    visitor: Visitor,
    chromium: Browser,
    monkeypatch: pytest.MonkeyPatch,
    arranged: Callable[[], Person | None],
    now: datetime,
    said: str,
) -> None:
    monkeypatch.setattr(participant, "now", lambda: now)
    me = arranged()
    if me is None:
        me = make.person(name="Mine")
        make.store(me)
    phone = visitor.participant(me)
    page = phone.get("/me")
    assert said in page.text

    def answer(address: str) -> TestResponse:
        with app.app_context():
            return phone.get(address)

    with shown(chromium, answer) as show:
        assert not flawed(show, [page])


# --- what would be noticed -------------------------------------------------------------------------------------------

PLAIN = "<style>button {{ block-size: 44px }}</style><main><h1>A page</h1>{}</main>"
FLAWS = {
    "wide": "<p style='inline-size: 500px'>wide</p>",
    "cut": "<p style='inline-size: 90px; overflow: hidden; white-space: nowrap'>more than there is room for</p>",
    "small": "<a href='#x' style='display: inline-block; inline-size: 20px; block-size: 20px'>x</a>",
    "moving": "<p style='transition: color 1s'>slow</p>",
    "edges": "<button style='border: 0'>bare</button>",
    "focus": "<button style='outline: none'>no ring</button>",
}


@pytest.mark.parametrize("check", FLAWS)
def test_a_flaw_would_be_noticed(chromium: Browser, check: str) -> None:
    page = chromium.new_page(viewport=SMALL)
    show = Show(page, lambda _address: TestResponse([], "200 OK", {}, None))
    page.set_content(PLAIN.format("<p>fine <a href='#x'>here</a></p><button>fine</button>"))
    assert show.told(*FLAWS) == []
    page.set_content(PLAIN.format(FLAWS[check]))
    assert len(show.told(check)) == 1
    page.close()


def test_what_hides_behind_a_bar_and_what_colour_alone_tells_would_be_noticed(chromium: Browser) -> None:
    page = chromium.new_page(viewport=SMALL)
    show = Show(page, lambda _address: TestResponse([], "200 OK", {}, None))
    bar = "<div style='position: fixed; inset: 0'>over all</div>"
    page.set_content(PLAIN.format(f"<button>beneath</button>{bar}"))
    assert [one.partition(":")[0] for one in show.told("focus")] == ["hidden"]
    page.set_content(PLAIN.format("<a href='#x' style='text-decoration: none' aria-current='page'>here</a>"))
    assert [one.partition(":")[0] for one in show.told("edges")] == ["not told apart"]
    page.close()


# --- by keyboard alone -----------------------------------------------------------------------------------------------

ORDER = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.type !== "hidden")
  .filter((one) => one.tabIndex >= 0 && !one.disabled)
  .map((one, at) => { one.dataset.at = at; return at; })"""
AT = "() => document.activeElement.dataset.at === undefined ? -1 : Number(document.activeElement.dataset.at)"


MOST_PRESSES = 300


def tabbed(page: Page) -> list[int]:
    """Which controls Tab comes to, one after the other, until it leaves the page; by their place in the document."""
    page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0); }")
    reached: list[int] = []
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        at = int(page.evaluate(AT))
        if at < 0:
            return reached
        # a field for a time has several parts
        if at not in reached[-1:]:
            reached.append(at)
    raise AssertionError("Tab does not lead out of the page")


@pytest.mark.parametrize("path", ["/me", *SCREENS])
def test_tab_comes_to_everything_in_the_order_of_reading(chromium: Browser, house: House, path: str) -> None:
    with shown(chromium, lambda address: house.get("participant", address)) as show:
        show.page.set_viewport_size(LAPTOP)
        show.show(house.get("participant", path))
        due = show.page.evaluate(ORDER)
        assert len(due) >= 10
        assert tabbed(show.page) == due


def test_a_trap_and_a_wrong_order_would_be_noticed(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<button>a</button><button tabindex=1>b</button><a href='#x'>c</a>")
    assert page.evaluate(ORDER) == [0, 1, 2]
    assert tabbed(page) != [0, 1, 2]
    page.set_content("<button onkeydown='event.preventDefault()'>a</button><button>b</button>")
    assert page.evaluate(ORDER) == [0, 1]
    with pytest.raises(AssertionError, match="does not lead out"):
        tabbed(page)
    page.close()


@pytest.mark.parametrize("path", SCREENS)
def test_enter_saves(chromium: Browser, house: House, path: str) -> None:
    sent: list[str] = []
    with shown(chromium, lambda address: house.get("participant", address)) as show:
        show.page.on(
            "request",
            lambda one: sent.append(one.url) if one.method == "POST" and one.is_navigation_request() else None,
        )
        show.show(house.get("participant", path))
        field = "main form.screen input:not([type=hidden], [type=checkbox], [type=radio], [type=search], [type=time])"
        button = show.page.locator("main form.screen .savebar button").first
        one = show.page.locator(field).first if show.page.locator(field).count() else button
        one.focus()
        with show.page.expect_navigation():
            show.page.keyboard.press("Enter")
    assert [url.partition("localhost")[2] for url in sent] == [path]
