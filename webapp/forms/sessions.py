"""The form of a session, with its rounds, rules and tables."""

import re
from datetime import date, datetime
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from webapp.errors import BadInput
from webapp.forms.speech import DAY, TIME, PageForm, add_error
from webapp.forms.text import LineField, LinesField, readable_name, whole
from webapp.forms.titles import translatable
from webapp.i18n import gettext, ngettext, show_day, show_time
from webapp.i18n import lazy_gettext as _
from webapp.models import Event, Region, Session
from webapp.models.programme import Timing
from webapp.operations.event.programme import SessionValues
from webapp.operations.event.tables import MOST_TABLES, as_range, read_names, read_range

USUAL_SIZE, USUAL_BREAK = 4, 15


class ProgrammeForm(PageForm):
    """What any session has: its name, its time, who may come."""

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
            SelectChoice("plain", _("No rounds")),
            SelectChoice("pairs", _("One-to-one rounds")),
            SelectChoice("clinics", _("Talks with specialists")),
            SelectChoice("stations", _("Groups at tool tables")),
            SelectChoice("circles", _("Small tables")),
        ],
    )

    def __init__(self, *, event: Event, known: list[Region], **options: Any) -> None:
        super().__init__(**options)
        self.first_day, self.last_day = event.starts_on, event.ends_on
        self.audience.choices = [
            SelectChoice("everybody", _("Everybody")),
            SelectChoice("members", _("Members")),
            *(SelectChoice(f"region:{one.slug}", _("People tied to %(region)s", region=one.title)) for one in known),
        ]

    def _days_fit(self) -> bool:
        for field in (self.day, self.end_day):
            if field.data and not self.first_day <= field.data <= self.last_day:
                first, last = show_day(self.first_day), show_day(self.last_day)
                return add_error(field, _("The event runs from %(first)s to %(last)s.", first=first, last=last))
        return True

    def _times_fit(self) -> bool:
        fits = self.ends > self.starts
        return fits or add_error(self.end, _("The session ends before it starts."))

    @property
    def starts(self) -> datetime:
        """When the session starts, on the venue's clock."""
        return datetime.combine(self.day.data, self.start.data)

    @property
    def ends(self) -> datetime:
        """When the session ends, on the venue's clock."""
        return datetime.combine(self.end_day.data or self.day.data, self.end.data)


@translatable(title=200, summary=1000)
class SessionForm(ProgrammeForm):
    """A session of the programme, with the rounds, rules and tables that a plain one does without."""

    rounds = whole(_("Rounds"), 1, 100)
    round_minutes = whole(_("Minutes of a round"), 1, 240)
    change_minutes = whole(_("Minutes to change tables"), 0, 60)
    break_after = LineField(_("Break after round"), [Length(max=60)])
    break_minutes = whole(_("Minutes of a break"), 1, 240)
    limit = whole(_("Most meetings of one person"), 1, 100)
    size = whole(_("People at a table"), 2, 20)
    move = RadioField(
        _("How people move"),
        choices=[
            SelectChoice("each", _("Everybody on a way of their own")),
            SelectChoice("groups", _("Fixed groups")),
        ],
        default="each",
    )
    must_attend = BooleanField(_("Everybody who may come must attend"))
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

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tables: tuple[str, ...] = ()
        self.breaks: list[int] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that times, rounds and tables go together."""
        if not super().validate(extra_validators):
            return False
        return all([self._days_fit() and self._times_fit() and self._rounds_fit(), self._tables_read()])

    def _rounds_fit(self) -> bool:
        if self.format.data == "plain":
            return True
        missing = [f for f in (self.rounds, self.round_minutes, self.change_minutes) if f.data is None]
        for field in missing:
            add_error(field, _("A session with rounds needs this number."))
        if missing or not self._breaks_fit():
            return False
        last = self.starts + self.timing.length
        if last <= self.ends:
            return True
        over = int((last - self.ends).total_seconds()) // 60
        return add_error(
            self.rounds,
            ngettext(
                "%(sum)s, that is %(num)s minute after the session's end at %(end)s.",
                "%(sum)s, that is %(num)s minutes after the session's end at %(end)s.",
                over,
                sum=arithmetic(self.starts, self.timing),
                end=show_time(self.ends),
            ),
        )

    def _breaks_fit(self) -> bool:
        typed = (self.break_after.data or "").strip()
        parts = [part for part in re.split(r"[\s,;،؛、]+", typed) if part]
        if not all(part.isdecimal() and 1 <= int(part[:4]) < self.rounds.data for part in parts):
            last = self.rounds.data - 1
            return add_error(
                self.break_after,
                gettext("Give the rounds before a break, from 1 to %(last)s, like 3 or 3, 6.", last=last)
                if last > 0
                else gettext("A single round has no break after it."),
            )
        self.breaks = sorted({int(part) for part in parts})
        if self.breaks and self.break_minutes.data is None:
            return add_error(self.break_minutes, gettext("Say how long the break is."))
        return True

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

    @property
    def timing(self) -> Timing:
        """How the rounds follow one another."""
        return Timing(
            self.rounds.data,
            self.round_minutes.data,
            self.change_minutes.data,
            self.breaks,
            self.break_minutes.data or 0,
        )

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
            break_after=() if plain else tuple(self.breaks),
            break_minutes=self.break_minutes.data or USUAL_BREAK,
            must_attend=plain and self.must_attend.data,
            limit=None if plain else self.limit.data,
            size=self.size.data or USUAL_SIZE,
            move=self.move.data or "each",
            same_organisation="apart" if self.apart.data else "allow",
            shared_language=self.shared_language.data,
            regions=self.regions.data,
            tables=self.tables,
        )


def arithmetic(starts: datetime, timing: Timing) -> str:
    """Return when the rounds end, with the numbers it follows from."""
    end = show_time(starts + timing.length)
    if timing.rounds == 1:
        return gettext("1 round of %(minutes)s minutes ends at %(end)s", minutes=timing.round_minutes, end=end)
    rounds = ngettext(
        "%(num)s round of %(minutes)s + %(change)s minutes",
        "%(num)s rounds of %(minutes)s + %(change)s minutes",
        timing.rounds,
        minutes=timing.round_minutes,
        change=timing.change_minutes,
    )
    if not timing.break_after:
        return gettext("%(rounds)s end at %(end)s", rounds=rounds, end=end)
    breaks = ngettext(
        "%(num)s break of %(minutes)s minutes",
        "%(num)s breaks of %(minutes)s minutes",
        len(timing.break_after),
        minutes=timing.break_minutes,
    )
    return gettext("%(rounds)s and %(breaks)s end at %(end)s", rounds=rounds, breaks=breaks, end=end)


def session_as_typed(session: Session | None, *, first_day: date) -> dict[str, Any]:
    """Return a session as the form shows it; for a new one, what is usual."""
    if session is None:
        usual = {"format": "pairs", "audience": "everybody", "round_minutes": 6, "change_minutes": 2, "regions": "mix"}
        return {**usual, "day": first_day, "apart": True, "shared_language": True, "size": USUAL_SIZE, "move": "each"}
    names = (
        "title", "summary", "room", "format", "round_minutes", "change_minutes", "shared_language", "regions",
        "must_attend", "limit", "size", "move",
    )  # fmt: skip
    region = session.audience_region
    return {
        **{name: getattr(session, name) for name in names},
        "rounds": session.rounds or None,
        "break_after": ", ".join(map(str, session.break_after)),
        "break_minutes": session.break_minutes if session.break_after else None,
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
