"""Forms of the desk while the rounds run."""

from wtforms.validators import InputRequired, Length, NumberRange

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, WholeField
from webapp.i18n import lazy_gettext as _
from webapp.models.floor import MOST_LATE

HOW_MANY = _("Give a whole number of minutes from 0 to %(most)s.", most=MOST_LATE)


class LateForm(PageForm):
    """By how many minutes the start moves."""

    minutes = WholeField(
        _("Minutes later"), [InputRequired(HOW_MANY), NumberRange(min=0, max=MOST_LATE, message=HOW_MANY)]
    )


class ScreenForm(PageForm):
    """The code that a big screen shows."""

    code = LineField(_("The six digits on the screen"), [InputRequired(_("Type the six digits.")), Length(max=40)])
