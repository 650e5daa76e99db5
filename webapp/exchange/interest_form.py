"""The interest form on paper, as PDF: for people who would rather write than use a phone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from babel import Locale
from babel.dates import format_date

from webapp.exchange.heading import written_in
from webapp.exchange.paper import Say, plainly
from webapp.exchange.press import press
from webapp.i18n import isolate


@dataclass(frozen=True, slots=True)
class BlankForm:
    """What stands on the form before anybody writes on it; each topic has the number by which it is typed in.

    `languages` and `regions` are the words beside their boxes, `topics` pairs of number and title by heading.
    """

    event: str
    delete_on: date
    printed: datetime
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    locale: str = "en"
    paper: Literal["a4", "letter"] = "a4"
    discreet: bool = False


def interest_form(form: BlankForm, *, say: Say = plainly) -> bytes:
    """Print the form on one page; topics that do not fit there even in small type follow on further pages."""
    locale = Locale.parse(form.locale)
    data = {
        "session": isolate(form.event),
        "languages": [isolate(words) for words in form.languages],
        "regions": [isolate(words) for words in form.regions],
        "topics": [
            {
                "heading": isolate(heading),
                "entries": [{"number": number, "title": isolate(title)} for number, title in own],
            }
            for heading, own in form.topics
        ],
        "words": _labels(say) | _sentences(form, say),
        "lang": locale.language,
        "dir": "rtl" if locale.text_direction == "rtl" else "ltr",
        "paper": "us-letter" if form.paper == "letter" else "a4",
        "discreet": form.discreet,
    }
    return press("interest-form.typ", data, printed=form.printed)


def _labels(say: Say) -> dict[str, str]:
    return {
        "title": say("What I bring and what I look for"),
        "number": say("Event number, if you have one"),
        "name": say("Name, as others shall see it"),
        "pseudonym": say("It may be a short or an invented one."),
        "latin": say("The same name in Latin letters"),
        "organisation": say("Organisation"),
        "languages": say("Languages I can talk in"),
        "best": say("Draw a ring around the one you speak best."),
        "others": say("Others:"),
        "regions": say("Regions I work on"),
        "topics": say("Tick as many as you like."),
        "offers": say("I can share"),
        "seeks": say("I am looking for"),
        "first_time": say("This is my first time at this event"),
        "seated": say("I need to stay seated at one table"),
        "wishes": say("I would like to meet"),
        "kinds": say("People, organisations, or kinds of guests."),
        "page": say("Page"),
    }


def _sentences(form: BlankForm, say: Say) -> dict[str, str]:
    """Say who sees what and until when, as the profile's page says it."""
    day = format_date(form.delete_on, format="long", locale=written_in(form.locale))
    if form.discreet:
        seen = say("The people you meet see your name as written here, and nothing else.")
    else:
        seen = say(
            "The people you meet see your name as written here and your organisation, and the topics that bring you "
            "together."
        )
    return {
        "privacy": " ".join(
            (
                seen,
                say("The organisers and the team at the desk can see your profile, so that the rounds can be made."),
                say("Everything here will be deleted on %(day)s.", day=day),
            )
        ),
        "hand_in": say("Please hand this sheet in at the desk."),
    }
