"""The third screen of the profile: how I want to meet."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from webapp.forms.apart import NamesField
from webapp.forms.profile import (
    BETWEEN_NUMBERS,
    EVENT_NUMBER,
    ChipsField,
    ChoiceField,
    ClockField,
    ScreenForm,
    at_most,
    in_one_line,
    plain_number,
    spoken,
)
from webapp.forms.speech import add_error
from webapp.forms.text import LinesField, is_readable
from webapp.i18n import gettext as _
from webapp.i18n import isolate, show_day
from webapp.i18n import lazy_gettext as __
from webapp.models.programme import ROLES
from webapp.operations.profile.host_wishes import MOST_WISHED_HOSTS, field_name
from webapp.operations.profile.meeting import MOST_NAMES, MOST_SPANS, Choices, Manner, Span
from webapp.operations.profile.profiles import Opened
from webapp.policy import shows
from webapp.wording import role_name

LINE_LENGTH, QUESTION_LENGTH = 200, 300
QUESTION = "question-"
SPANS = tuple(range(1, MOST_SPANS + 1))
LABELS = {"day": __("Day"), "from": __("From"), "to": __("To")}


class MeetingForm(ScreenForm):
    """Wishes and needs; take it from `meeting_form`, which adds the fields for questions and absences."""

    wished_roles = ChipsField(__("Kinds of guests"))
    wished_regions = ChipsField(__("People who work on"))
    wished_names = LinesField(__("People and organisations"), [at_most(1200)])
    wished_listed = ChipsField(__("From the list of those who put themselves on it"))
    apart = NamesField(__("People I need not meet here: we know each other well, or I would rather not"))
    listed = BooleanField(__("Put my name on a list from which others may pick me"))
    first_time = BooleanField(__("This is my first time at this event"))
    seated = BooleanField(__("I need to stay seated at one table"))
    companion = BooleanField(__("I bring a helper or an interpreter"))
    companion_languages = ChipsField(__("Languages my interpreter speaks"))
    companion_more = ChoiceField(__("Another language of theirs"))

    def fill(self, opened: Opened[Manner], choices: Choices) -> None:
        """Take over all that may be chosen."""
        here, others = spoken(choices.languages)
        self.wished_roles.offer([("", [(role, role_name(role)) for role in ROLES])])
        self.wished_regions.offer([("", choices.regions)])
        self.wished_listed.offer([("", [(name, name) for name in choices.listed])])
        self.companion_languages.offer([("", here)])
        self.companion_more.offer([("", _("None")), *others])
        for slug, _title in choices.clinics:
            wished = [(one.public_id, isolate(one.name)) for one in choices.specialists.get(slug, ())]
            for one in self.ranks(slug):
                one.offer([("", _("Nobody")), *wished])
        days = [("", _("Not away")), *((day.isoformat(), show_day(day)) for day in choices.days)]
        for span in SPANS:
            self.absence(span)[0].offer(_with_own(days, opened.part.away[span - 1 : span]))
        self._listed = opened.part.listed
        if not shows("listed", to="others", preset=opened.event.preset):
            del self.listed

    # --- checking ---------------------------------------------------------------------------------------------------

    def validate_wished_names(self, _field: Field) -> None:
        """Ask for what can be read, one a line; whether somebody is called so is told to nobody."""
        lines = self._lines()
        if len(lines) > MOST_NAMES:
            raise ValidationError(_("Name at most %(most)d.", most=MOST_NAMES))
        if any(len(line) > LINE_LENGTH for line in lines):
            raise ValidationError(_("A name may have at most %(most)d characters.", most=LINE_LENGTH))
        if not all(is_readable(line) for line in lines):
            raise ValidationError(_("A name needs at least one letter or digit."))

    def validate_wished_listed(self, field: Any) -> None:
        """Ask for few."""
        if len(field.chosen) > MOST_NAMES:
            raise ValidationError(_("Name at most %(most)d.", most=MOST_NAMES))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then each absence as a whole."""
        fine = super().validate(extra_validators)
        wrong = [self._complain(span) for span in SPANS]
        return fine and not any(wrong)

    def absence(self, span: int) -> tuple[ChoiceField, ClockField, ClockField]:
        """Return the three fields of one absence."""
        return self[f"away_{span}_day"], self[f"away_{span}_from"], self[f"away_{span}_to"]

    def _complain(self, span: int) -> bool:
        day, start, end = self.absence(span)
        fine = True
        for clock in (start, end):
            if clock.data and clock.time is None:
                fine = add_error(clock, _("Give a time as hours and minutes, such as 14:30."))
        if not day.data and (start.data or end.data):
            fine = add_error(day, _("Choose the day as well."))
        if start.time and end.time and end.time <= start.time:
            fine = add_error(end, _("This must be later than %(time)s.", time=start.data))
        if end.time == time.min and not start.data:
            fine = add_error(end, _("Leave this empty if you are away until the end of the day."))
        return not fine

    # --- reading ----------------------------------------------------------------------------------------------------

    def part(self) -> Manner:
        """Return what was typed, after it was found right."""
        tongues = [*self.companion_languages.chosen, self.companion_more.data]
        return Manner(
            names=tuple(dict.fromkeys([*self._lines(), *self.wished_listed.chosen])),
            roles=tuple(sorted(self.wished_roles.chosen)),
            regions=tuple(sorted(self.wished_regions.chosen)),
            listed=self.listed.data if "listed" in self else self._listed,
            questions=tuple(self._asked()),
            specialists=tuple(self._wished_specialists()),
            first_time=self.first_time.data,
            seated=self.seated.data,
            companion=self.companion.data,
            companion_languages=tuple(code for code in dict.fromkeys(tongues) if code),
            away=tuple(self._spans()),
            apart=self.apart.names,
        )

    @property
    def questions(self) -> list[Field]:
        """The fields for a question, one for each session with specialists."""
        return [field for field in self if field.name.startswith(QUESTION)]

    def ranks(self, slug: str) -> list[ChoiceField]:
        """Return the fields for the specialists whom one would like to see in a session, the first wish first."""
        return [self[name] for name in _rank_names(slug) if name in self]

    def _lines(self) -> list[str]:
        """One wish a line; event numbers may stand side by side."""
        found: list[str] = []
        for line in map(in_one_line, (self.wished_names.data or "").splitlines()):
            numbers = [part for part in BETWEEN_NUMBERS.split(plain_number(line)) if part]
            side_by_side = all(part.isdecimal() and EVENT_NUMBER.fullmatch(part) for part in numbers)
            found += numbers if numbers and side_by_side else [line] if line else []
        return list(dict.fromkeys(found))

    def _wished_specialists(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for field in self.questions:
            slug = field.name.removeprefix(QUESTION)
            chosen = tuple(dict.fromkeys(one.data for one in self.ranks(slug) if one.data))
            if chosen:
                yield slug, chosen

    def _asked(self) -> Iterator[tuple[str, str]]:
        for field in self.questions:
            text = in_one_line(field.data)
            if text:
                yield field.name.removeprefix(QUESTION), text

    def _spans(self) -> Iterator[Span]:
        for day, start, end in map(self.absence, SPANS):
            if day.data:
                starts = None if start.time == time.min else start.time
                yield Span(date.fromisoformat(day.data), starts, end.time)


def meeting_form(opened: Opened[Manner], choices: Choices) -> MeetingForm:
    """Return the form as it was sent, else as the profile stands, with all that may be chosen."""
    labels = (__("First wish"), __("Second wish"), __("Third wish"))
    fields: dict[str, Field] = {
        f"{QUESTION}{slug}": LinesField(isolate(title), [at_most(QUESTION_LENGTH)]) for slug, title in choices.clinics
    }
    for slug in (slug for slug, those in choices.specialists.items() if those):
        fields |= {name: ChoiceField(label) for name, label in zip(_rank_names(slug), labels, strict=True)}
    for span in SPANS:
        fields[f"away_{span}_day"] = ChoiceField(LABELS["day"])
        fields |= {f"away_{span}_{end}": ClockField(LABELS[end]) for end in ("from", "to")}
    form: MeetingForm = type("MeetingForm", (MeetingForm,), fields)(data=_typed(opened, choices))
    form.fill(opened, choices)
    return form


def _rank_names(slug: str) -> list[str]:
    return [field_name(slug, rank) for rank in range(1, MOST_WISHED_HOSTS + 1)]


def _with_own(days: list[tuple[str, str]], own: tuple[Span, ...]) -> list[tuple[str, str]]:
    """Keep an absence on a day outside the event on the list."""
    known = {day for day, _label in days}
    return days + [(span.day.isoformat(), show_day(span.day)) for span in own if span.day.isoformat() not in known]


def _typed(opened: Opened[Manner], choices: Choices) -> dict[str, Any]:
    manner = opened.part
    same = ("listed", "first_time", "seated", "companion", "companion_languages")
    values: dict[str, Any] = {key: getattr(manner, key) for key in same} | MeetingForm.hidden(opened)
    values |= {"wished_roles": manner.roles, "wished_regions": manner.regions}
    values["wished_names"] = "\n".join(name for name in manner.names if name not in choices.listed)
    values["wished_listed"] = [name for name in manner.names if name in choices.listed]
    values |= {f"{QUESTION}{slug}": text for slug, text in manner.questions}
    for slug, chosen in manner.specialists:
        values |= {field_name(slug, rank): one for rank, one in enumerate(chosen, start=1)}
    for number, span in enumerate(manner.away, start=1):
        values[f"away_{number}_day"] = span.day.isoformat()
        values[f"away_{number}_from"] = f"{span.starts:%H:%M}" if span.starts else ""
        values[f"away_{number}_to"] = f"{span.ends:%H:%M}" if span.ends else ""
    return values
