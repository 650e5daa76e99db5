"""Two organisers at one specialist: who saves second is asked; and what is said of a specialist is shown."""

from flask.testing import FlaskClient

from tests.webapp.factories import send
from tests.webapp.test_hosts import CLINIC, OFFICE, SPECIALIST, office, values
from webapp.db import db
from webapp.models import Host
from webapp.operations.guests import hosts

__all__ = ["office"]


def test_of_two_who_save_one_specialist_the_second_is_asked(office: FlaskClient) -> None:
    send(office, f"{CLINIC}/new", **SPECIALIST)
    page = f"{CLINIC}/{db.session.query(Host).one().public_id}"
    assert 'name="revision" type="hidden" value="0"' in office.get(page).text
    assert send(office, page, **{**SPECIALIST, "name": "First"}, revision="0").status_code == 303
    late = send(office, page, **{**SPECIALIST, "name": "Second"}, revision="0")
    assert late.status_code == 422
    assert "Somebody else saved this in the meantime" in late.text
    assert 'name="revision" type="hidden" value="1"' in late.text
    assert db.session.query(Host).one().name == "First"
    assert send(office, page, **{**SPECIALIST, "name": "Second"}, revision="1").status_code == 303
    assert db.session.query(Host).one().name == "Second"


def test_without_looking_at_the_revision_the_second_would_win(office: FlaskClient) -> None:
    held = hosts.add_host("clinic", values(), by=OFFICE)
    for name in ("First", "Second"):
        hosts.change_host("clinic", held, values(name=name), seen=db.session.query(Host).one().revision, by=OFFICE)
        db.session.rollback()
    assert db.session.query(Host).one().name == "Second"


def test_what_is_said_of_a_specialist_stands_in_the_list(office: FlaskClient) -> None:
    send(office, f"{CLINIC}/new", **{**SPECIALIST, "note": "Ask me before you sign."})
    assert "Ask me before you sign." in office.get(CLINIC).text
