"""Limits: how much may be sent, which host may be named, and where the site sends people on to."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from flask import Flask

from tests.webapp.canaries import Populated
from tests.webapp.faults import faulty
from tests.webapp.walker import House, text_of

KILOBYTE = 1024
EVIL = "evil.example"
HOSTS = (
    EVIL, f"{EVIL}:80", f"localhost.{EVIL}", f"localhost@{EVIL}", f"{EVIL}#localhost", "a b", "[::1",
    "localhost:99999999", "<script>", "", "\xff", "..", "localhost,evil.example", "LOCALHOST.",
)  # fmt: skip
FORWARDED = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Prefix": f"//{EVIL}",
    "X-Original-URL": f"//{EVIL}/",
    "X-Rewrite-URL": f"http://{EVIL}/",
    "X-Host": EVIL,
    "Forwarded": f"host={EVIL};proto=https",
}
STARTS = (
    "//", "///", "////", "/\\", "\\/", "\\\\", "/\t/", "/\n/", "/\r\n/", "\t//", "\n//", "\r//", " //", "/ /",
    "http://", "https://", "http:", "https:", "HTTP://", "http:/", "http:///", "http:\\\\", "ftp://", "mailto:",
    "//user@", "//localhost@", "http://localhost@", "//localhost:80@", "//localhost\\@", "//[::1]@", "///@",
    "/\\/", "/%09/", "/%2F", "%2F%2F", "/%5c", "/.//", "/..//", "./\\", "\x00//", "/\x00/", "/\x0b/", "/\x85/",
    "\u2028//", "/\uff0f", "\uff0f/", "\u3002//", "//\u202e", "?//", "#//", "//%", "/;@", "//;", "/@", "//.", "",
    "javascript:alert(1)//", "data:text/html,", "vbscript:", "JaVaScRiPt:", " javascript:",
)  # fmt: skip


# --- hosts ---------------------------------------------------------------------------------------------------------


def believed(house: House, within: str = "") -> list[str]:
    """Answers that take a host name from the request that is not ours."""
    wrong = []
    for rule in house.rules(within):
        path, role = house.address(rule), house.role_for(rule)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        for host in HOSTS:
            answer = house.knock(role, method, path, environ={"HTTP_HOST": host})
            if answer.status_code != 400 or EVIL in f"{text_of(answer)} {answer.headers}":
                wrong.append(f"{method} {path} with Host {host!r}: {answer.status_code}")
        answer = house.knock(role, method, path, headers=FORWARDED)
        if EVIL in f"{text_of(answer)} {answer.headers}":
            wrong.append(f"{method} {path} with names of other hosts")
    return wrong


def test_no_other_host_is_believed(house: House) -> None:
    assert not believed(house)


def test_a_page_that_repeats_the_host_is_noticed(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trust_all(app: Flask) -> None:
        app.config["TRUSTED_HOSTS"] = None

    with faulty(populated, tmp_path / "data", monkeypatch, change=trust_all) as house:
        found = believed(house, "fault.host")
        assert f"GET /fault/host with Host {EVIL!r}: 200" in found
        assert "GET /fault/host with names of other hosts" in found


def test_without_a_proxy_nobody_is_believed_about_https(house: House) -> None:
    answer = house.knock("anonymous", "GET", "/", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers


# --- ways out ------------------------------------------------------------------------------------------------------


def led_away(house: House, path: str) -> tuple[int, list[str]]:
    """Ask to be sent on to other sites; return how many asked and which succeeded."""
    wanted = [start + EVIL + end for start in STARTS for end in ("", "/", "/%2e%2e", f"?{EVIL}")]
    away = []
    for back in wanted:
        try:
            answer = house.send("participant", path, [("lang", "en"), ("back", back)])
        except UnicodeError:
            away.append(back)
            continue
        location = answer.headers.get("Location", "")
        # as browsers read it: backslashes are slashes, tabs and line ends are not there
        read = location.strip().replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "")
        to = urlsplit(urljoin(f"http://{house.host}/me", read))
        if answer.status_code >= 500 or (to.scheme, to.netloc) != ("http", house.host):
            away.append(back)
    return len(wanted), away


def test_the_choice_of_a_language_leads_nowhere_else(house: House) -> None:
    asked, away = led_away(house, "/language")
    print(f"\n{asked} ways out tried")
    assert asked >= 240
    assert not away


def test_it_leads_back_to_where_one_was(house: House) -> None:
    for path in ("/", "/me", "/me/profile", "/in/abc"):
        answer = house.send("participant", "/language", [("lang", "fr"), ("back", path)])
        assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_an_open_way_out_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        _, away = led_away(house, "/fault/onward")
        assert {f"//{EVIL}", f"http://{EVIL}", f"javascript:alert(1)//{EVIL}"} <= set(away)


# --- how much ------------------------------------------------------------------------------------------------------


def parts(count: int, size: int = 1) -> bytes:
    """A form of that many parts."""
    return b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n%s\r\n" % (b"1" * size) * count + b"--x--\r\n"


MULTIPART = "multipart/form-data; boundary=x"
TOO_MUCH: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a long form": ("application/x-www-form-urlencoded", lambda: b"a=" + b"1" * (256 * KILOBYTE)),
    "a megabyte": ("application/x-www-form-urlencoded", lambda: b"a=" + b"1" * (1024 * KILOBYTE)),
    "too many parts": (MULTIPART, lambda: parts(500)),
    "ten thousand parts": (MULTIPART, lambda: parts(10_000)),
    "a large part": (MULTIPART, lambda: parts(1, 100 * KILOBYTE)),
    "any other large body": ("text/plain", lambda: b"1" * (300 * KILOBYTE)),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_is_refused_everywhere(house: House, what: str) -> None:
    kind, body = TOO_MUCH[what][0], TOO_MUCH[what][1]()
    complaints: list[str] = []
    for rule in (rule for rule in house.rules() if "POST" in (rule.methods or ())):
        for role in {house.role_for(rule), "anonymous"}:
            with house.unchanged(complaints, rule.rule):
                answer = house.knock(role, "POST", house.address(rule), body=body, kind=kind)
                refused = {413} if role == house.role_for(rule) else {413, 401}
                if what == "any other large body":
                    # nobody reads it: without a token it is refused before
                    refused |= {400}
                assert answer.status_code in refused, f"{rule.rule} as {role}"
    assert not complaints


def test_as_much_as_a_form_needs_is_taken(house: House) -> None:
    long = [("lang", "en"), ("back", "/"), *((f"a{n}", "1") for n in range(300))]
    assert house.send("participant", "/language", long).status_code == 303
    token = house.token("participant").encode()
    body = b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n%s\r\n' % token
    body += b'--x\r\nContent-Disposition: form-data; name="lang"\r\n\r\nen\r\n' + parts(300)
    assert house.knock("participant", "POST", "/language", body=body, kind=MULTIPART).status_code == 303


def test_without_limits_it_would_be_taken(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_limits(app: Flask) -> None:
        app.config.update(MAX_CONTENT_LENGTH=None, MAX_FORM_PARTS=None, MAX_FORM_MEMORY_SIZE=None)

    with faulty(populated, tmp_path / "data", monkeypatch, change=no_limits) as house:
        for kind, body in TOO_MUCH.values():
            assert house.knock("organiser", "POST", "/sign-out", body=body(), kind=kind).status_code == 400


def test_a_body_that_says_less_than_it_sends_is_cut(house: House) -> None:
    body = urlencode([("csrf_token", house.token("organiser")), ("a", "1" * 300 * KILOBYTE)]).encode()
    answer = house.knock("organiser", "POST", "/sign-out", body=body, environ={"CONTENT_LENGTH": "20"})
    assert answer.status_code == 400
    assert house.get("organiser", "/office").status_code == 200
