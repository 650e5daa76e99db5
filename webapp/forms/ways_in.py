"""Forms of the office about ways in: for whom, and in what shape."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from webapp.forms.speech import PageForm
from webapp.i18n import lazy_gettext as _


class WhomForm(PageForm):
    """For whom ways in are made."""

    whom = RadioField(
        _("For whom"),
        [InputRequired(_("Choose one of these."))],
        choices=[
            SelectChoice("without", _("Whoever has no code and is signed in nowhere")),
            SelectChoice("organisation", _("One organisation")),
            SelectChoice("numbers", _("These event numbers")),
            SelectChoice("everybody", _("Everybody")),
        ],
        default="without",
    )
    organisation = SelectField(_("Organisation"), choices=[SelectChoice("", "–")], default="")
    numbers = StringField(_("Event numbers"), [Length(max=2000)])

    def __init__(self, *, known: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self.organisation.choices = [SelectChoice("", "–"), *(SelectChoice(name, name) for name in known)]

    def validate_organisation(self, field: SelectField) -> None:
        """Refuse an organisation that the choice above passes over: slips for others would be made."""
        self._meant("organisation", field)

    def validate_numbers(self, field: StringField) -> None:
        """Refuse event numbers that the choice above passes over."""
        self._meant("numbers", field)

    def _meant(self, whom: str, field: SelectField | StringField) -> None:
        if (field.data or "").strip() and self.whom.data != whom:
            raise ValidationError(_("Tick the line above this as well, or leave this empty."))

    def asked(self) -> dict[str, str]:
        """Return whom the form names."""
        return {
            "whom": str(self.whom.data),
            "organisation": str(self.organisation.data or ""),
            "numbers": str(self.numbers.data or ""),
        }


class SlipsForm(WhomForm):
    """Slips to print."""

    order = SelectField(
        _("In the order of"),
        [InputRequired()],
        choices=[
            SelectChoice("latin", _("names, by Latin spelling")),
            SelectChoice("organisation", _("organisations")),
        ],
        default="latin",
    )
    paper = SelectField(
        _("Paper"),
        [InputRequired()],
        choices=[SelectChoice("a4", "A4"), SelectChoice("letter", "Letter")],
        default="a4",
    )


class LinksForm(WhomForm):
    """A file of links to send."""

    ending = SelectField(
        _("Kind of file"),
        [InputRequired()],
        choices=[SelectChoice("xlsx", "XLSX"), SelectChoice("csv", "CSV")],
        default="xlsx",
    )
