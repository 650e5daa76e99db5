"""What the form library says of a wrong field, in the words and the language of the page."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm

from webapp.i18n import lazy_gettext as _
from webapp.i18n import switched_to

CHOOSE = _("Choose one from the list.")
DAY = _("Give the day as year, month and day, like 2013-06-19.")
TIME = _("Give the time as hours and minutes, like 14:00.")
WHOLE = _("Give a whole number.")
WORDS: dict[str, Any] = {
    "This field is required.": _("Please fill this in."),
    "Not a valid choice.": CHOOSE,
    "Invalid Choice: could not coerce.": CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": CHOOSE,
    "'%(value)s' is not a valid choice for this field.": CHOOSE,
    "'%(value)s' are not valid choices for this field.": CHOOSE,
    "Not a valid date value.": DAY,
    "Not a valid time value.": TIME,
    "Not a valid integer value.": WHOLE,
    "Field cannot be longer than %(max)d character.": _("Use at most %(max)d characters."),
    "Field cannot be longer than %(max)d characters.": _("Use at most %(max)d characters."),
}


class Speech:
    """Stands where the library looks for its translations; what no form here can cause is left as it is."""

    def gettext(self, sentence: str) -> str:
        """Say a sentence of the library in our words."""
        return str(WORDS.get(sentence, sentence))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Say a sentence of the library that counts something."""
        return self.gettext(singular if count == 1 else plural)


class PageForm(FlaskForm):
    """A form of a page; every form here is one."""

    class Meta(FlaskForm.Meta):
        """How the library behaves."""

        def get_translations(self, _form: Any) -> Speech:
            """Return who speaks for the library."""
            return Speech()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent; what was typed too where only the language of the page is chosen."""
            return request.form if switched_to() else super().wrap_formdata(form, formdata)


def add_error(field: Any, sentence: str) -> bool:
    """Put a sentence beside a field; return False, as validators do."""
    field.errors = [*field.errors, sentence]
    return False
