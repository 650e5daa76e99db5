"""What the three screens of the profile have in common: their fields, and how a form that comes is known again."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import time
from itertools import islice
from typing import Any

from wtforms import Field, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField
from webapp.i18n import gettext as _
from webapp.i18n import language_name, languages
from webapp.i18n import lazy_gettext as __
from webapp.operations.profile.profiles import Opened, Sent

NAME_LENGTH, ORGANISATION_LENGTH = 80, 200
LONGEST_TURN = 6
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
EVENT_NUMBER = re.compile(r"[0-9A-Za-z]{1,8}", re.ASCII)
BETWEEN_NUMBERS = re.compile(r"[\s,;.،؛#]+")


class ChoiceField(SelectField):
    """One of a list; what was sent stays to be seen."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, invalid_choice_message=__("Choose one from the list."), default="", **options)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Take over what may be chosen."""
        self.choices = [SelectChoice(value, label) for value, label in choices]


class ChipsField(SelectMultipleField):
    """Several of a list, as boxes to tick, under headings where there are any."""

    widget, option_widget = ListWidget(prefix_label=False), CheckboxInput()

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        message = __("Something here is not in the list; look at what is ticked and save again.")
        super().__init__(label, validators, invalid_choice_message=message, **options)
        self.headings: list[tuple[str, int]] = []

    def offer(self, groups: Iterable[tuple[str, list[tuple[str, str]]]]) -> None:
        """Take over what may be chosen, heading by heading."""
        groups = list(groups)
        self.choices = [SelectChoice(value, label) for _heading, choices in groups for value, label in choices]
        self.headings = [(heading, len(choices)) for heading, choices in groups]

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is ticked, each once."""
        return tuple(dict.fromkeys(self.data or ()))

    def grouped(self) -> Iterator[tuple[str, list[Field]]]:
        """Yield each heading with its boxes."""
        boxes = iter(self)
        for heading, size in self.headings:
            yield heading, list(islice(boxes, size))


class ClockField(LineField):
    """A time of day, shown again as it was sent."""

    widget = TimeInput()

    @property
    def time(self) -> time | None:
        """The time, None where none or no time was sent."""
        found = CLOCK.fullmatch(self.data or "")
        return time(int(found[1]), int(found[2])) if found else None


def at_most(length: int) -> Length:
    """Return a validator for the length of a text."""
    return Length(max=length, message=__("Use at most %(max)d characters."))


def in_latin(_form: Any, field: Any) -> None:
    """Refuse letters that are not Latin ones."""
    if not is_latin(field.data or ""):
        raise ValidationError(
            _("Write this one in Latin letters (A to Z, accents are fine), so that the desk finds you.")
        )


def is_latin(text: str) -> bool:
    """Return whether every letter is a Latin one."""
    return all("LATIN" in unicodedata.name(c, "") for c in text if unicodedata.category(c) in {"Lu", "Ll", "Lt", "Lo"})


def plain_number(typed: str) -> str:
    """Return an event number with its digits in one script."""
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in typed)


def in_one_line(typed: str | None) -> str:
    """Return what was typed with single blanks between its words."""
    return " ".join((typed or "").split())


def spoken(first: Iterable[str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return languages to choose from as code and name: these, and all others."""
    first = list(first)
    return [(code, language_name(code)) for code in first], [one for one in languages() if one[0] not in first]


class ScreenForm(PageForm):
    """One screen of the profile. `key` names this copy of it, `turn` counts how often a script has sent it."""

    key = HiddenField()
    stamp = HiddenField()
    turn = HiddenField(default="0")

    def sent(self) -> Sent:
        """Return how this form came."""
        key, stamp, turn = ((field.raw_data or [""])[0] for field in (self.key, self.stamp, self.turn))
        counted = turn.isascii() and turn.isdecimal() and len(turn) <= LONGEST_TURN
        return Sent(key, stamp, int(turn) if counted else 0)

    def begin_anew(self, opened: Opened[Any]) -> None:
        """Let what was typed stand for a change of what is saved now."""
        self.key.data, self.stamp.data, self.turn.data = opened.key, opened.stamp, "0"

    @classmethod
    def hidden(cls, opened: Opened[Any]) -> dict[str, Any]:
        """Return what a fresh form holds unseen."""
        return {"key": opened.key, "stamp": opened.stamp}
