"""Fields in which somebody types whom they need not meet, and the safety contact's own forms."""

from typing import Any

from wtforms.validators import InputRequired, Length, ValidationError

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, LinesField
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.operations.guests.apart import LONGEST_LINE, MOST_LINES

MOST_CHARACTERS = MOST_LINES * LONGEST_LINE


def one_a_line(_form: Any, field: Any) -> None:
    """Ask for names that can be read, one a line; whether they fit anybody is told to nobody."""
    if len(field.names) > MOST_LINES:
        raise ValidationError(_("Write at most %(most)d lines at a time.", most=MOST_LINES))
    if any(len(name) > LONGEST_LINE for name in field.names):
        raise ValidationError(_("A line may have at most %(most)d characters.", most=LONGEST_LINE))
    if not all(any(c.isalnum() for c in name) for name in field.names):
        raise ValidationError(_("A name needs at least one letter or digit."))


class NamesField(LinesField):
    """Names, event numbers and organisations, one a line."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        most = Length(max=MOST_CHARACTERS, message=__("Use at most %(max)d characters."))
        super().__init__(label, [most, one_a_line], **options)

    @property
    def names(self) -> tuple[str, ...]:
        """Every line that is not empty, each once."""
        lines = (" ".join(line.split()) for line in (self.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))


class InPersonForm(PageForm):
    """What somebody tells the safety contact: who they are, and whom they need not meet."""

    who = LineField(__("Who says it"), [InputRequired(__("Type who says it.")), Length(max=LONGEST_LINE)])
    whom = LineField(
        __("Whom they need not meet"), [InputRequired(__("Type whom they need not meet.")), Length(max=LONGEST_LINE)]
    )


class TakeBackForm(PageForm):
    """What somebody takes back; without `whom`, everything."""

    who = LineField(__("Who takes it back"), [InputRequired(__("Type who takes it back.")), Length(max=LONGEST_LINE)])
    whom = LineField(__("Whom they may meet again"), [Length(max=LONGEST_LINE)])
