"""Forms of the office: the event, an interest, a region."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from webapp.forms.languages import LanguagesField, languages_in_words
from webapp.forms.speech import DAY, PageForm, add_error
from webapp.forms.text import LineField, readable_name
from webapp.forms.titles import translatable
from webapp.i18n import lazy_gettext as _
from webapp.models import Event
from webapp.models.programme import LONGEST_ADDRESS, is_elsewhere
from webapp.operations.event.programme import YEARS, EventValues
from webapp.operations.event.retention import usual_day


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of all time zones, sorted."""
    return tuple(sorted(available_timezones()))


def near(_form: Any, field: Any) -> None:
    """Refuse days of other centuries."""
    if field.data and field.data.year not in YEARS:
        raise ValidationError(_("Give a year from %(first)s to %(last)s.", first=YEARS[0], last=YEARS[-1]))


def known_zone(_form: Any, field: Any) -> None:
    """Take a city that only one zone has for that zone; refuse what does not exist."""
    city = (field.data or "").strip().replace(" ", "_").casefold()
    same = [zone for zone in time_zones() if zone.casefold() == city]
    fitting = same or [zone for zone in time_zones() if zone.casefold().endswith(f"/{city}")]
    if len(fitting) == 1:
        field.data = fitting[0]
    if field.data not in time_zones():
        raise ValidationError(_("This time zone is not known; write it as Asia/Phnom_Penh."))


def elsewhere(_form: Any, field: Any) -> None:
    """Refuse what is no plain address of another site."""
    if field.data and not is_elsewhere(field.data):
        raise ValidationError(_("Give a full address, like https://www.example.org/."))


class EventForm(PageForm):
    """The event."""

    title = LineField(_("Title"), [DataRequired(_("Give the event a title.")), Length(max=200), readable_name])
    venue = LineField(_("Venue"), [Length(max=200)])
    time_zone = LineField(
        _("Time zone of the venue"), [DataRequired(_("Choose the venue's time zone.")), Length(max=64), known_zone]
    )
    starts_on = DateField(_("First day"), [InputRequired(DAY), near])
    ends_on = DateField(_("Last day"), [InputRequired(DAY), near])
    delete_on = DateField(_("Everything is deleted on"), [Optional(), near])
    preset = RadioField(
        _("What people see of each other"),
        choices=[SelectChoice("open", _("Open")), SelectChoice("discreet", _("Discreet"))],
    )
    exit_to = LineField(_("Where the quick exit leads"), [Length(max=LONGEST_ADDRESS), elsewhere])
    working_languages = LanguagesField(
        _("Working languages"), [DataRequired(_("Give at least one working language.")), Length(max=400)]
    )
    host_language = LanguagesField(_("Language of the host country"), [Length(max=80)], most=1)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then the order of the days."""
        if not super().validate(extra_validators):
            return False
        if self.ends_on.data < self.starts_on.data:
            return add_error(self.ends_on, _("The event ends before it starts."))
        return True

    def values(self) -> EventValues:
        """Return what was typed."""
        return EventValues(
            title=self.title.data,
            venue=self.venue.data or "",
            time_zone=self.time_zone.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            delete_on=self.delete_on.data
            or usual_day(self.ends_on.data, self.preset.data, time_zone=self.time_zone.data),
            preset=self.preset.data,
            exit_to=self.exit_to.data or "",
            working_languages=self.working_languages.codes,
            host_language=next(iter(self.host_language.codes), None),
        )


def event_as_typed(event: Event | None) -> dict[str, Any]:
    """Return the event as the form shows it."""
    if event is None:
        return {"preset": "open"}
    names = ("title", "venue", "time_zone", "starts_on", "ends_on", "delete_on", "preset", "exit_to")
    return {
        **{name: getattr(event, name) for name in names},
        "working_languages": languages_in_words(event.working_languages),
        "host_language": languages_in_words(filter(None, [event.host_language])),
    }


@translatable(title=120, heading=120)
class InterestForm(PageForm):
    """One interest of the list."""

    heading = LineField(
        _("Heading"), [DataRequired(_("Give the heading it stands under.")), Length(max=120), readable_name]
    )
    title = LineField(_("Interest"), [DataRequired(_("Give the interest a name.")), Length(max=120), readable_name])


@translatable(title=120)
class RegionForm(PageForm):
    """One region of the list."""

    title = LineField(_("Region"), [DataRequired(_("Give the region a name.")), Length(max=120), readable_name])
