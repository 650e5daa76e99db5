"""Forms of the office: the event, a session, an interest."""

from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from wtforms import BooleanField, DateField, RadioField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from webapp.errors import BadInput
from webapp.forms.languages import LanguagesField, languages_in_words
from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, LinesField, WholeField, readable_name
from webapp.i18n import gettext, ngettext, show_day, show_time
from webapp.i18n import lazy_gettext as _
from webapp.models import Event, Region, Session
from webapp.operations.programme import EventValues, SessionValues, rounds_end
from webapp.operations.tables import MOST_TABLES, as_range, read_names, read_range

YEARS = range(2000, 2101)
DAY = _("Give the day as year, month and day, like 2013-06-19.")
TIME = _("Give the time as hours and minutes, like 14:00.")
WHOLE = _("Give a whole number.")


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


def whole(label: Any, least: int, most: int) -> WholeField:
    """Return a field for a whole number that may be left out."""
    between = NumberRange(least, most, _("Give a whole number from %(min)s to %(max)s."))
    return WholeField(label, [Optional(), between])


def add_error(field: Any, sentence: str) -> bool:
    """Put a sentence beside a field; return False, as validators do."""
    field.errors = [*field.errors, sentence]
    return False


class EventForm(PageForm):
    """The event."""

    title = LineField(_("Title"), [DataRequired(_("Give the event a title.")), Length(max=200), readable_name])
    venue = LineField(_("Venue"), [Length(max=200)])
    time_zone = LineField(
        _("Time zone of the venue"), [DataRequired(_("Choose the venue's time zone.")), Length(max=64), known_zone]
    )
    starts_on = DateField(_("First day"), [InputRequired(DAY), near])
    ends_on = DateField(_("Last day"), [InputRequired(DAY), near])
    delete_on = DateField(_("To be deleted by"), [InputRequired(DAY), near])
    preset = RadioField(
        _("What people see of each other"),
        choices=[SelectChoice("open", _("Open")), SelectChoice("discreet", _("Discreet"))],
    )
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
        if self.delete_on.data <= self.ends_on.data:
            return add_error(self.delete_on, _("Everything would be deleted before the event is over."))
        return True

    def values(self) -> EventValues:
        """Return what was typed."""
        return EventValues(
            title=self.title.data,
            venue=self.venue.data or "",
            time_zone=self.time_zone.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            delete_on=self.delete_on.data,
            preset=self.preset.data,
            working_languages=self.working_languages.codes,
            host_language=next(iter(self.host_language.codes), None),
        )


def event_as_typed(event: Event | None) -> dict[str, Any]:
    """Return the event as the form shows it."""
    if event is None:
        return {"preset": "open"}
    names = ("title", "venue", "time_zone", "starts_on", "ends_on", "delete_on", "preset")
    return {
        **{name: getattr(event, name) for name in names},
        "working_languages": languages_in_words(event.working_languages),
        "host_language": languages_in_words(filter(None, [event.host_language])),
    }


