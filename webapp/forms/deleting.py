"""The form that asks once more before everything is deleted."""

from wtforms.validators import InputRequired, Length

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField
from webapp.i18n import lazy_gettext as _


class DeleteForm(PageForm):
    """The event's title, typed by whoever means it."""

    typed = LineField(_("The title of the event"), [InputRequired(_("Type the title of the event.")), Length(max=200)])
