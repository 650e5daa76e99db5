"""Styles, scripts and pictures: small on the way, kept for good, and every page light enough for bad wifi."""

import gzip
import re
from operator import attrgetter

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.canaries import ROLES
from tests.webapp.walker import House
from webapp.views.statics import KEEP_FOR_A_YEAR, Piece, pieces

LOADED = re.compile(r'(?:<link rel="(?:stylesheet|icon)"[^>]*href|<(?:script|img|source)[^>]*src)="([^"]+)"')
MOST_BYTES, MOST_REQUESTS = 50_000, 5
PACKED = {"Accept-Encoding": "gzip"}
KEYS = re.compile(r'(?:name="(?:key|csrf_token)" |id="key" )[^>]*')


@pytest.fixture(params=sorted(pieces(), key=attrgetter("name")), ids=attrgetter("name"))
def piece(request: pytest.FixtureRequest) -> Piece:
    """Each static file once."""
    held: Piece = request.param
    return held


def test_a_file_is_the_same_packed_and_plain(client: FlaskClient, piece: Piece) -> None:
    address = f"/static/{piece.public_name}"
    plain, packed = client.get(address), client.get(address, headers=PACKED)
    assert plain.data == piece.body
    assert "Content-Encoding" not in plain.headers
    sent = gzip.decompress(packed.data) if packed.content_encoding == "gzip" else packed.data
    assert sent == piece.body
    assert len(packed.data) <= len(plain.data)
    for answer in (plain, packed):
        assert answer.headers["Cache-Control"] == KEEP_FOR_A_YEAR
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.mimetype == piece.kind != "application/octet-stream" or piece.name.endswith("LICENSE")
    again = client.get(address, headers={**PACKED, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_only_a_file_s_own_full_name_is_kept_for_good(client: FlaskClient, piece: Piece) -> None:
    other = Piece(piece.name, piece.body + b" ")
    assert other.public_name != piece.public_name
    assert client.get(f"/static/{other.public_name}").status_code == 404
    assert client.get(f"/static/{piece.name}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", "style.css/", ""])
def test_nothing_else_is_a_file(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code in {308, 404}


def test_a_long_page_is_packed_where_it_says_nothing_back(house: House) -> None:
    for address in ("/me/profile", "/me/profile/meeting"):
        plain, packed = (house.knock("participant", "GET", address, headers=held) for held in ({}, PACKED))
        assert packed.content_encoding == "gzip"
        assert len(packed.data) * 3 < len(plain.data)
        assert KEYS.sub("", gzip.decompress(packed.data).decode()) == KEYS.sub("", plain.text)
        assert plain.headers["Vary"] == packed.headers["Vary"]
    for role, address in (("organiser", "/office/people?q=x"), ("anonymous", "/"), ("participant", "/me")):
        assert house.knock(role, "GET", address, headers=PACKED).content_encoding is None


def weight(house: House, role: str, answer: TestResponse) -> tuple[int, int]:
    """The bytes and the requests of a first view of a page."""
    packed = answer.content_encoding == "gzip"
    loaded = set(LOADED.findall((gzip.decompress(answer.data) if packed else answer.data).decode()))
    parts = [house.knock(role, "GET", address, headers=PACKED) for address in loaded]
    assert all(part.status_code == 200 for at, part in zip(loaded, parts, strict=True) if at.startswith("/static/"))
    return len(answer.data) + sum(len(part.data) for part in parts), 1 + len(parts)


def test_every_page_is_light(house: House) -> None:
    seen = 0
    for role in ROLES:
        for address, answer in house.pages(role).items():
            if answer.mimetype == "text/html":
                if len(answer.data) > MOST_BYTES // 2:
                    answer = house.knock(role, "GET", answer.request.path, headers=PACKED)
                size, requests = weight(house, role, answer)
                assert size <= MOST_BYTES, f"{address} as {role}"
                assert requests <= MOST_REQUESTS, f"{address} as {role}"
                seen += 1
    assert seen > 60


WAITED_FOR = re.compile(r'<link rel="stylesheet"[^>]*href="([^"]+)"|<script(?![^>]* (?:defer|async))[^>]*src="([^"]+)"')
ROUND_TRIP, BYTES_A_SECOND, FIRST_FLIGHT, MOST_SECONDS = 0.8, 280_000 / 8, 14_600, 5.0


def slowly(page: int, *waited_for: int) -> float:
    """Seconds until something is seen on 280 kbit/s with 800 ms there and back, in a browser that knows nothing.

    A connection and its key take a round trip each. What a server may send at once doubles with each round trip; what
    the page waits for is asked for when the page has come.
    """
    trips, flight = 2, FIRST_FLIGHT
    for size in (page, sum(waited_for)):
        trips += size > 0
        while size > flight:
            size, flight, trips = size - flight, flight * 2, trips + 1
    return trips * ROUND_TRIP + (page + sum(waited_for)) / BYTES_A_SECOND


@pytest.mark.parametrize("address", ["/", "/me", "/me/profile", "/me/profile/topics", "/me/profile/meeting"])
def test_a_first_view_waits_for_little(house: House, address: str) -> None:
    role = "anonymous" if address == "/" else "participant"
    answer = house.knock(role, "GET", address, headers=PACKED)
    text = gzip.decompress(answer.data).decode() if answer.content_encoding == "gzip" else answer.text
    waited_for = {first or second for first, second in WAITED_FOR.findall(text)}
    assert [part.partition(".")[0] for part in waited_for] == ["/static/style"]
    style = house.knock(role, "GET", waited_for.pop(), headers=PACKED)
    assert "@import" not in house.get("anonymous", "/static/style.css").text
    # a large event has twice as much to say on a page
    assert slowly(2 * len(answer.data), len(style.data)) < MOST_SECONDS


def test_a_slow_first_view_would_be_noticed() -> None:
    assert WAITED_FOR.findall('<script src="/a.js"></script><script src="/b.js" defer></script>') == [("", "/a.js")]
    assert slowly(1_000, 1_000) < MOST_SECONDS < slowly(60_000, 10_000)


def test_a_heavy_page_is_noticed(house: House) -> None:
    answer = house.get("anonymous", "/")
    light = weight(house, "anonymous", answer)
    answer.data += b"<!-- " + b"x" * MOST_BYTES + b" -->"
    answer.data += f'<script src="/static/{next(pieces()).public_name}"></script>'.encode()
    heavy = weight(house, "anonymous", answer)
    assert heavy[0] > MOST_BYTES >= light[0]
    assert heavy[1] == light[1] + 1
