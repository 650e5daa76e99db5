"""Address cards (vCard 3.0, RFC 2426) that phones take up, and the same as plain text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from icalendar import vText
from icalendar.parser import Contentline

MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PHONE = re.compile(r"\+?[0-9][0-9 ().-]{4,24}")
# what leads anywhere by a tap is stricter: nothing that an address gives a meaning to, and numbers with their country
WRITTEN_TO = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
CALLED = re.compile(r"\+[1-9][0-9 ().-]{5,24}")
FEWEST_DIGITS, MOST_DIGITS = 7, 15


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody and how to reach them, in lines of their own."""

    name: str
    lines: tuple[str, ...]


def address_cards(people: Iterable[Reached]) -> bytes:
    """Return one card a person: a line that is a mail address or a number is one there, all else is a note."""
    found = (line for one in people for line in _card(one))
    return b"".join(Contentline(line).to_ical() + b"\r\n" for line in found)


def plain_text(people: Iterable[Reached]) -> bytes:
    """Return names, each with its lines beneath."""
    blocks = ("\r\n".join([_in_one(one.name), *map(_in_one, one.lines)]) for one in people)
    return ("\r\n\r\n".join(blocks) + "\r\n").encode()


def way_to_reach(line: str) -> str:
    """Return the address that a line leads to where it is a mail address or a number and no more, else nothing."""
    if WRITTEN_TO.fullmatch(line):
        return f"mailto:{line}"
    digits = "".join(re.findall("[0-9]", line))
    return f"tel:+{digits}" if CALLED.fullmatch(line) and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def _card(one: Reached) -> Iterator[str]:
    name = _escaped(_in_one(one.name))
    yield from ("BEGIN:VCARD", "VERSION:3.0", f"N:{name};;;;", f"FN:{name}")
    lines = [line for line in map(_in_one, one.lines) if line]
    yield from (f"EMAIL:{_escaped(line)}" for line in lines if MAIL.fullmatch(line))
    yield from (f"TEL:{_escaped(line)}" for line in lines if PHONE.fullmatch(line))
    rest = [line for line in lines if not MAIL.fullmatch(line) and not PHONE.fullmatch(line)]
    yield from (f"NOTE:{_escaped(chr(10).join(rest))}" for _any in rest[:1])
    yield "END:VCARD"


def _escaped(text: str) -> str:
    return vText(text).to_ical().decode()


def _in_one(text: str) -> str:
    """One line, by whatever sign a program may take for the end of one."""
    return " ".join(text.split())
