"""The event's file comes in where people are at work: an open form is asked about, and nothing old is left behind."""

import pytest
from flask import Flask

from tests.webapp.events import BY, EVERYTHING, NOTHING, brought, edited, setting, settle, taken
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.models import Host, Interpreter, Organisation, Person, Wish
from webapp.operations.guests import hosts, interpreters

HOSTS = "specialists and tools"


@pytest.mark.parametrize(("column", "value"), [("note", "In the garden"), ("table", "Z9"), ("title", "Water")])
def test_a_form_of_a_host_that_is_open_is_asked_about(app: Flask, column: str, value: str) -> None:
    settle(1, EVERYTHING)
    before = {one.id: one.revision for one in db.session.query(Host)}
    content = edited(taken(), setting(HOSTS, 2, column, value))
    brought(content)
    db.session.rollback()
    changed = [one for one in db.session.query(Host) if one.revision != before[one.id]]
    assert [getattr(one, column) for one in changed] == [value]
    held = changed[0]
    told = hosts.HostValues(
        name=held.name, latin="", title="", note="as it was", organisation="", number="", languages=("en",),
        topics=(), table="", places=1, min_places=1, away=(),
    )  # fmt: skip
    with pytest.raises(NotNow):
        hosts.change_host(held.session.slug, held.public_id, told, seen=before[held.id], by=BY)
    brought(content)
    assert db.session.get_one(Host, held.id).revision == before[held.id] + 1


@pytest.mark.parametrize("sheet", ["interpreters", "interpreter sessions"])
def test_a_form_of_an_interpreter_that_is_open_is_asked_about(app: Flask, sheet: str) -> None:
    settle(1, EVERYTHING)
    before = {one.name: one.revision for one in db.session.query(Interpreter)}
    column, value = ("latin", "Another Ibis") if sheet == "interpreters" else ("gone_from", "3")
    brought(edited(taken(), setting(sheet, 2, column, value)))
    db.session.rollback()
    changed = [one for one in db.session.query(Interpreter) if one.revision != before[one.name]]
    assert len(changed) == 1
    told = interpreters.InterpreterValues(changed[0].name, "", ("en", "fr"), 3, ())
    with pytest.raises(NotNow):
        interpreters.change_interpreter(changed[0].public_id, told, seen=before[changed[0].name], by=BY)


@pytest.mark.parametrize("sheet", ["people", HOSTS])
@pytest.mark.parametrize("named", [True, False])
def test_an_organisation_that_nobody_comes_from_any_more_is_let_go_of(app: Flask, sheet: str, named: bool) -> None:
    settle(0, NOTHING)
    with transaction() as rows:
        house = Organisation(name="Paper Boat Press")
        visited, guest = (
            rows.query(Host).order_by(Host.session_id, Host.position).first(),
            rows.query(Person).order_by(Person.id).first(),
        )
        (guest if sheet == "people" else visited).organisation = house
        if named:
            guest.wishes = [Wish(position=0, organisation=house)]
    brought(edited(taken(), setting(sheet, 2, "organisation", "Another House")))
    found = {one.name for one in db.session.query(Organisation)}
    assert ("Paper Boat Press" in found, "Another House" in found) == (named, True)
