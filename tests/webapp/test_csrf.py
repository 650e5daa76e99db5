"""No form is taken that this browser was not given: every POST without its token changes nothing."""

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


def attempts(house: House, rule: Rule, role: str) -> dict[str, bytes]:
    """The form as its page offers it, without a token of this browser."""
    form = house.form_for(rule)
    fields = [(name, value) for name, value in (form.filled() if form else []) if name != "csrf_token"]
    others = {other: house.token(other) for other in ROLES if other != role}
    tokens = {f"the token of {other}": token for other, token in others.items()}
    tokens |= {f"the token {junk[:8]!r}": junk for junk in JUNK}
    made = {what: urlencode([*fields, ("csrf_token", token)]).encode() for what, token in tokens.items()}
    return {"no token": urlencode(fields).encode(), **made}


def forged(house: House, within: str = "") -> tuple[int, list[str]]:
    """Send every form without a good token; return how many were sent and what was not refused."""
    wrong: list[str] = []
    sent = 0
    for rule in posts(house, within):
        path = house.address(rule)
        for role in (role for role in ROLES if role.replace("another", "participant") in ROUTES[rule.endpoint]):
            with house.unchanged(wrong, f"{path} as {role}"):
                for what, body in attempts(house, rule, role).items():
                    answer = house.knock(role, "POST", path, body=body)
                    sent += 1
                    if answer.status_code != 400:
                        wrong.append(f"{path} as {role} with {what}: {answer.status_code}")
    return sent, wrong


def test_no_form_is_taken_without_its_token(house: House) -> None:
    sent, wrong = forged(house)
    print(f"\n{sent} forged forms to {len(posts(house))} rules, {len(wrong)} taken")
    assert not wrong
    assert sent > 200


def test_the_same_forms_with_their_token_are_taken(house: House) -> None:
    taken = 0
    for rule in posts(house):
        form, role = house.form_for(rule), house.role_for(rule)
        answer = house.send(role, house.address(rule), form.filled() if form else [])
        house.restore()
        assert answer.status_code != 400 or rule.endpoint == "public.language", f"{rule.rule}: {answer.status_code}"
        taken += answer.status_code == 303
    assert taken >= 5


def test_a_view_without_the_check_is_noticed(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exempt(app: Flask) -> None:
        app.extensions["csrf"].exempt(app.view_functions["fault.change"])

    with faulty(populated, tmp_path / "data", monkeypatch, change=exempt) as house:
        sent, wrong = forged(house, "fault.change")
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
