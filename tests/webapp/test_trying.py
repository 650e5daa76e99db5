"""Trying other rules: the form, the work in the background, two at once, and who may."""

import re
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, send
from tests.webapp.test_bridge import BY, open_room
from tests.webapp.test_desk import filled
from tests.webapp.test_jobs import PATIENCE, no_process_stays, state_of, waiting_job
from tests.webapp.test_office import counted
from tests.webapp.test_programme import session_values
from tests.webapp.test_taking_over import standing, take
from tests.webapp.test_variants import DOOR, contents, desk, other, room, tried
from webapp import jobs
from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.models import Job, Person, Plan, Session, Staff
from webapp.operations.event import programme
from webapp.operations.plans import planning, variants

__all__ = ["desk", "no_process_stays"]
OFFICE = Actor(staff=Staff(name="ola", role="organiser"))
FORM = {"apart": "y", "shared_language": "y", "regions": "mix", "limit": "", "floor": "y"}


# --- the form, and the work in the background ----------------------------------------------------------------------


def test_the_whole_way_in_a_browser(desk: FlaskClient) -> None:
    session_id, _people = open_room(6, slug="s")
    draft = planning.make_plan(session_id, by=BY)
    assert f'href="{DOOR}/rules"' in desk.get(f"{DOOR}/draft").text
    answer = send(desk, f"{DOOR}/rules", **{**FORM, "limit": "2"})
    assert answer.status_code == 303
    page = desk.get(answer.location)
    assert page.status_code == 303 or "Other rules are being tried" in page.text
    until = time.monotonic() + PATIENCE
    while "HX-Redirect" not in (live := desk.get(answer.location, headers={"HX-Request": "true"})).headers:
        assert live.status_code == 200
        assert "HX-Refresh" not in live.headers, "the planning has failed"
        assert time.monotonic() < until
        time.sleep(0.1)
    assert live.headers["HX-Redirect"] == desk.get(answer.location).location == f"{DOOR}/compare"
    assert planning.find_plan(session_id, "draft").public_id == draft
    for path in (DOOR, f"{DOOR}/draft"):
        assert f'href="{DOOR}/compare"' in desk.get(path).text
    page = desk.get(f"{DOOR}/compare").text
    assert filled(page) == ["Take this"]
    fields = dict(re.findall(r'name="(trial|base)" value="([^"]+)"', page))
    taken = send(desk, f"{DOOR}/take", page=f"{DOOR}/compare", **fields)
    assert "The session has these rules now" in desk.get(taken.location).text
    assert planning.find_plan(session_id, "draft").public_id == fields["trial"] != draft
    assert other(session_id).limit == 2
    assert desk.get(f"{DOOR}/compare").location == DOOR


