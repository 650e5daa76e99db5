"""Values and requests that no well-meaning browser sends."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from werkzeug.routing import Rule

from tests.webapp.pages import Form
from tests.webapp.walker import House

MEGABYTE = 1_000_000
ENCTYPE = "application/x-www-form-urlencoded"

NUMBERS = (
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "-1", "0", "1",
    "9" * 400, "9" * 5000, "1e308", "NaN", "-inf", "0x10", "1.5", "1_000", "٣", "²", "①", "+5", " 5 ",
)  # fmt: skip
CHARACTERS = (
    "\x00", "a\x00b", "\x01", "\x1b[2J", "\x7f", "\x85", "\t", "\n", "\r\nX-Injected: yes", "\u2028", "\u202e",
    "a\u202eb", "\u2066a\u2069", "\u200b\u200b", "\u200d", "\ufeff", "\ufffe", "\uffff", "\U0010ffff", "\ue000",
    "e" + "\u0301" * 1000, "ﷺ" * 40, "👩‍👩‍👧‍👦", "ß", "İ", "ſ", "Ａ", "؛", "\ufdfa" * 500,
)  # fmt: skip
TRICKS = (
    "", " ", "%", "%%", "%s%n", "%25", "%00", "..", ".", "../../etc/passwd", "..\\..\\", "/etc/passwd", "//a.example",
    "\\", "'", "' OR 1=1--", "';DROP TABLE person;--", '"', "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "{%",
    "[]", "{}", "null", "true", "None", "new", "=1+1", "@SUM(1)", "(a+)+$", "a" * 50 + "!", "x@y", "2013-02-30",
    "0000-00-00", "9999-12-31", "10000-01-01", "2013-06-19T25:61", "99:99", "14:00", "A-A", "1A-9999Z", "1-999999",
    "Asia/../../etc/passwd", "Mars/Olympus", "en", "xx", "en-" + "x" * 300, "KH", "\N{FULLWIDTH EQUALS SIGN}1",
    "a" * 300, "a" * 5000, "a," * 2000, "\n" * 3000, "[" * 5000, "é" * 2000,
)  # fmt: skip
RAW = (
    "%ED%A0%80", "%ED%BF%BF", "a%ED%A0%80b", "%FF%FE", "%80", "%C0%AF", "%C0%80", "%F8%88%80%80%80", "%F4%90%80%80",
    "%EF%BB%BF", "%zz", "%u0000", "%", "%2", "%2500", "%2e%2e%2f%2e%2e%2f", "%5c", "%0d%0aX-Injected:%20yes",
    "+", "%2B", "%26a%3Db", ";", "%E2%80%AE",
)  # fmt: skip
# the worst: numbers too long for a float, beyond the database's, NUL, half a surrogate pair, a mark that turns text
EVERYWHERE = frozenset(("9" * 400, "9223372036854775808", "%00", "%ED%A0%80", "a%E2%80%AEb"))
WORST = 1
VALUES = tuple(quote(value, safe="") for value in NUMBERS + CHARACTERS + TRICKS) + RAW
LARGE = ("a" * 250_000, "%F0%9F%98%80" * 20_000, "-" * 250_000, "%0A" * 80_000)

COOKIES = (
    "", "x", "\x00", "é" * 10, "a" * 64, "a" * 65, "a" * 9000, '"\\355\\240\\200"', "\xed\xa0\x80", "a\u00ff", "..",
    "%00", "a b", "a,b", '"', "=", "true", "AAAA=" * 10,
)  # fmt: skip
LANGUAGES = (
    "", "*", "xx", "en;q=nan", "en;q=inf", "en;q=-1", "en;q=1e999", ",;,;", "zz-ZZ", "en-" + "x" * 5000, "ar,fr;q=",
    "\xff", "en," * 3000, "zh-Hans-CN-u-ca-chinese", "i-klingon", "en_US.UTF-8@x", "../../en", "sr-Latn", "und",
)  # fmt: skip
HEADERS = {
    "Content-Type": ("\xff/\xff", "a" * 5000, "a/b; charset=utf-99", "multipart/form-data", ";;;=", "text/x+json"),
    "Content-Length": ("-1", "abc", "99999999999999999999", "", "1e3"),
    "Range": ("bytes=5-2", "bytes=-", "bytes=0-0,1-1," * 200, "bytes=99999999999999999999-"),
    "If-None-Match": ("*", '"', "W/" * 2000, "\xff"),
    "If-Modified-Since": ("junk", "Thu, 32 Foo 99999 99:99:99 GMT", "0"),
    "Referer": ("http://[junk", "javascript:1", "\xff", "a" * 9000),
    "Accept": ("*/*;q=nan", "\xff", "a/b," * 2000),
    "Authorization": ("Basic", "Basic !!!", "Basic //////8=", "Digest " + "a" * 3000, "Bearer \xff"),
    "X-Forwarded-For": ("' OR 1", "::1, ,", "a" * 5000),
    "X-Forwarded-Proto": ("javascript", "https, http"),
    "X-HTTP-Method-Override": ("DELETE",),
    "HX-Request": ("true", "\xff"),
}  # fmt: skip


@dataclass(frozen=True)
class Nasty:
    """One request, and where in it the nasty thing stands."""

    rule: str
    place: str
    role: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    kind: str = ENCTYPE
    headers: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    always: bool = False

    def send(self, house: House) -> int:
        """Send it; return the status."""
        answer = house.knock(
            self.role, self.method, self.path, query=self.query, body=self.body, kind=self.kind,
            headers=self.headers, environ=self.environ,
        )  # fmt: skip
        assert "X-Injected" not in answer.headers
        to = urlsplit(urljoin(f"http://{house.host}/", answer.headers.get("Location", "")))
        assert (to.scheme, to.netloc) == ("http", house.host), f"leads to {answer.headers['Location']}"
        return answer.status_code


def bodies(token: str) -> Iterator[tuple[str, bytes]]:
    """Whole bodies that are no form, or not the one that was offered: content type and bytes."""
    deep = "[" * 100_000
    for text in (
        "{}",
        "[]",
        '"\\ud800"',
        "null",
        "NaN",
        "1e999",
        "{",
        deep,
        '{"a":' * 20_000,
        json.dumps({"code": {}}),
    ):
        yield "application/json", text.encode()
        yield ENCTYPE, text.encode()
    yield "application/json; charset=utf-16", "{}".encode("utf-16")
    yield "application/xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    yield "text/plain", b"csrf_token=" + token.encode()
    yield ENCTYPE, b"\xff\xfe\x00" * 100
    yield ENCTYPE, b"&".join(b"%d=%d" % (n, n) for n in range(10_000))
    yield ENCTYPE, b"csrf_token=" + token.encode() + b"&csrf_token=x" * 1000
    yield "multipart/form-data", b"no boundary"
    for boundary in ("x", "\xff", "x" * 3000, '"'):
        yield f"multipart/form-data; boundary={boundary}", b"--x\r\nContent-Disposition: form-data; name=code\r\n\r\n1"
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    for name, more, value in (
        (b"code", b"; filename=\"../../a\x00b\"", b"1"), (b"\xff", b"", b"\xff"), (b"", b"", b""),
        (b"code", b"; filename*=utf-99''%ff", b"1"), (b"code", b"\r\nContent-Type: text/plain; charset=utf-7", b"+A"),
        (b"csrf_token", b'; filename="token"', token.encode()), (b"a" * 9000, b"", b"1"),
    ):  # fmt: skip
        yield "multipart/form-data; boundary=x", part % (name, more, value) + b"--x--\r\n"
    yield "multipart/form-data; boundary=x", part % (b"a", b"", b"1") * 10_000 + b"--x--\r\n"


def requests(house: House) -> Iterator[Nasty]:
    """Every rule × every place in a request × every value for that place."""
    for rule in house.rules():
        methods = sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        yield from _in_path(house, rule, methods)
        yield from _in_headers(house, rule, methods)
        if "GET" in methods:
            yield from _in_query(house, rule)
        if "POST" in methods:
            yield from _in_form(house, rule)
            yield from _in_body(house, rule)


def _in_path(house: House, rule: Rule, methods: list[str]) -> Iterator[Nasty]:
    role = house.role_for(rule)
    body = f"csrf_token={house.token(role)}".encode()
    for value in (*VALUES, *LARGE[:1]) if rule.arguments else ():
        for path in house.variants(rule, value):
            for method in methods:
                sent, always = body if method == "POST" else b"", value in EVERYWHERE
                yield Nasty(rule.rule, "path", role, method, path, body=sent, always=always)


def _in_query(house: House, rule: Rule) -> Iterator[Nasty]:
    role, path = house.role_for(rule), house.address(rule)
    for name in sorted({"note", *house.names_asked(rule)}):
        for value in (*VALUES, *LARGE):
            always = value in EVERYWHERE and name != "note"
            yield Nasty(rule.rule, f"query {name}", role, "GET", path, query=f"{name}={value}", always=always)
        for query in (f"{name}=1&{name}=2", name, f"{name}[]=1", f"{name}[a]=1", f"={name}", f"{name}=1;{name}=2"):
            yield Nasty(rule.rule, f"query {name}", role, "GET", path, query=query)
    for query in ("&" * 5000, "&".join(f"a{n}=1" for n in range(10_000)), *VALUES):
        yield Nasty(rule.rule, "query", role, "GET", path, query=query)
    yield Nasty(rule.rule, "query", role, "GET", path, query="note=" + "a" * MEGABYTE)


def _in_form(house: House, rule: Rule) -> Iterator[Nasty]:
    role, path = house.role_for(rule), house.address(rule)
    form = house.form_for(rule) or Form(path, "POST")
    pairs = [("csrf_token", house.token(role)), *(pair for pair in form.filled() if pair[0] != "csrf_token")]
    for name in sorted({one.name for one in form.fields if one.name}):
        others = "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs if n != name)
        for value in (*VALUES, *LARGE):
            body, always = f"{others}&{name}={value}".encode(), value in EVERYWHERE
            yield Nasty(rule.rule, f"field {name}", role, "POST", path, body=body, always=always)
        for more in (
            f"{name}=1&{name}=2",
            name,
            f"{name}[]=1",
            f"{name}-0=1&{name}-99999=2",
            f"{name}=1" + f"&{name}=x" * 3000,
        ):
            yield Nasty(rule.rule, f"field {name}", role, "POST", path, body=f"{others}&{more}".encode())


def _in_body(house: House, rule: Rule) -> Iterator[Nasty]:
    path = house.address(rule)
    yield Nasty(rule.rule, "body", house.role_for(rule), "POST", path, body=b"a=" + b"a" * MEGABYTE, always=True)
    for role in sorted({house.role_for(rule), "anonymous"}):
        token = house.token(role)
        for kind, body in bodies(token):
            for headers in ({}, {"X-CSRFToken": token}):
                yield Nasty(rule.rule, "body", role, "POST", path, body=body, kind=kind, headers=headers)


def _in_headers(house: House, rule: Rule, methods: list[str]) -> Iterator[Nasty]:
    role, path = house.role_for(rule), house.address(rule)
    held = house.populated.cookies.get(role, "x")
    for method in ("OPTIONS", "TRACE", "PROPFIND", "CONNECT", "\xff", "a b", ""):
        yield Nasty(rule.rule, "method", role, method, path, body=b"a=1")
    for method in (*methods, "HEAD"):
        cookies = [f"{house.cookie_name}={value}" for value in COOKIES]
        cookies += [f"{house.cookie_name}={held}; lang={value}" for value in (*COOKIES, *LANGUAGES)]
        for cookie in (*cookies, ";" * 5000, "=;=;=", f"{house.cookie_name}={held}; " * 200):
            yield Nasty(rule.rule, f"cookie {method}", role, method, path, environ={"HTTP_COOKIE": cookie})
        for value in LANGUAGES:
            yield Nasty(rule.rule, f"header {method}", role, method, path, environ={"HTTP_ACCEPT_LANGUAGE": value})
        for name, values in HEADERS.items():
            key = name.upper().replace("-", "_")
            key = key if name in {"Content-Type", "Content-Length"} else f"HTTP_{key}"
            for value in values:
                yield Nasty(rule.rule, f"header {method}", role, method, path, environ={key: value})


def sample(everything: list[Nasty], size: int, seed: int) -> list[Nasty]:
    """For each rule, place and method one of the worst and one other, and as many more by lot, in an order by lot."""
    lot = random.Random(seed)
    groups: dict[tuple[str, str, str], list[Nasty]] = defaultdict(list)
    for one in everything:
        groups[one.rule, one.place, one.method].append(one)
    chosen = []
    for group in groups.values():
        worst = [one for one in group if one.always]
        chosen += lot.sample(worst, min(WORST, len(worst)))
        chosen.append(lot.choice([one for one in group if not one.always]))
    kept = set(map(id, chosen))
    rest = [one for one in everything if id(one) not in kept]
    chosen += lot.sample(rest, max(0, min(size - len(chosen), len(rest))))
    lot.shuffle(chosen)
    return chosen
