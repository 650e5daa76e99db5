"""No form is taken that this browser was not given: every POST without its token changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.faults import faulty
from tests.webapp.walker import House
from webapp.access import ROUTES

JUNK = ("", "x", "0" * 64, "é", "IjEyMyI.aaaa.bbbb")


def posts(house: House, within: str = "") -> list[Rule]:
    """Every rule that takes a form."""
    return [rule for rule in house.rules(within) if "POST" in (rule.methods or ())]


def attempts(house: House, rule: Rule, role: str, turn: int | None = None) -> dict[str, bytes]:
    """The form as its page offers it, without a token of this browser; in turn with one of another and one made up."""
    form = house.form_for(rule)
    fields = [(name, value) for name, value in (form.filled() if form else []) if name != "csrf_token"]
    others, junk = [other for other in ROLES if other != role], list(JUNK)
    if turn is not None:
        others, junk = [others[turn % len(others)]], [junk[turn % len(junk)]]
    tokens = {f"the token of {other}": house.token(other) for other in others}
    tokens |= {f"the token {one[:8]!r}": one for one in junk}
    made = {what: urlencode([*fields, ("csrf_token", token)]).encode() for what, token in tokens.items()}
    return {"no token": urlencode(fields).encode(), **made}


def senders(house: House, within: str = "") -> Iterator[tuple[Rule, str, int]]:
    """Every rule that takes a form with each role that may send it, and whose turn it is."""
    for at, rule in enumerate(posts(house, within)):
        for role in (role for role in ROLES if role.replace("another", "participant") in ROUTES[rule.endpoint]):
            yield rule, role, at + ROLES.index(role)


def forged(house: House, within: str = "", *, briefly: bool = False) -> tuple[int, list[str]]:
    """Send every form without a good token, or with some of the bad ones; return how many and what was not refused."""
    wrong: list[str] = []
    sent = 0
    for rule, role, turn in senders(house, within):
        path = house.address(rule)
        with house.unchanged(wrong, f"{path} as {role}"):
            for what, body in attempts(house, rule, role, turn if briefly else None).items():
                answer = house.knock(role, "POST", path, body=body)
                sent += 1
                if answer.status_code != 400:
                    wrong.append(f"{path} as {role} with {what}: {answer.status_code}")
    return sent, wrong


@pytest.mark.parametrize("briefly", [True, pytest.param(False, marks=pytest.mark.long)])
def test_no_form_is_taken_without_its_token(house: House, briefly: bool) -> None:
    sent, wrong = forged(house, briefly=briefly)
    print(f"\n{sent} forged forms to {len(posts(house))} rules, {len(wrong)} taken")
    assert not wrong
    assert sent > (200 if briefly else 2_000)


def test_briefly_every_bad_token_is_tried_at_some_form(house: House) -> None:
    tried = {
        what.partition(" of ")[2] or what
        for rule, role, turn in senders(house)
        for what in attempts(house, rule, role, turn)
    }
    assert tried == {"no token", *ROLES, *(f"the token {junk[:8]!r}" for junk in JUNK)}


def test_the_same_forms_with_their_token_are_taken(house: House) -> None:
    taken = 0
    for rule in posts(house):
        form, role = house.form_for(rule), house.role_for(rule)
        answer = house.send(role, house.address(rule), form.filled() if form else [])
        house.restore()
        assert answer.status_code != 400 or rule.endpoint == "public.language", f"{rule.rule}: {answer.status_code}"
        taken += answer.status_code == 303
    assert taken >= 5


@pytest.mark.parametrize("briefly", [True, False])
def test_a_view_without_the_check_is_noticed(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, briefly: bool
) -> None:
    def exempt(app: Flask) -> None:
        app.extensions["csrf"].exempt(app.view_functions["fault.change"])

    with faulty(populated, tmp_path / "data", monkeypatch, change=exempt) as house:
        sent, wrong = forged(house, "fault.change", briefly=briefly)
        assert sum("changed person" in line for line in wrong) == len(ROLES)
        assert sum(line.endswith(": 200") for line in wrong) == sent


def test_a_token_dies_with_the_sign_in_it_belongs_to(house: House) -> None:
    old = house.token("organiser")
    assert house.send("organiser", "/sign-out", []).status_code == 303
    body = urlencode({"csrf_token": old}).encode()
    assert house.knock("organiser", "POST", "/sign-out", body=body).status_code == 400


def test_over_https_a_form_from_another_site_is_refused(populated: Populated, tmp_path: Path) -> None:
    house = House(populated.open(tmp_path / "data", https=True), populated)
    body = urlencode({"csrf_token": house.token("organiser")}).encode()
    for referer in ("https://evil.example/", "", "https://localhost.evil.example/", "http://localhost/"):
        answer = house.knock("organiser", "POST", "/sign-out", body=body, headers={"Referer": referer})
        assert answer.status_code == 400, referer
    assert house.knock("organiser", "POST", "/sign-out", body=body).status_code == 303
    house.close()
