"""The form for what somebody wrote on paper: few keys, and empty where the sheet is empty."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.forms.languages import LanguagesField
from webapp.forms.profile import (
    BETWEEN_NUMBERS,
    EVENT_NUMBER,
    NAME_LENGTH,
    ORGANISATION_LENGTH,
    at_most,
    in_latin,
    is_latin,
    plain_number,
)
from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, readable_name
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.models import Interest, Region
from webapp.operations.paper.paper_forms import Sheet, complaint

TOPIC_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class NumbersField(LineField):
    """Numbers of topics as they stand on the sheet; `numbers` holds each once."""

    numbers: tuple[int, ...] = ()

    def pre_validate(self, form: Any) -> None:
        """Read the numbers; refuse what is none, and what is not in the form's list."""
        parts = [part for part in BETWEEN_NUMBERS.split(plain_number(self.data or "")) if part]
        if not all(TOPIC_NUMBER.fullmatch(part) for part in parts):
            raise ValidationError(_("Give numbers as they stand on the sheet, with a space between two of them."))
        numbers = tuple(dict.fromkeys(map(int, parts)))
        wrong = complaint(numbers, form.listed)
        if wrong:
            raise ValidationError(wrong)
        self.numbers = numbers


class PaperForm(PageForm):
    """One sheet; `asked` holds the event numbers that the page has asked back about."""

    number = LineField(__("Event number"), [at_most(8)])
    name = LineField(__("Name"), [at_most(NAME_LENGTH), readable_name])
    latin = LineField(__("Name in Latin letters"), [at_most(NAME_LENGTH), readable_name, in_latin])
    sure = BooleanField(__("I have looked: save it as it is typed"))
    organisation = LineField(__("Organisation"), [at_most(ORGANISATION_LENGTH), readable_name])
    languages = LanguagesField(__("Languages"), [at_most(400)])
    regions = SelectMultipleField(
        __("Regions they work in"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    offers = NumbersField(__("I can share"), [at_most(400)])
    seeks = NumbersField(__("I am looking for"), [at_most(400)])
    first_time = BooleanField(__("Is here for the first time"))
    seated = BooleanField(__("Stays seated: never changes tables"))
    asked = HiddenField()

    def __init__(self, *, listed: Sequence[Interest], known: Sequence[Region], discreet: bool, **options: Any) -> None:
        super().__init__(**options)
        self.listed = listed
        self.regions.choices = [SelectChoice(one.slug, one.title) for one in known]
        if discreet:
            del self.organisation

    def validate_number(self, field: Any) -> None:
        """Ask for one event number, in digits of any script."""
        if field.data and not EVENT_NUMBER.fullmatch(plain_number(field.data)):
            raise ValidationError(_("Give the event number as it stands on the badge or the card."))

    def validate_name(self, field: Any) -> None:
        """Ask for a name where somebody new is added."""
        if not field.data and not self.number.data:
            raise ValidationError(_("Give a name, or a pseudonym."))

    @property
    def sure_about(self) -> tuple[str, ...]:
        """The event numbers that were asked about and confirmed."""
        return tuple((self.asked.data or "").split()) if self.sure.data else ()

    def ask_about(self, numbers: Iterable[str]) -> None:
        """Show the page again with a box to confirm what is doubtful."""
        self.asked.data, self.sure.data = " ".join(numbers), False

    @property
    def first_wrong(self) -> str:
        """The field where the cursor belongs: the box to tick after a question, else the first that is wrong."""
        if self.asked.data and self.name.errors:
            return "sure"
        return next((field.name for field in self if field.errors and field.name != "csrf_token"), "number")

    def sheet(self) -> Sheet:
        """Return what was typed, after it was found right."""
        name = self.name.data or ""
        return Sheet(
            number=plain_number(self.number.data or ""),
            name=name,
            latin=self.latin.data or (name if is_latin(name) else ""),
            organisation=" ".join((self.organisation.data or "").split()) if "organisation" in self else "",
            languages=self.languages.codes,
            regions=tuple(self.regions.data or ()),
            offers=self.offers.numbers,
            seeks=self.seeks.numbers,
            first_time=self.first_time.data,
            seated=self.seated.data,
        )
