"""A phone that lies open: a new version and the desk's press are said on it, and nobody reloads anything."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from tests.browser.conftest import House
from tests.browser.looking import enter, look
from tests.webapp.test_bridge import BY
from webapp.app import create_app
from webapp.config import from_env
from webapp.db import db, transaction
from webapp.models import Meeting, Person, Plan, Rest, Seat, Session
from webapp.operations.plans import planning
from webapp.operations.rounds import running

pytestmark = pytest.mark.browser

SPEED = "speed-dating"
WITHIN = 4000
BUSY = 30_000
"""How long the next question and its answer may take on a machine that does other things too."""
PHONE = {"width": 360, "height": 740}


@contextmanager
def operating(house: House) -> Iterator[Session]:
    """Another process of the same house, as a desk at another computer."""
    app: Flask = create_app(from_env(data=house.data))
    with app.app_context():
        yield db.session.scalars(select(Session).where(Session.slug == SPEED)).one()
        db.session.remove()


def hold_today(house: House) -> None:
    """Let the rounds begin in half an hour."""
    with operating(house) as session:
        starts = datetime.now(session.event.zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=30)
        with transaction() as rows:
            held = rows.get_one(Session, session.id)
            held.starts, held.ends = starts, starts + timedelta(hours=1)


def publish_swapped(house: House) -> str:
    """Publish a version in which the first person's table of round 4 is another one; return which."""
    with operating(house) as session, transaction() as rows:
        old = rows.scalars(select(Plan).where(Plan.session_id == session.id, Plan.state == "published")).one()
        first = rows.scalars(select(Person).order_by(Person.id).limit(1)).one()
        own = rows.scalars(
            select(Meeting).join(Seat).where(Seat.person_id == first.id, Seat.plan_id == old.id, Seat.round_no == 4)
        ).one()
        other = next(one for one in old.meetings if one.round_no == 4 and one is not own)
        swapped = {own.table: other.table, other.table: own.table}
        new = Plan(session_id=session.id, rounds=old.rounds, people=old.people, quality=old.quality, rules=old.rules)
        rows.add(new)
        rows.flush()
        for one in old.meetings:
            table = swapped.get(one.table, one.table) if one.round_no == 4 else one.table
            held = Meeting(
                plan_id=new.id,
                round_no=one.round_no,
                table=table,
                position=one.position,
                language=one.language,
                reasons=one.reasons,
                host=one.host,
                interpreter=one.interpreter,
            )
            rows.add(held)
            rows.flush()
            rows.add_all(
                Seat(
                    plan_id=new.id,
                    round_no=one.round_no,
                    person_id=seat.person_id,
                    meeting_id=held.id,
                    place=seat.place,
                )
                for seat in one.seats
            )
        rows.add_all(
            Rest(plan_id=new.id, round_no=one.round_no, person_id=one.person_id, code=one.code) for one in old.rests
        )
        rows.flush()
        # what publishing does once the referee has agreed
        planning._number(rows, new)
        return swapped[own.table]


def polls(page: Page) -> list[str]:
    """Every question that the page asks from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/me/news" in request.url else None)
    return asked


def test_the_open_page_says_what_is_new(page: Page, chromium: Browser, fresh: House) -> None:
    hold_today(fresh)
    page.set_viewport_size(PHONE)
    enter(page, fresh, "participant")
    page.goto(fresh.url + "/me")
    line = page.locator("#news")
    setting = [int(line.get_attribute(f"data-{name}") or "") for name in ("every", "spread")]
    assert 0 < sum(setting) <= WITHIN
    deaf = chromium.new_context(storage_state=page.context.storage_state(), locale="en-GB")
    unheard: list[str] = []

    def refuse(route: Route) -> None:
        unheard.append(route.request.url)
        route.abort()

    deaf.route(re.compile(r"/static/.*\.js"), refuse)
    old = deaf.new_page()
    old.goto(fresh.url + "/me")
    assert unheard, "the scripts have other addresses"
    page.evaluate("window.mark = 'not reloaded'")
    asked = polls(page)

    later = page.locator("#speed-dating-4")
    was = later.locator("b").first.inner_text()
    later.locator("details summary").click()
    later.locator("summary").focus()
    told = publish_swapped(fresh)
    expect(line).to_contain_text("Version B is published. Round 4 is at table", timeout=BUSY)
    expect(later.locator("b").first).to_contain_text(f"table {told}", timeout=BUSY)
    assert later.locator("b").first.inner_text() != was
    assert 0 < len(asked) <= 10
    expect(later.locator("details")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.closest('li')?.id") == "speed-dating-4"
    look(page)

    with operating(fresh) as session:
        assert running.press(session.id, "start", seen=running.revision(session), by=BY, now=datetime.now(UTC))
    expect(line).to_contain_text("Now round 1, table", timeout=BUSY)
    expect(page.get_by_text("Now", exact=True)).to_be_visible(timeout=BUSY)
    expect(page.locator("[data-say]")).to_contain_text("Ends in", timeout=BUSY)
    assert page.evaluate("window.mark") == "not reloaded"
    look(page)
    expect(old.locator("#news")).to_be_empty()
    assert old.locator("#speed-dating-4 b").first.inner_text() == was

    page.context.set_offline(True)
    expect(line).to_contain_text("Not connected. What you see is from", timeout=BUSY)
    page.context.set_offline(False)
    expect(line).not_to_contain_text("Not connected", timeout=BUSY)
    deaf.close()


def test_what_is_typed_stays_while_the_line_tells(page: Page, fresh: House) -> None:
    hold_today(fresh)
    enter(page, fresh, "participant")
    page.goto(fresh.url + "/me/profile")
    field = page.locator("main input[type=text]").first
    field.fill("Typed just now")
    with operating(fresh) as session:
        assert running.press(session.id, "start", seen=running.revision(session), by=BY, now=datetime.now(UTC))
    line = page.locator("#news")
    expect(line).to_contain_text("Now round 1, table", timeout=BUSY)
    expect(line.get_by_role("link", name="My rounds")).to_be_visible()
    expect(field).to_have_value("Typed just now")
    look(page)
