"""Two people exchange contacts on their phones, one of them without JavaScript: each in private, then both at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DATABASE, House
from tests.browser.looking import enter, follow, look
from webapp.operations.door.accounts import fast_hash

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
VENUE = timedelta(hours=7)
SPEED, TOKEN = "speed-dating", "the-way-in-of-the-other-phone"
LAST_ROUND_OVER = 3
PARTNER = """
SELECT them.id, them.name, me.name FROM seat mine
JOIN seat theirs ON theirs.meeting_id = mine.meeting_id AND theirs.person_id <> mine.person_id
JOIN plan ON plan.id = mine.plan_id AND plan.state = 'published'
JOIN session ON session.id = plan.session_id AND session.slug = ?
JOIN person me ON me.id = mine.person_id JOIN person them ON them.id = theirs.person_id
WHERE mine.round_no = ? AND mine.person_id = (SELECT person_id FROM link WHERE token_hash = ?)
"""


def began(house: House, ago: timedelta) -> None:
    """Let the session have begun so long ago."""
    starts = datetime.now(UTC).replace(tzinfo=None) + VENUE - ago
    with closing(sqlite3.connect(house.data / DATABASE)) as rows, rows:
        times = (f"{starts}", f"{starts + timedelta(hours=1)}", SPEED)
        rows.execute("UPDATE session SET starts = ?, ends = ? WHERE slug = ?", times)


@pytest.fixture
def over(house: House) -> Iterator[House]:
    """The demo when three rounds are over, with a way in for somebody's partner; afterwards as it was."""
    with closing(sqlite3.connect(house.data / DATABASE)) as rows:
        before = rows.execute("SELECT starts, ends FROM session WHERE slug = ?", (SPEED,)).fetchone()
    began(house, timedelta(minutes=26))
    yield house
    with closing(sqlite3.connect(house.data / DATABASE)) as rows, rows:
        rows.execute("UPDATE session SET starts = ?, ends = ? WHERE slug = ?", (*before, SPEED))
        rows.execute("DELETE FROM contact")
        rows.execute("DELETE FROM contact_answer")
        rows.execute("DELETE FROM link WHERE token_hash = ?", (fast_hash(TOKEN),))


def let_in(house: House) -> tuple[str, str]:
    """Give the partner of the participant's last round a way in; return the names of the two."""
    own = house.links["participant"].rpartition("/")[2]
    with closing(sqlite3.connect(house.data / DATABASE)) as rows, rows:
        who, theirs, mine = rows.execute(PARTNER, (SPEED, LAST_ROUND_OVER, fast_hash(own))).fetchone()
        rows.execute(
            "INSERT INTO link (token_hash, person_id, kind, expires_at) VALUES (?, ?, 'link', '2099-01-01 00:00:00')",
            (fast_hash(TOKEN), who),
        )
    return str(mine), str(theirs)


def say_yes(phone: Page, house: House, whom: str) -> None:
    """Answer under My rounds."""
    phone.goto(house.url + "/me")
    asked = phone.locator("form.swap", has_text=whom).first
    look(phone)
    follow(asked.get_by_role("button", name="Yes"))
    expect(phone.get_by_text("Nobody is told before all answers are opened")).to_be_visible()


def copied(page: Page, line: str) -> None:
    """Copy a line by its button, both as over https and as on a plain network, and paste it into an empty field."""
    button, field = page.locator(".reached p", has_text=line).get_by_role("button"), page.locator("textarea").first
    expect(button).to_have_accessible_name(f"Copy \u2068{line}\u2069")
    for https in (True, False):
        if https:
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        else:
            page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        button.click()
        expect(page.get_by_role("status").filter(has_text=line)).to_have_text(f"Copied: {line}")
        before = field.input_value()
        field.fill("")
        field.press("ControlOrMeta+v")
        assert field.input_value() == line
        field.fill(before)
        page.locator("#copied").evaluate("one => { one.textContent = ''; }")
    page.evaluate("document.execCommand = () => false")
    button.click()
    expect(page.locator("#copied")).to_contain_text("copy them as any others")
    assert page.evaluate("getSelection().toString()") == line


def test_two_people_exchange_contacts(page: Page, chromium: Browser, over: House, tmp_path: Path) -> None:
    me, partner = let_in(over)
    page.set_viewport_size(PHONE)
    enter(page, over, "participant")
    page.goto(over.url + "/me/contacts")
    page.get_by_label("One way a line").fill("me@here.example")
    expect(page.locator("#saved")).to_have_text("Saved.")
    look(page)
    say_yes(page, over, partner)

    other = chromium.new_context(locale="en-GB", viewport=PHONE, java_script_enabled=False)
    phone = other.new_page()
    phone.goto(f"{over.url}/in/{TOKEN}")
    follow(phone.get_by_role("button", name="Sign in"))
    phone.goto(over.url + "/me/contacts")
    expect(phone.get_by_text("me@here.example")).to_have_count(0)
    phone.get_by_label("One way a line").fill("Signal: other.7")
    follow(phone.get_by_role("button", name="Save"))
    phone.goto(over.url + "/me")
    follow(phone.locator("form.swap", has_text=me).first.get_by_role("button", name="Yes"))

    page.goto(over.url + "/me/contacts")
    expect(page.get_by_text("Signal: other.7")).to_have_count(0)
    began(over, timedelta(hours=6))
    page.reload()
    expect(page.locator(".reached")).to_contain_text(partner)
    expect(page.get_by_text("Signal: other.7")).to_be_visible()
    copied(page, "Signal: other.7")
    look(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="as address cards").click()
    waiting.value.save_as(tmp_path / "contacts.vcf")
    assert "NOTE:Signal: other.7" in (tmp_path / "contacts.vcf").read_text(encoding="utf-8")
    phone.goto(over.url + "/me/contacts")
    expect(phone.locator(".reached")).to_contain_text("me@here.example")
    # without a script there is nothing to press in vain
    expect(phone.locator(".reached button")).to_be_hidden()
    other.close()
