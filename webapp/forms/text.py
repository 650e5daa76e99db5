"""Text as people may type it: composed (NFC), without control characters and direction tricks; and numbers."""

from collections.abc import Callable
from typing import Any

from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from webapp.exchange.letters import is_readable as is_readable
from webapp.exchange.letters import strange_character as strange_character
from webapp.exchange.letters import tidy as tidy
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext

MOST_DIGITS = 18


def plain_text(*, lines: bool = False) -> Callable[[Any, Any], None]:
    """Return a validator that refuses invisible control and direction characters."""

    def check(_form: Any, field: Any) -> None:
        found = strange_character(field.data or "", lines=lines)
        if found is not None:
            raise ValidationError(
                _(
                    "There is an invisible character (%(code)s) in this field; type it again.",
                    code=f"U+{ord(found):04X}",
                )
            )

    return check


def readable_name(_form: Any, field: Any) -> None:
    """Refuse a name in which nothing can be read."""
    if field.data and not is_readable(field.data):
        raise ValidationError(_("A name needs at least one letter or digit."))


class LineField(StringField):
    """One line of text, tidied and checked."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        super().__init__(label, [*validators, plain_text()], filters=[tidy], **options)


class LinesField(TextAreaField):
    """Several lines of text, tidied and checked."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        super().__init__(label, [*validators, plain_text(lines=True)], filters=[tidy], **options)


class WholeField(IntegerField):
    """A whole number of a size that can be counted with; longer ones are no number at all."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        too_long = valuelist and len(valuelist[0].strip()) > MOST_DIGITS
        super().process_formdata(["?"] if too_long else valuelist)


def whole(label: Any, least: int, most: int) -> WholeField:
    """Return a field for a whole number that may be left out."""
    between = NumberRange(least, most, lazy_gettext("Give a whole number from %(min)s to %(max)s."))
    return WholeField(label, [Optional(), between])