class SessionForm(PageForm):
    """A session of the programme."""

    title = LineField(_("Title"), [DataRequired(_("Give the session a title.")), Length(max=200), readable_name])
    summary = LinesField(_("What it is about"), [Length(max=1000)])
    room = LineField(_("Room"), [Length(max=120)])
    day = DateField(_("Day"), [InputRequired(DAY)])
    start = TimeField(_("Starts at"), [InputRequired(TIME)])
    end = TimeField(_("Ends at"), [InputRequired(TIME)])
    end_day = DateField(_("Ends on another day"), [Optional()])
    audience = SelectField(_("Who may come"), [InputRequired()])
    format = RadioField(
        _("Format"),
        choices=[
            SelectChoice("plain", _("Plain")),
            SelectChoice("pairs", _("Pairs")),
            SelectChoice("clinics", _("Clinics")),
            SelectChoice("stations", _("Stations")),
            SelectChoice("circles", _("Circles")),
        ],
    )
    rounds = whole(_("Rounds"), 1, 100)
    round_minutes = whole(_("Minutes of a round"), 1, 240)
    change_minutes = whole(_("Minutes to change tables"), 0, 60)
    apart = BooleanField(_("People of the same organisation do not meet"))
    shared_language = BooleanField(_("Only people who share a language meet"))
    regions = SelectField(
        _("Regions"),
        [InputRequired()],
        choices=[
            SelectChoice("mix", _("Rather people of different regions")),
            SelectChoice("same", _("Rather people of the same region")),
            SelectChoice("any", _("Regions do not matter")),
        ],
    )
    first_table = whole(_("First table"), 1, MOST_TABLES)
    last_table = whole(_("Last table"), 1, MOST_TABLES)
    letters = LineField(_("Places at each table"), [Length(max=60)])
    table_names = LinesField(_("Names of the tables"), [Length(max=20_000)])

    def __init__(self, *, event: Event, known: list[Region], **options: Any) -> None:
        super().__init__(**options)
        self.first_day, self.last_day = event.starts_on, event.ends_on
        self.audience.choices = [
            SelectChoice("everybody", _("Everybody")),
            SelectChoice("members", _("Members")),
            *(SelectChoice(f"region:{one.slug}", _("People tied to %(region)s", region=one.title)) for one in known),
        ]
        self.tables: tuple[str, ...] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that times, rounds and tables go together."""
        if not super().validate(extra_validators):
            return False
        return all([self._days_fit() and self._times_fit() and self._rounds_fit(), self._tables_read()])

    def _days_fit(self) -> bool:
        for field in (self.day, self.end_day):
            if field.data and not self.first_day <= field.data <= self.last_day:
                first, last = show_day(self.first_day), show_day(self.last_day)
                return add_error(field, _("The event runs from %(first)s to %(last)s.", first=first, last=last))
        return True

    def _times_fit(self) -> bool:
        fits = self.ends > self.starts
        return fits or add_error(self.end, _("The session ends before it starts."))

    def _rounds_fit(self) -> bool:
        if self.format.data == "plain":
            return True
        missing = [f for f in (self.rounds, self.round_minutes, self.change_minutes) if f.data is None]
        for field in missing:
            add_error(field, _("A session with rounds needs this number."))
        if missing:
            return False
        last = rounds_end(self.starts, **self._timing())
        if last <= self.ends:
            return True
        over = int((last - self.ends).total_seconds()) // 60
        return add_error(
            self.rounds,
            ngettext(
                "%(sum)s, that is %(num)s minute after the session's end at %(end)s.",
                "%(sum)s, that is %(num)s minutes after the session's end at %(end)s.",
                over,
                sum=arithmetic(self.starts, **self._timing()),
                end=show_time(self.ends),
            ),
        )

    def _tables_read(self) -> bool:
        ranged = any(f.data not in (None, "") for f in (self.first_table, self.last_table, self.letters))
        if ranged and self.table_names.data:
            return add_error(self.table_names, _("Give a range or a list of names, not both; empty one of the two."))
        if ranged and None in (self.first_table.data, self.last_table.data):
            empty = self.first_table if self.first_table.data is None else self.last_table
            return add_error(empty, _("A range needs a first and a last number."))
        try:
            self.tables = tuple(self._named())
        except BadInput as refusal:
            return add_error(self[refusal.field], refusal.sentence)
        return True

    def _named(self) -> list[str]:
        if self.first_table.data is None:
            return read_names(self.table_names.data or "")
        return read_range(self.first_table.data, self.last_table.data, self.letters.data or "").names

    def _timing(self) -> dict[str, int]:
        names = ("rounds", "round_minutes", "change_minutes")
        return {name: self[name].data for name in names}

    @property
    def starts(self) -> datetime:
        """When the session starts, on the venue's clock."""
        return datetime.combine(self.day.data, self.start.data)

    @property
    def ends(self) -> datetime:
        """When the session ends, on the venue's clock."""
        return datetime.combine(self.end_day.data or self.day.data, self.end.data)

    def values(self) -> SessionValues:
        """Return what was typed."""
        kind, _colon, region = self.audience.data.partition(":")
        plain = self.format.data == "plain"
        return SessionValues(
            title=self.title.data,
            summary=self.summary.data or "",
            format=self.format.data,
            room=self.room.data or "",
            starts=self.starts,
            ends=self.ends,
            audience=kind,
            region=region or None,
            rounds=0 if plain else self.rounds.data,
            round_minutes=self.round_minutes.data or 6,
            change_minutes=2 if self.change_minutes.data is None else self.change_minutes.data,
            same_organisation="apart" if self.apart.data else "allow",
            shared_language=self.shared_language.data,
            regions=self.regions.data,
            tables=self.tables,
        )


def arithmetic(starts: datetime, *, rounds: int, round_minutes: int, change_minutes: int) -> str:
    """Return when the rounds end, with the numbers it follows from."""
    last = rounds_end(starts, rounds=rounds, round_minutes=round_minutes, change_minutes=change_minutes)
    end = show_time(last)
    if rounds == 1:
        return gettext("1 round of %(minutes)s minutes ends at %(end)s", minutes=round_minutes, end=end)
    return ngettext(
        "%(num)s round of %(minutes)s + %(change)s minutes ends at %(end)s",
        "%(num)s rounds of %(minutes)s + %(change)s minutes end at %(end)s",
        rounds,
        minutes=round_minutes,
        change=change_minutes,
        end=end,
    )


def session_as_typed(session: Session | None, *, first_day: date) -> dict[str, Any]:
    """Return a session as the form shows it; for a new one, what is usual."""
    if session is None:
        usual = {"format": "pairs", "audience": "everybody", "round_minutes": 6, "change_minutes": 2, "regions": "mix"}
        return {**usual, "day": first_day, "apart": True, "shared_language": True}
    names = ("title", "summary", "room", "format", "round_minutes", "change_minutes", "shared_language", "regions")
    region = session.audience_region
    return {
        **{name: getattr(session, name) for name in names},
        "rounds": session.rounds or None,
        "day": session.starts.date(),
        "start": session.starts.time(),
        "end": session.ends.time(),
        "end_day": None if session.ends.date() == session.starts.date() else session.ends.date(),
        "audience": f"region:{region.slug}" if region else session.audience,
        "apart": session.same_organisation == "apart",
        **_tables_as_typed([table.name for table in session.tables]),
    }


def _tables_as_typed(names: list[str]) -> dict[str, Any]:
    found = as_range(names)
    if found is None:
        return {"table_names": ", ".join(names)}
    return {"first_table": found.first, "last_table": found.last, "letters": str(found).partition(" × ")[2]}


class InterestForm(PageForm):
    """One interest of the list."""

    heading = LineField(
        _("Heading"), [DataRequired(_("Give the heading it stands under.")), Length(max=120), readable_name]
    )
    title = LineField(_("Interest"), [DataRequired(_("Give the interest a name.")), Length(max=120), readable_name])
