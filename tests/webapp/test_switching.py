"""Another language while a form is being filled in: what was typed stays, and nothing is stored."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, token_of
from tests.webapp.pages import Field, Form, Page
from tests.webapp.walker import House
from webapp.access import ROUTES
from webapp.i18n import LANGUAGE_COOKIE
from webapp.models import Person
from webapp.views.switching import FIELD

OWN_FORMS = {"/language", "/sign-out"}
TYPED = {"text", "search", "tel", "number", "date", "time", "email", "textarea", "select", "checkbox", "radio"}
TAKES_NOTHING_TYPED = {"/office/import", "/office/ways-in/slips", "/office/ways-in/links"}
"""Pages with a file or a few boxes to tick, on which another language begins anew."""
NEVER_SHOWN = {"password"}
OPENS = re.compile(r'<form[^>]*\bid="([^"]+)"')
SENDS = re.compile(rf'<button name="{FIELD}" value="fr"[^>]*\bform="([^"]+)"')


def forms_to_fill(page: str) -> list[Form]:
    """The forms of a page that somebody types into or ticks, and that are sent."""
    return [
        form
        for form in Page(page).forms
        if form.method == "POST" and form.action not in OWN_FORMS and any(one.kind in TYPED for one in form.fields)
    ]


def filled_in(form: Form) -> list[tuple[str, str]]:
    """The form with something typed into each field, and every choice made anew."""
    radios = {field.name: field for field in form.fields if field.kind == "radio" and not field.sent}
    others = [(at, field) for at, field in enumerate(form.fields) if field.name and field.kind != "radio"]
    typed = [pair for at, field in others for pair in _answer(field, at)]
    return [*typed, *((name, field.value) for name, field in radios.items())]


def _answer(field: Field, at: int) -> Iterator[tuple[str, str]]:
    if field.kind == "checkbox":
        if not field.sent:
            yield field.name, field.value
    elif field.kind == "select":
        yield field.name, field.choices[-1]
    elif field.kind in {"date", "time"}:
        yield field.name, {"date": "2013-06-18", "time": "13:05"}[field.kind]
    elif field.kind in TYPED:
        yield field.name, f"typed <{at}> كلمة"
    elif field.kind == "hidden" and field.name != "csrf_token":
        yield field.name, field.value


def keeps(page: str) -> bool:
    """Whether a choice of language sends the page's one form along."""
    sent = SENDS.search(page)
    return sent is not None and sent[1] in OPENS.findall(page)


def pages_with_forms(house: House) -> dict[tuple[str, str], str]:
    """The pages without a name in their address on which a guest, an organiser or anybody at a door fills in a form."""
    found = {}
    for role in ("anonymous", "participant", "organiser"):
        for rule in house.rules():
            open_to = role in ROUTES.get(rule.endpoint, ()) or role == "anonymous"
            if (
                "GET" in (rule.methods or ())
                and not rule.arguments
                and open_to
                and rule.rule not in TAKES_NOTHING_TYPED
            ):
                answer = house.get(role, rule.rule)
                if answer.status_code == 200 and answer.mimetype == "text/html" and forms_to_fill(answer.text):
                    found[role, rule.rule] = answer.text
    return found


def test_every_form_keeps_what_was_typed(house: House) -> None:
    pages, complaints = pages_with_forms(house), []
    assert {("anonymous", "/"), ("anonymous", "/staff"), ("anonymous", "/helper")} <= pages.keys()
    assert any(role == "participant" for role, _path in pages)
    for (role, path), page in pages.items():
        (form,) = forms_to_fill(page)
        assert keeps(page), path
        typed = filled_in(form)
        with house.unchanged(complaints, path):
            answer = house.send(role, path, [*typed, (FIELD, "fr")])
        assert answer.status_code == 200, path
        assert f"{LANGUAGE_COOKIE}=fr" in answer.headers["Set-Cookie"]
        assert '<html lang="fr"' in answer.text
        assert "error" not in answer.text
        (shown,) = forms_to_fill(answer.text)
        hidden = {field.name for field in form.fields if field.kind in NEVER_SHOWN}
        # browsers drop the line break that stands first in a text of several lines
        kept = [(n, v.removeprefix("\r\n")) for n, v in shown.filled() if n not in {"csrf_token", "then", *hidden}]
        assert sorted(kept) == sorted(pair for pair in typed if pair[0] not in hidden), path
        house.restore()
    assert complaints == []


def test_a_page_that_would_lose_it_is_noticed() -> None:
    form = '<form method="post" id="a"><input name="x"></form>'
    assert forms_to_fill(form)
    assert not keeps(form)
    assert not keeps(form + f'<button name="{FIELD}" value="fr" form="b">')
    assert keeps(form + f'<button name="{FIELD}" value="fr" form="a">')


def test_a_switch_needs_the_token_and_a_page_of_ones_own(app: Flask, visitor: Visitor) -> None:
    me = make.person()
    make.store(make.event(), me)
    guest = visitor.participant(me)
    assert guest.post("/me/profile", data={FIELD: "fr", "name": "Somebody"}).status_code == 400
    token = token_of(guest, "/me/profile")
    for path, code in (("/sign-out", 404), ("/office/event", 404), ("/me/profile", 200)):
        answer = guest.post(path, data={FIELD: "fr", "name": "Somebody", "csrf_token": token})
        assert answer.status_code == code, path
    assert guest.post("/me/profile", data={FIELD: "xx", "csrf_token": token}).status_code == 400
    assert Person.query.one().name != "Somebody"


@pytest.mark.parametrize("path", ["/", "/staff", "/helper"])
def test_enter_means_the_form_and_no_language(app: Flask, path: str) -> None:
    page = app.test_client().get(path).text
    form = SENDS.search(page)
    assert form
    first = re.search(rf'<button[^>]*\bform="{form[1]}"[^>]*>', page)
    assert first
    assert "name=" not in first[0]
    assert "formaction" not in first[0]
