"""The form for somebody who was not on the list: few fields, so that it takes ten seconds."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, ValidationError

from webapp.forms.languages import LanguagesField
from webapp.forms.profile import (
    NAME_LENGTH,
    ORGANISATION_LENGTH,
    ChipsField,
    ChoiceField,
    at_most,
    in_latin,
    is_latin,
)
from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, readable_name
from webapp.i18n import gettext as _
from webapp.i18n import language_name
from webapp.i18n import lazy_gettext as __
from webapp.models import Event, Interest
from webapp.operations.rounds.walk_ins import WalkIn


class WalkInForm(PageForm):
    """A walk-in; `instead` is whose seats they come for, by public id."""

    name = LineField(
        __("Name"), [InputRequired(__("Give a name, or a pseudonym.")), at_most(NAME_LENGTH), readable_name]
    )
    latin = LineField(__("Name in Latin letters"), [at_most(NAME_LENGTH), readable_name, in_latin])
    sure = BooleanField(__("This is somebody else with the same name and organisation"))
    languages = ChipsField(__("Languages"))
    more = LanguagesField(__("Other languages"), [at_most(400)])
    seeks = ChoiceField(__("Looks for"))
    offers = ChoiceField(__("Can share"))
    organisation = LineField(__("Organisation"), [at_most(ORGANISATION_LENGTH), readable_name])
    instead = HiddenField()

    def __init__(self, event: Event, topics: Iterable[Interest], **options: Any) -> None:
        super().__init__(**options)
        spoken = dict.fromkeys([*event.working_languages, *([event.host_language] if event.host_language else [])])
        self.languages.offer([("", [(code, language_name(code)) for code in spoken])])
        listed = [("", "–"), *((topic.slug, topic.title) for topic in topics)]
        self.seeks.offer(listed)
        self.offers.offer(listed)
        if event.preset == "discreet":
            del self.organisation

    def validate_latin(self, field: Any) -> None:
        """Ask for the spelling that everybody at the desk can type, where the name is written in another script."""
        if not field.data and not is_latin(self.name.data or ""):
            raise ValidationError(_("Write the name in Latin letters too: lists sort by it."))

    def validate_languages(self, _field: Any) -> None:
        """Ask for at least one language, wherever it was given."""
        if not self.languages.chosen and not (self.more.data or "").strip():
            raise ValidationError(_("Choose at least one language."))

    def values(self) -> WalkIn:
        """Return what was typed."""
        name = self.name.data or ""
        return WalkIn(
            name=name,
            latin=self.latin.data or name,
            languages=tuple(dict.fromkeys([*self.languages.chosen, *self.more.codes])),
            organisation=" ".join((self.organisation.data or "").split()) if "organisation" in self else "",
            seeks=self.seeks.data or "",
            offers=self.offers.data or "",
        )
