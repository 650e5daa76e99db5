"""The first screen of the profile: who I am, in which languages, and where I work."""

from typing import Any

from wtforms import Field
from wtforms.validators import InputRequired, ValidationError

from webapp.forms.profile import (
    NAME_LENGTH,
    ORGANISATION_LENGTH,
    ChipsField,
    ChoiceField,
    ScreenForm,
    at_most,
    in_latin,
    in_one_line,
    is_latin,
    spoken,
)
from webapp.forms.text import LineField, readable_name
from webapp.i18n import countries
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.operations.profile.profiles import Opened
from webapp.operations.profile.who import Choices, Who


class WhoForm(ScreenForm):
    """Name, languages, place; a discreet event asks for no organisation."""

    name = LineField(
        __("Name, as others shall see it"),
        [InputRequired(__("Give a name; it may be a short or an invented one.")), at_most(NAME_LENGTH), readable_name],
    )
    latin = LineField(__("The same name in Latin letters"), [at_most(NAME_LENGTH), readable_name, in_latin])
    organisation = LineField(__("Organisation"), [at_most(ORGANISATION_LENGTH), readable_name])
    languages = ChipsField(__("Languages you can talk in"))
    more_1 = ChoiceField(__("Another language"))
    more_2 = ChoiceField(__("One more language"))
    best = ChoiceField(__("The one you speak best"))
    country = ChoiceField(__("Country you work in"))
    regions = ChipsField(__("Regions you work on"))

    def __init__(self, opened: Opened[Who], choices: Choices) -> None:
        who = opened.part
        typed: dict[str, Any] = {name: getattr(who, name) for name in ("name", "latin", "organisation", "country")}
        typed |= {"languages": who.languages, "regions": who.regions, "best": next(iter(who.languages), "")}
        super().__init__(data=typed | self.hidden(opened))
        here, others = spoken(choices.languages)
        self.languages.offer([("", here)])
        for more in (self.more_1, self.more_2):
            more.offer([("", _("None")), *sorted([*here, *others], key=lambda one: one[1])])
        self.best.offer([("", _("Not said")), *here, *others])
        self.country.offer([("", _("Not said")), *countries()])
        self.regions.offer([("", choices.regions)])
        self._organisation = who.organisation
        if opened.discreet:
            del self.organisation

    def validate_languages(self, _field: Field) -> None:
        """Ask for at least one language, wherever it was chosen."""
        if not self._spoken():
            raise ValidationError(_("Choose at least one language."))

    def _spoken(self) -> tuple[str, ...]:
        chosen = [self.best.data, *(self.languages.data or []), self.more_1.data, self.more_2.data]
        return tuple(code for code in dict.fromkeys(chosen) if code)

    def suggest(self, name: str) -> None:
        """Put an invented name into the form, which is in Latin letters already."""
        self.name.data, self.latin.data = name, ""

    def part(self) -> Who:
        """Return what was typed, after it was found right."""
        name = str(self.name.data)
        return Who(
            name=name,
            latin=self.latin.data or (name if is_latin(name) else ""),
            organisation=in_one_line(self.organisation.data) if "organisation" in self else self._organisation,
            country=self.country.data,
            languages=self._spoken(),
            regions=tuple(sorted(self.regions.chosen)),
        )
