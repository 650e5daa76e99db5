"""What somebody reads who exchanges contacts: what is still missing, and a tap that writes or calls."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.test_contacts import AFTER, BEFORE, THEIRS, anna, at, both_say, me, say, write
from webapp.db import transaction
from webapp.exchange.vcard import way_to_reach
from webapp.models import Contact, Person

__all__ = ["anna", "at", "me"]

MISSING = "Nothing is exchanged until you write how others reach you."


def test_a_yes_without_a_way_to_reach_me_is_told_what_is_missing(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    at(BEFORE)
    mine = visitor.participant(me)
    say(me, "Anna", yes=True)
    assert MISSING not in mine.get("/me").text
    with transaction() as rows:
        rows.query(Contact).filter_by(person_id=me.id).delete()
    assert mine.get("/me").text.count(MISSING) == 1
    say(me, "Anna", yes=False)
    assert MISSING not in mine.get("/me").text


def test_how_to_reach_me_comes_first_while_it_is_empty(app: Flask, visitor: Visitor) -> None:
    me = make.person()
    make.store(make.event(), me)
    mine = visitor.participant(me)
    headings = []
    for text in ("", "me@here.example"):
        if text:
            write(me, text)
        headings.append(re.findall(r'<h2 id="(\w+)-title">', mine.get("/me/contacts").text)[:2])
    assert headings == [["reach", "exchanged"], ["exchanged", "reach"]]


def test_what_clearly_is_an_address_can_be_tapped(
    visitor: Visitor, me: Person, anna: Person, at: Callable[[datetime], None]
) -> None:
    at(AFTER)
    both_say(me, anna, mine=True, hers=True)
    write(anna, f"{THEIRS}\n+855 (12) 345-678\njavascript:alert(1)\n<b>012 345 678</b>")
    page = visitor.participant(me).get("/me/contacts").text
    assert f'href="mailto:{THEIRS}"' in page
    assert 'href="tel:+85512345678"' in page
    assert "<bdi>javascript:alert(1)</bdi>" in page
    assert "<bdi>&lt;b&gt;012 345 678&lt;/b&gt;</bdi>" in page


@pytest.mark.parametrize("line", [
    "", "anna", "a@b", "a@b.c", "a@b.example?subject=x", "a%0Ab@c.example", "a@b.example,c@d.example", "a&b@c.example",
    "mailto:a@b.example", "javascript:a@b.example", "http://a.example", "Signal: +855 12 345 678", "012 345 678",
    "+12345", "+1234567890123456", "+855 12 345 678 ext 9", "+855\u066012345678", "a@b.example\n", "+85512345678\n",
])  # fmt: skip
def test_all_else_is_text(line: str) -> None:
    assert way_to_reach(line) == ""
