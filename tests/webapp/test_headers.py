"""Every answer, good or bad, carries the same protecting headers; cookies hold an id and nothing else."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, redirect
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.faults import faulty
from tests.webapp.walker import House

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; media-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FILE_CSP = "sandbox; default-src 'none'; style-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
EXPECTED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, noarchive",
    "Cache-Control": "no-store",
}
POWERS = ("camera", "geolocation", "microphone", "payment", "usb", "display-capture", "serial", "hid")
UNKNOWN = ("ambient-light-sensor", "battery", "bluetooth", "web-share")  # browsers complain of these on every page
STATUSES = (200, 303, 400, 401, 403, 404, 405, 409, 413, 422, 429, 500)
FULL_NAME = re.compile(r"/static/.+\.[0-9a-f]{12}\.\w+")
SILENT = {"Server", "X-Powered-By", "Access-Control-Allow-Origin"}


def lacking(answer: TestResponse, *, https: bool = False) -> list[str]:
    """What an answer's headers lack or say too much."""
    held = answer.headers
    due = EXPECTED
    if answer.request.path == "/me/day.html" and "Content-Disposition" in held:
        # a file with a style of its own: less than a page may, and nothing else inline
        style = re.findall(r"'sha256-[\w+/]{43}='", held.get("Content-Security-Policy", ""))
        due = {**EXPECTED, "Content-Security-Policy": FILE_CSP.format(*style or [CSP])}
    wrong = [f"{name}: {held.getlist(name)}" for name, value in due.items() if held.getlist(name) != [value]]
    powers = held.get("Permissions-Policy", "")
    given = {"camera"} if answer.request.path.startswith("/tick/") and answer.status_code in {200, 422} else set()
    wrong += [
        f"{power} is not refused" for power in POWERS if (f"{power}=()" in powers.split(", ")) == (power in given)
    ]
    wrong += [f"{power} is given" for power in given if f"{power}=(self)" not in powers.split(", ")]
    wrong += [f"{power} is not a known power" for power in UNKNOWN if f"{power}=" in powers]
    wrong += [f"{name} is sent" for name in SILENT if name in held]
    if (held.get("Strict-Transport-Security") == "max-age=31536000") != https:
        wrong.append("Strict-Transport-Security")
    return wrong


def answering(status: int) -> Callable[..., Any]:
    """A view that ends with this status, as views do: by an answer, a redirect, an abort or a failure."""

    def view(**_values: object) -> Any:
        if status == 500:
            raise RuntimeError("zqxname-amber")
        if status == 303:
            return redirect("/", 303)
        return "fine" if status == 200 else abort(status)

    return view


@pytest.fixture
def views(house: House) -> Any:
    """Lets a test put other views in the place of all, and puts them back."""
    before = dict(house.app.view_functions)
    yield house.app.view_functions
    house.app.view_functions.update(before)


@pytest.mark.parametrize("status", STATUSES)
def test_every_rule_with_this_status(house: House, views: dict[str, Any], status: int) -> None:
    places = [(rule, house.address(rule), house.role_for(rule)) for rule in house.rules()]
    tokens = {role: house.token(role) for role in ROLES}
    for name in views:
        views[name] = answering(status)
    for rule, path, role in places:
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = house.knock(role, method, path, headers={"X-CSRFToken": tokens[role]})
            assert answer.status_code == status, f"{method} {path}"
            assert not lacking(answer), f"{method} {path}"
            assert "zqx" not in answer.text


KNOCKS: tuple[dict[str, Any], ...] = (
    *({"method": method} for method in ("GET", "HEAD", "POST", "PATCH", "OPTIONS")),
    {"method": "GET", "query": "note=%00"},
    {"method": "POST", "body": b"a=" + b"x" * 300_000},
)


@pytest.mark.parametrize("briefly", [True, pytest.param(False, marks=pytest.mark.long)])
def test_every_rule_with_the_statuses_it_gives_by_itself(house: House, briefly: bool) -> None:
    seen = set()
    for at, path in enumerate(house.addresses()):
        for turn, knock in enumerate(KNOCKS):
            # everybody looks; briefly one asks in each other way, and the next at the next address
            alone = briefly and knock != KNOCKS[0]
            for role in (ROLES[(at + turn) % len(ROLES)],) if alone else ROLES:
                answer = house.knock(role, path=path, **knock)
                assert not lacking(answer), f"{answer.request.method} {path} as {role}: {answer.status}"
                seen.add(answer.status_code)
    assert seen >= {200, 303, 400, 401, 404, 405, 413}


