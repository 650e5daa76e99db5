"""The form in which other rules of a session are tried."""

from typing import Any

from wtforms import BooleanField

from webapp.bridge import Rules
from webapp.forms.sessions import SessionForm
from webapp.forms.speech import PageForm
from webapp.i18n import lazy_gettext as _
from webapp.models import Session
from webapp.operations.plans.variants import FLOORED


class RulesForm(PageForm):
    """The rules of a session, as on its own form, and whether those who would get least are guarded."""

    apart = SessionForm.apart
    shared_language = SessionForm.shared_language
    regions = SessionForm.regions
    limit = SessionForm.limit
    floor = BooleanField(_("Guard those who would get least"))

    def __init__(self, session: Session, **options: Any) -> None:
        usual = {**Rules.of(session).as_json(), "apart": session.same_organisation == "apart"}
        super().__init__(data=usual, **options)
        self.session = session
        if session.format not in FLOORED:
            del self.floor

    def rules(self) -> Rules:
        """Return what was chosen."""
        return Rules(
            same_organisation="apart" if self.apart.data else "allow",
            shared_language=self.shared_language.data,
            regions=self.regions.data,
            limit=self.limit.data,
            floor=self.floor.data if self.floor else self.session.floor,
        )
