"""Forms of the office about people."""

from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.forms.languages import LanguagesField, languages_in_words
from webapp.forms.revision import RevisedForm
from webapp.forms.text import LineField, readable_name
from webapp.i18n import countries
from webapp.i18n import lazy_gettext as _
from webapp.models import Person, Region
from webapp.operations.guests.people import PersonValues

AS_HELD = ("name", "latin", "role", "seated", "first_time", "companion", "revision")


class PersonForm(RevisedForm):
    """A person as the office keeps them."""

    name = LineField(_("Name"), [DataRequired(_("Give a name, or a pseudonym.")), Length(max=80), readable_name])
    latin = LineField(_("Name in Latin letters"), [Length(max=80), readable_name])
    organisation = LineField(_("Organisation"), [Length(max=200), readable_name])
    role = SelectField(
        _("Role"),
        [InputRequired()],
        choices=[
            SelectChoice("member", _("Member")),
            SelectChoice("donor", _("Donor")),
            SelectChoice("stakeholder", _("Local stakeholder")),
            SelectChoice("guest", _("Guest")),
        ],
    )
    country = SelectField(_("Country"))
    regions = SelectMultipleField(
        _("Regions they work in"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    languages = LanguagesField(_("Languages"), [Length(max=400)])
    seated = BooleanField(_("Stays seated: never changes tables"))
    first_time = BooleanField(_("Is here for the first time"))
    companion = BooleanField(_("Brings a helper or an interpreter"))
    companion_languages = LanguagesField(_("Languages their interpreter speaks"), [Length(max=400)])
    sure = BooleanField(_("This is somebody else with the same name and organisation"))

    def __init__(self, *, known: list[Region], **options: Any) -> None:
        super().__init__(**options)
        self.country.choices = [SelectChoice("", "–"), *(SelectChoice(code, name) for code, name in countries())]
        self.regions.choices = [SelectChoice(one.slug, one.title) for one in known]

    def values(self) -> PersonValues:
        """Return what was typed."""
        return PersonValues(
            name=self.name.data,
            latin=self.latin.data or "",
            organisation=self.organisation.data or "",
            role=self.role.data,
            country=self.country.data or None,
            regions=tuple(self.regions.data or ()),
            languages=self.languages.codes,
            seated=self.seated.data,
            first_time=self.first_time.data,
            companion=self.companion.data,
            companion_languages=self.companion_languages.codes,
        )


def person_as_typed(person: Person | None) -> dict[str, Any]:
    """Return a person as the form shows them."""
    if person is None:
        return {"role": "member"}
    return {
        **{name: getattr(person, name) for name in AS_HELD},
        "organisation": person.organisation.name if person.organisation else "",
        "country": person.country or "",
        "regions": [region.slug for region in person.regions],
        "languages": languages_in_words(language.code for language in person.languages),
        "companion_languages": languages_in_words(person.companion_languages),
    }
