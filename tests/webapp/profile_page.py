"""The profile's screens as a browser sees them: what stands in their fields, what they send, what is said of it."""

import html
import re
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.webapp import factories as make
from webapp.models import Person

WHO, TOPICS, MEETING = "/me/profile", "/me/profile/topics", "/me/profile/meeting"
SCREENS = (WHO, TOPICS, MEETING)


def form_of(client: FlaskClient, path: str = MEETING) -> MultiDict[str, str]:
    """What a browser would send from the page as it stands."""
    return fields_of(client.get(path).text)


def fields_of(page: str) -> MultiDict[str, str]:
    fields: MultiDict[str, str] = MultiDict()
    main = page[page.index("<main") : page.index("</main>")]
    for tag in re.findall(r"<input [^>]*>", main):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if found.get("name") and (found.get("type") != "checkbox" or " checked" in tag):
            fields.add(found["name"], html.unescape(found.get("value", "")))
    for name, options in re.findall(r'<select [^>]*?name="([\w-]+)"[^>]*>(.*?)</select>', main, re.S):
        fields.add(name, (re.findall(r'<option selected value="([^"]*)"', options) or [""])[0])
    for name, text in re.findall(r'<textarea [^>]*?name="([\w-]+)"[^>]*>(.*?)</textarea>', main, re.S):
        fields.add(name, html.unescape(text).strip("\r\n").replace("\n", "\r\n").replace("\r\r", "\r"))
    return fields


def post(client: FlaskClient, fields: MultiDict[str, str], path: str = MEETING, **changes: object) -> TestResponse:
    """Send the fields with some changes, byte for byte."""
    return send(client, fields, path, {}, **changes)


def send(
    client: FlaskClient, fields: MultiDict[str, str], path: str, headers: dict[str, str], **changes: object
) -> TestResponse:
    """Send the fields as a page or, with headers of its own, as a script does."""
    sent = fields.copy()
    for key, value in changes.items():
        sent.setlist(key, value if isinstance(value, list) else [value])
    body = urlencode(list(sent.items(multi=True)))
    return client.post(path, data=body, content_type="application/x-www-form-urlencoded", headers=headers)


def save(client: FlaskClient, path: str = MEETING, **changes: object) -> TestResponse:
    return post(client, form_of(client, path), path, **changes)


def error_beside(page: str, field: str) -> str:
    found = re.search(rf'id="{field}-error"><span class="sr">[^<]*</span>([^<]*)<', page)
    return html.unescape(found.group(1)) if found else ""


def room() -> Person:
    """An event with topics and regions, and the person whose profile it is."""
    topics = [("radio", "Media"), ("law", "Justice"), ("money", "Running")]
    make.store(
        make.event(host_language="km"),
        *(make.interest(slug=slug, heading=heading, position=at) for at, (slug, heading) in enumerate(topics)),
        make.interest(slug="retired", retired=True),
        *(make.region(slug=slug, position=at) for at, slug in enumerate(("africa", "americas"))),
    )
    me = make.person(name="Me", latin="Me", number="606")
    make.store(me)
    return me
