"""A participant's whole way with nothing but HTTP and forms: no scripts, no styles, no headers of a browser."""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.webapp.canaries import Populated
from tests.webapp.pages import Form, Page, in_words
from tests.webapp.serving import Served, served
from tests.webapp.test_my_rounds import at_venue
from webapp.models.programme import USUAL_EXIT
from webapp.views import participant, specialists


class Client:
    """Asks for pages and sends their forms, and holds cookies; like a browser of 1995."""

    def __init__(self, site: str) -> None:
        self.site, self.at, self.text = site, site, ""
        self._open = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """Look at a page."""
        return self._ask(path, None)

    def _ask(self, path: str, body: bytes | None) -> str:
        try:
            answer = self._open.open(urljoin(self.at, path), body, timeout=20)
        except HTTPError as refused:
            answer = refused
        with answer:
            self.at, self.text = answer.url, answer.read().decode()
        return in_words(self.text)

    @property
    def place(self) -> str:
        """The path of the page that is shown."""
        return urlsplit(self.at).path

    def form(self, action: str) -> Form:
        """The page's form that leads there."""
        return next(
            one
            for one in Page(self.text).forms
            if one.method == "POST" and urlsplit(urljoin(self.at, one.action)).path == action
        )

    def send(self, action: str, press: tuple[str, str] | None = None, **typed: str | list[str]) -> str:
        """Fill in the form that leads there, press its first button or another, and look at what comes."""
        form = self.form(action)
        buttons = {one.name for one in form.fields if one.kind in {"submit", "button"}}
        sent = [(name, value) for name, value in form.filled() if name not in typed]
        if press is not None:
            sent = [pair for pair in sent if pair[0] not in buttons] + [press]
        sent += [(name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value)]
        return self._ask(form.action or self.place, urlencode(sent).encode())


@pytest.fixture(params=["open", "discreet"])
def house(
    request: pytest.FixtureRequest, populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Served]]:
    """A house that is served on the morning of the day."""
    for room in (participant, specialists):
        monkeypatch.setattr(room, "now", lambda: at_venue(9, 0))
    with served(populated, tmp_path / "data", preset=request.param) as house:
        yield request.param, house


def sign_in_by_link_and_by_code(client: Client, house: Served) -> None:
    """By a link, out again, and by the digits of a slip, mistyped at first."""
    client.get(f"/in/{house.link}")
    assert "My rounds" in client.send(f"/in/{house.link}")
    assert client.place == "/me"
    client.send("/sign-out")
    assert "16 digits" in client.get("/")
    assert "not known here" in client.send("/", code="0000 0000 0000 0000")
    assert "My rounds" in client.send("/", code=house.code)


def fill_in_three_screens(client: Client) -> None:
    """Each screen leads to the next; what is wrong is said, and what was typed stays."""
    client.get("/me")
    client.get("/me/profile")
    assert "Please look at these again" in client.send("/me/profile", name="", latin="Rain")
    assert 'value="Rain"' in client.text
    client.send("/me/profile", press=("then", "on"), name="Rain on Leaves", latin="Rain", languages=["en", "fr"])
    assert client.place == "/me/profile/topics"
    assert "Saved" in in_words(client.text)
    boxes = [one.value for one in client.form(client.place).fields if one.name == "offers"]
    client.send(client.place, press=("then", "on"), offers=boxes[:2], seeks=boxes[2:3], seeks_words="printing")
    assert client.place == "/me/profile/meeting"
    assert "Saved" in client.send(client.place, wished_names="somebody I do not know")
    client.get("/me/profile")
    assert 'value="Rain on Leaves"' in client.text
    client.get("/me/profile/topics")
    assert dict(client.form(client.place).filled())["seeks_words"] == "printing"
    assert "Rain on Leaves" in client.get("/me/profile/preview")


def see_my_rounds(client: Client) -> None:
    """When, at which table, and as files to keep."""
    said = client.get("/me")
    assert "First talks" in said
    assert re.search(r"Round \d", said)
    assert re.search(r"[12][AB]", said)
    client.get("/me/rounds.ics")
    assert client.text.startswith("BEGIN:VCALENDAR")
    client.get("/me/day.html")
    assert "Round" in client.text


def wish_for_a_specialist(client: Client) -> None:
    """Wish, and say what it is about."""
    client.get("/me/specialists")
    assert client.place == "/me/specialists/clinic"
    assert "First wish" not in in_words(client.text)
    wish = f"{client.place}/wish"
    verb = next(one.value for one in client.form(wish).fields if one.name == "verb")
    assert "First wish" in client.send(wish, press=("verb", verb))
    assert "Saved" in client.send("/me/specialists/clinic/question", question="How do we keep the archive?")
    assert "How do we keep the archive?" in client.text


def test_the_whole_way(house: tuple[str, Served]) -> None:
    preset, served_house = house
    client = Client(served_house.url)
    sign_in_by_link_and_by_code(client, served_house)
    fill_in_three_screens(client)
    see_my_rounds(client)
    wish_for_a_specialist(client)
    client.get("/me")
    if preset == "discreet":
        client.send("/exit")
        assert f"url={USUAL_EXIT}" in client.text
    else:
        assert "16 digits" in client.send("/sign-out")
    client.get("/me")
    assert client.place == "/"
