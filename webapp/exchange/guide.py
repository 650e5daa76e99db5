"""The facilitator's guide on two pages: what to do when, and what to read aloud, in the languages of the room."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from babel import Locale

from webapp.exchange.paper import Say, plainly
from webapp.exchange.press import press
from webapp.i18n import isolate, own_language_name

PARTS = ("card", "bell", "alone")
TOLD = ("pairs", "clinics", "stations", "circles")


@dataclass(frozen=True, slots=True)
class GuideHead:
    """Whose guide it is. `languages` are those to read aloud in, `formats` those of the sessions."""

    event: str
    printed: datetime
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    locale: str = "en"
    paper: Literal["a4", "letter"] = "a4"


@lru_cache(maxsize=1)
def scripts() -> Mapping[str, Mapping[str, str]]:
    """Return what is read aloud: by language the parts that all formats share, each format's name and its sentence."""
    text = (files("webapp.exchange") / "spoken" / "scripts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def guide(head: GuideHead, *, say: Say = plainly) -> bytes:
    """Print the guide: one page to work by, one to read from. A language without a script is left out."""
    locale = Locale.parse(head.locale)
    data = {
        "session": say("Facilitator's guide"),
        "event": isolate(head.event),
        "steps": [{"title": title, "lines": lines} for title, lines in _steps(say)],
        "troubles": [{"what": what, "do": do} for what, do in _troubles(say)],
        "scripts": [_script(code, head.formats) for code in head.languages if code in scripts()],
        "words": {
            "missing": say("When something goes wrong"),
            "aloud": say("To read aloud"),
            "first": say("The first lines for every session, then the line of its format. Slowly; wait after each."),
            "laptop": say("If the laptop fails"),
            "paper": _laptop(say),
        },
        "lang": locale.language,
        "dir": "rtl" if locale.text_direction == "rtl" else "ltr",
        "paper": "us-letter" if head.paper == "letter" else "a4",
    }
    return press("guide.typ", data, printed=head.printed)


def _script(code: str, formats: Sequence[str]) -> dict[str, object]:
    spoken = scripts()[code]
    return {
        "lang": code,
        "dir": "rtl" if Locale.parse(code).text_direction == "rtl" else "ltr",
        "name": own_language_name(code),
        "shared": [spoken[part] for part in PARTS],
        "formats": [{"name": spoken[f"{one}_name"], "line": spoken[one]} for one in formats],
    }


def _steps(say: Say) -> list[tuple[str, list[str]]]:
    return [
        (
            say("The day before"),
            [
                say("The office's checklist says that nothing is missing."),
                say("Choose a stick for backups; keep its passphrase somewhere else."),
                say("Bring an access point of your own: hotel networks keep devices apart."),
                say("Connect the big screen and test its sound. Put the table signs up."),
                say("Print the tick list, and the whole pack where you have a draft you like."),
            ],
        ),
        (
            say("From an hour before: check in"),
            [
                say("Let helpers in from the desk: they tick people in on their phones, and see nothing else."),
                say("Tick by event number, or by the first letters of any name."),
                say("Add who is not on the list: name, languages, two interests."),
            ],
        ),
        (
            say("Ten minutes before: plan, print, hand out"),
            [
                say("Mark who is late or absent, then plan. Read the sentence at the top; publish."),
                say("Print the whole pack. Hand the cards out at the door; paper is never laid on tables."),
                say("If cards are out already, repair: it changes as few of them as can be. Print only those."),
            ],
        ),
        (
            say("Start and run"),
            [
                say("Read aloud from the next page while people sit down, then start the rounds on the desk."),
                say("The screen shows the round and the time left; pause, add a minute or skip from the desk."),
                say("Walk around with the finder: name and round lead to the table."),
            ],
        ),
        (
            say("Afterwards"),
            [
                say("Stop the rounds. Collect all lists and destroy them; cards may be kept."),
                say("Take the stick with you."),
            ],
        ),
    ]


def _troubles(say: Say) -> list[tuple[str, str]]:
    return [
        (
            say("Somebody has no partner now"),
            say("Help point: type the numbers. The answer is a table, at once; no card changes."),
        ),
        (
            say("People are missing or came late"),
            say("Tick them so, then repair. It counts from the next round on; hand out the changed cards."),
        ),
        (
            say("A specialist, an interpreter or a table is gone"),
            say("Say so at the desk, then repair."),
        ),
        (
            say("Somebody comes instead of another"),
            say("At the desk: the stand-in takes over the seats, and the rules are checked anew."),
        ),
        (
            say("Somebody asks why not with this person"),
            say("“It was not possible.” Nobody at the desk knows more, and nobody needs to."),
        ),
        (
            say("You start late"),
            say("Say by how many minutes at the desk: screen, pages and calendars move with it. Cards stay good."),
        ),
    ]


def _laptop(say: Say) -> str:
    return say(
        "Go on by paper: cards, round sheets and finder hold everything, and a bell and a watch do for a clock. On "
        "another laptop with Rondo: put the stick in, “rondo restore”, the passphrase, “rondo serve”."
    )