def test_left_as_it_is_nothing_remains_of_it(desk: FlaskClient) -> None:
    session_id = room()
    draft = planning.find_plan(session_id, "draft").public_id
    before, rules = contents(draft), other(session_id)
    trial = variants.find_trial(session_id).public_id
    answer = send(desk, f"{DOOR}/leave", page=f"{DOOR}/compare", trial="another")
    assert answer.status_code == 409
    answer = send(desk, f"{DOOR}/leave", page=f"{DOOR}/compare", trial=trial)
    assert answer.location == f"{DOOR}/draft?note=left"
    assert (contents(draft), other(session_id), variants.find_trial(session_id)) == (before, rules, None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "These are the rules that this session has"),
        ({"limit": "0"}, "Give a whole number from 1 to 100"),
        ({"regions": "moon"}, "Choose one from the list"),
    ],
)
def test_what_cannot_be_tried_is_said_beside_the_field(desk: FlaskClient, typed: dict[str, str], words: str) -> None:
    room()
    answer = send(desk, f"{DOOR}/rules", **{**FORM, **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.query(Job).count() == 0


def test_the_form_shows_the_rules_of_the_session_and_asks_only_what_its_format_knows(desk: FlaskClient) -> None:
    session_id = room(same_organisation="allow", regions="same", limit=3)
    page = desk.get(f"{DOOR}/rules").text
    assert re.search(r'id="shared_language"[^>]* checked|checked[^>]* id="shared_language"', page)
    assert not re.search(r'id="apart"[^>]* checked|checked[^>]* id="apart"', page)
    assert re.search(r'selected value="same"', page)
    assert re.search(r'id="limit"[^>]* value="3"', page)
    assert 'id="floor"' in page
    with transaction() as rows:
        rows.get(Session, session_id).format = "circles"
    assert 'id="floor"' not in desk.get(f"{DOOR}/rules").text


def test_without_a_plan_there_is_nothing_to_try_or_compare(desk: FlaskClient) -> None:
    session_id, _people = open_room(4, slug="s")
    for path in ("rules", "compare"):
        assert desk.get(f"{DOOR}/{path}").location == DOOR
    with pytest.raises(NotNow, match="thrown away meanwhile"):
        tried(session_id)
    assert db.session.query(Plan).count() == 0


@pytest.mark.parametrize("stopped", [True, False])
def test_stopped_at_the_last_moment_nothing_is_kept(app: Flask, stopped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _people = open_room(6)
    draft = planning.make_plan(session_id, by=BY)
    before = contents(draft)
    public_id = waiting_job(session_id, kind="try", asked=other(session_id, limit=1).as_json())
    solve = planning.bridge.solve

    def solve_then_stop(*what: object, **options: object) -> object:
        plan = solve(*what, **options)  # type: ignore[arg-type]
        if stopped:
            jobs.stop(public_id, session_id, by=BY)
        return plan

    monkeypatch.setattr(planning.bridge, "solve", solve_then_stop)
    jobs.run(public_id)
    assert state_of(public_id) == ("stopped" if stopped else "done")
    assert (variants.find_trial(session_id) is None) is stopped
    assert contents(draft) == before


def test_a_stopped_and_a_failed_try_lead_back_to_the_form(desk: FlaskClient) -> None:
    session_id = room()
    public_id = waiting_job(session_id, kind="try")
    assert "Other rules are being tried" in desk.get(DOOR).text
    path = f"{DOOR}/job/{public_id}"
    assert f'href="{path}"' in desk.get(f"{DOOR}/rules").text
    assert send(desk, f"{path}/stop", page=path).location == f"{DOOR}?note=stopped"
    assert filled(desk.get(path).text) == ["Try other rules"]


def test_who_would_get_least_is_guarded_or_not_as_the_rules_say(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _people = open_room(6)
    asked, solve = [], planning.bridge.solve

    def note(*what: object, **options: object) -> object:
        asked.append(options["floor"])
        return solve(*what, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(planning.bridge, "solve", note)
    planning.make_plan(session_id, by=BY)
    tried(session_id, floor=False)
    take(session_id)
    planning.make_plan(session_id, by=BY)
    assert asked == [True, False, False]


# --- two at once ---------------------------------------------------------------------------------------------------


def at_once(app: Flask, *works: Callable[[], object]) -> list[object]:
    """Do all in threads of their own; return what each came to."""
    told: list[object] = []

    def work(do: Callable[[], object]) -> None:
        with app.app_context():
            try:
                told.append(do())
            except NotNow as refusal:
                told.append(refusal)

    workers = [threading.Thread(target=work, args=(do,)) for do in works]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.session.rollback()
    return told


def test_two_who_try_at_once_leave_one_trial(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _people = open_room(6)
    draft = planning.make_plan(session_id, by=BY)
    meet, one_by_one, solve = threading.Barrier(2), threading.Lock(), planning.bridge.solve

    def solve_and_wait(*what: object, **options: object) -> object:
        with one_by_one:
            plan = solve(*what, **options)  # type: ignore[arg-type]
        meet.wait(PATIENCE)
        return plan

    monkeypatch.setattr(planning.bridge, "solve", solve_and_wait)
    rules = [other(session_id, limit=limit) for limit in (1, 2)]
    told = at_once(app, *(lambda own=own: variants.try_rules(session_id, own, by=BY) for own in rules))
    assert len(set(told)) == 2
    assert variants.find_trial(session_id).public_id in told
    assert {plan.public_id for plan in db.session.query(Plan)} == {draft, variants.find_trial(session_id).public_id}


def test_the_database_itself_takes_no_second_trial(app: Flask) -> None:
    session_id = room()
    second = text("INSERT INTO plan SELECT id + 100, 'second', " + _rest_of_plan() + " FROM plan WHERE trial")
    with pytest.raises(IntegrityError, match="session_id"), transaction() as rows:
        rows.execute(second)
    with transaction() as rows:
        rows.execute(text("DROP INDEX uq_plan_draft"))
        assert rows.execute(second).rowcount == 1
    assert db.session.query(Plan).filter_by(session_id=session_id, trial=True).count() == 2


def _rest_of_plan() -> str:
    columns = [row[1] for row in db.session.execute(text("PRAGMA table_info(plan)"))]
    assert columns[:2] == ["id", "public_id"]
    return ", ".join(columns[2:])


def test_two_who_ask_at_once_get_one_job_or_a_clear_sentence(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = room()
    monkeypatch.setattr(jobs, "_start", lambda _job: None)
    one, two = (other(session_id, limit=limit).as_json() for limit in (1, 2))
    same = at_once(app, *[lambda: jobs.enqueue("try", session_id, by=BY, asked=one)] * 2)
    assert len(set(same)) == db.session.query(Job).count() == 1
    (refused,) = at_once(app, lambda: jobs.enqueue("try", session_id, by=BY, asked=two))
    assert isinstance(refused, NotNow)
    assert "Other rules are being tried" in refused.sentence
    assert jobs.find(same[0], session_id).asked == one


# --- who may, and what throws a trial away -------------------------------------------------------------------------


def test_facilitators_and_organisers_may_and_nobody_else(app: Flask, visitor: Visitor) -> None:
    session_id = room()
    pages, forms = ("rules", "compare"), ("rules", "take", "leave")
    guest = visitor.participant(db.session.query(Person).first())
    before = standing(session_id)
    assert {guest.get(f"{DOOR}/{path}").status_code for path in pages} == {404}
    assert {send(guest, f"{DOOR}/{path}", page="/me", **FORM).status_code for path in forms} == {404}
    assert {app.test_client().get(f"{DOOR}/{path}").location for path in pages} == {"/"}
    trial, base = variants.find_trial(session_id).public_id, variants.find_base(session_id).public_id
    for verb in (
        lambda: variants.try_rules(session_id, other(session_id, limit=2), by=NOBODY),
        lambda: variants.take(session_id, by=NOBODY, trial=trial, base=base),
        lambda: variants.leave(session_id, by=NOBODY, trial=trial),
    ):
        with pytest.raises(NotFound):
            verb()
    assert standing(session_id) == before
    for role in ("facilitator", "organiser"):
        assert {visitor.staff(role).get(f"{DOOR}/{path}").status_code for path in pages} == {200}


def test_a_change_of_rules_throws_the_trial_away_and_another_change_does_not(app: Flask) -> None:
    session_id = room()
    same = {"title": "Meet", "starts": make.START, "ends": db.session.get(Session, session_id).ends, "rounds": 3}
    names = [table.name for table in db.session.get(Session, session_id).tables]
    programme.change_session("s", session_values(**same, tables=tuple(names), room="Hall"), by=OFFICE)
    assert variants.find_trial(session_id)
    programme.change_session("s", session_values(**same, tables=tuple(names), regions="any"), by=OFFICE)
    assert db.session.query(Plan).count() == 0


def test_rules_that_change_while_others_are_tried_keep_the_trial_from_being_stored(app: Flask) -> None:
    session_id, _people = open_room(6)
    planning.make_plan(session_id, by=BY)

    def change(fraction: float, _what: str) -> None:
        if fraction == 1.0:
            with transaction() as rows:
                rows.get(Session, session_id).regions = "any"

    with pytest.raises(NotNow, match="rules were changed"):
        variants.try_rules(session_id, other(session_id, limit=1), by=BY, progress=change)
    assert variants.find_trial(session_id) is None


def test_with_the_draft_its_trial_is_thrown_away(app: Flask) -> None:
    session_id = room()
    planning.discard(session_id, by=BY)
    assert db.session.query(Plan).count() == 0


def test_comparing_takes_the_same_queries_for_few_and_many_and_shows_no_markup(desk: FlaskClient) -> None:
    counts = []
    session_id = room(5)
    for more in (0, 4):
        make.store(*(make.person(name="<img src=x>", organisation=make.organisation()) for _ in range(more)))
        planning.make_plan(session_id, by=BY)
        tried(session_id, limit=1)
        with counted() as statements:
            page = desk.get(f"{DOOR}/compare").text
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 40
    assert "&lt;img src=x&gt;</bdi>" in page
    assert "<img src=x" not in page
