"""The form that says where tables stand and what they are like."""

from wtforms import BooleanField
from wtforms.validators import DataRequired, Length

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField
from webapp.i18n import lazy_gettext as _
from webapp.operations.event.areas import Description


class TablesForm(PageForm):
    """Some tables, and what is said of them."""

    which = LineField(_("Tables"), [DataRequired(_("Say which tables.")), Length(max=400)])
    zone = LineField(_("Part of the room"), [Length(max=60)])
    step_free = BooleanField(_("Step-free: no stairs on the way"))
    quiet = BooleanField(_("Quiet"))
    power = BooleanField(_("Near a power socket"))

    def values(self) -> Description:
        """Return what was typed."""
        return Description(self.zone.data or "", self.step_free.data, self.quiet.data, self.power.data)
