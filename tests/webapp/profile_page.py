"""The profile form as a browser sees it: what stands in its fields, what it sends, what is said beside a field."""

import html
import re
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


def form_of(client: FlaskClient) -> MultiDict[str, str]:
    """What a browser would send from the page as it stands."""
    return fields_of(client.get("/me/profile").text)


def fields_of(page: str) -> MultiDict[str, str]:
    fields: MultiDict[str, str] = MultiDict()
    main = page[page.index("<main") : page.index("</main>")]
    for tag in re.findall(r"<input [^>]*>", main):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if found.get("type") != "checkbox" or " checked" in tag:
            fields.add(found["name"], html.unescape(found.get("value", "")))
    for name, options in re.findall(r'<select [^>]*?name="([\w-]+)"[^>]*>(.*?)</select>', main, re.S):
        fields.add(name, (re.findall(r'<option selected value="([^"]*)"', options) or [""])[0])
    for name, text in re.findall(r'<textarea [^>]*?name="([\w-]+)"[^>]*>(.*?)</textarea>', main, re.S):
        fields.add(name, html.unescape(text).strip("\r\n").replace("\n", "\r\n").replace("\r\r", "\r"))
    return fields


def post(client: FlaskClient, fields: MultiDict[str, str], **changes: object) -> TestResponse:
    """Send the fields with some changes, byte for byte."""
    sent = fields.copy()
    for key, value in changes.items():
        sent.setlist(key, value if isinstance(value, list) else [value])
    body = urlencode(list(sent.items(multi=True)))
    return client.post("/me/profile", data=body, content_type="application/x-www-form-urlencoded")


def save(client: FlaskClient, **changes: object) -> TestResponse:
    return post(client, form_of(client), **changes)


def error_beside(page: str, field: str) -> str:
    found = re.search(rf'id="{field}-error"><span class="sr">[^<]*</span>([^<]*)<', page)
    return html.unescape(found.group(1)) if found else ""
