"""Slips that let people in, as PDF: a name, a code to type, a code to scan, and what it is in the event's languages."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from babel import Locale

from webapp.exchange.heading import isolated
from webapp.exchange.paper import Say, plainly
from webapp.exchange.press import press
from webapp.exchange.sheets import cut_and_stack, qr_picture

SLIPS_ON_A_PAGE = 8
MOST_LANGUAGES = 6


@dataclass(frozen=True, slots=True)
class SlipHead:
    """What all slips of one printing share; without an `address` that phones reach there is no code to scan."""

    event: str
    printed: datetime
    languages: tuple[str, ...]
    address: str | None = None
    locale: str = "en"
    paper: Literal["a4", "letter"] = "a4"


@dataclass(frozen=True, slots=True)
class Slip:
    """One person's slip; `code` in fours, `qr` the address that a scan opens."""

    number: str
    name: str
    code: str
    organisation: str = ""
    qr: str | None = None


@lru_cache(maxsize=1)
def lines() -> Mapping[str, str]:
    """Return what a slip says of itself, by language."""
    return tomllib.loads((files("webapp.exchange") / "spoken" / "slips.toml").read_text(encoding="utf-8"))


def slips(head: SlipHead, people: Iterable[Slip], *, say: Say = plainly) -> bytes:
    """Print one slip a person; the cut piles laid on one another come out in the order given."""
    locale = Locale.parse(head.locale)
    cut = [_slip(one) for one in people]
    data = {
        "session": say("Slips"),
        "event": isolated(head.event),
        "address": head.address or "",
        "told": [_line(code) for code in _spoken(head.languages)],
        "pages": cut_and_stack(cut, SLIPS_ON_A_PAGE),
        "words": {"scan": say("Code that opens your own page")},
        "lang": locale.language,
        "dir": "rtl" if locale.text_direction == "rtl" else "ltr",
        "paper": "us-letter" if head.paper == "letter" else "a4",
    }
    return press("slips.typ", data, printed=head.printed)


def _spoken(languages: Sequence[str]) -> list[str]:
    known = [code for code in dict.fromkeys(languages) if code in lines()]
    return known[:MOST_LANGUAGES] or ["en"]


def _line(code: str) -> dict[str, str]:
    rtl = Locale.parse(code).text_direction == "rtl"
    return {"lang": code, "dir": "rtl" if rtl else "ltr", "words": lines()[code]}


def _slip(one: Slip) -> dict[str, object]:
    return {
        "number": one.number,
        "name": isolated(one.name),
        "organisation": isolated(one.organisation),
        "code": one.code,
        "qr": qr_picture(one.qr) if one.qr else None,
    }