def test_walking_meets_no_answer_without_them(house: House) -> None:
    for role in ROLES:
        for address, answer in house.pages(role).items():
            kept = answer.headers["Cache-Control"]
            if FULL_NAME.match(address):
                assert kept == "public, max-age=31536000, immutable"
                answer.headers["Cache-Control"] = "no-store"
            assert not lacking(answer), f"{address} as {role}"
            answer.headers["Cache-Control"] = kept


def test_a_missing_header_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(app: Flask) -> None:
        @app.after_request
        def _fewer(response: Any) -> Any:
            response.headers["Server"] = "Rondo/1"
            return response

        app.after_request_funcs[None].insert(0, _drop)

    def _drop(response: Any) -> Any:
        del response.headers["X-Content-Type-Options"]
        response.headers["Content-Security-Policy"] = CSP.replace("script-src 'self'", "script-src 'unsafe-inline'")
        return response

    with faulty(populated, tmp_path / "data", monkeypatch, change=spoil) as house:
        found = lacking(house.get("anonymous", "/fault/bare"))
        assert [line.partition(":")[0] for line in found] == [
            "Content-Security-Policy", "X-Content-Type-Options", "Server is sent",
        ]  # fmt: skip


def test_the_policy_lets_nothing_inline_or_foreign_in(house: House) -> None:
    policy = house.get("anonymous", "/").headers["Content-Security-Policy"]
    sources = {source for part in policy.split("; ") for source in part.split()[1:]}
    assert sources == {"'none'", "'self'"}


# --- cookies -------------------------------------------------------------------------------------------------------


def given(answer: TestResponse) -> dict[str, set[str]]:
    """The cookies an answer sets, with their flags; times left out."""
    cookies = {}
    for line in answer.headers.getlist("Set-Cookie"):
        first, *flags = [part.strip() for part in line.split(";")]
        cookies[first.partition("=")[0]] = {flag for flag in flags if not flag.startswith(("Expires", "Max-Age"))}
    return cookies


def sign_ins(house: House) -> list[TestResponse]:
    """Answers that set a cookie: the first look, signing in, signing out, the choice of a language."""
    house.browsers["anonymous"].delete_cookie(house.cookie_name)
    first = house.get("anonymous", "/")
    entered = house.send("anonymous", f"/in/{house.populated.link}", [])
    return [first, entered, house.send("organiser", "/sign-out", [])]


def test_cookies_over_plain_http(house: House) -> None:
    for answer in sign_ins(house):
        assert given(answer) == {"rondo": {"HttpOnly", "Path=/", "SameSite=Lax"}}
    chosen = house.send("participant", "/language", [("lang", "fr"), ("back", "/")])
    assert given(chosen) == {"lang": {"HttpOnly", "Path=/", "SameSite=Lax"}}


@pytest.mark.parametrize("briefly", [True, pytest.param(False, marks=pytest.mark.long)])
def test_cookies_and_headers_over_https(house: House, populated: Populated, tmp_path: Path, briefly: bool) -> None:
    addresses = house.addresses()
    house = House(populated.open(tmp_path / "data", https=True), populated)
    for answer in sign_ins(house):
        assert given(answer) == {"__Host-rondo": {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}}
        assert not lacking(answer, https=True)
    chosen = house.send("participant", "/language", [("lang", "fr"), ("back", "/")])
    assert given(chosen) == {"lang": {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}}
    for at, address in enumerate(addresses):
        for role in (ROLES[at % len(ROLES)],) if briefly else ROLES:
            assert not lacking(house.knock(role, "GET", address), https=True)
    house.close()


def test_the_cookie_holds_an_id_and_nothing_else(house: House) -> None:
    for role in ("participant", "organiser"):
        cookie = house.populated.cookies[role]
        raw = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        assert len(raw) == 32
        assert not any(part.isalnum() and len(part) > 12 for part in raw.split(b"."))
        assert b"zqx" not in raw
        assert role.encode() not in raw
