"""The profile form: one page, every value kept whatever is wrong with it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, time
from itertools import islice
from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from webapp.forms.apart import NamesField
from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, LinesField, readable_name
from webapp.i18n import countries, isolate, language_name, languages, show_day
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.operations.host_wishes import MOST_WISHED_HOSTS, field_name
from webapp.operations.profiles import (
    MOST_SPANS,
    MOST_WISHED_ORGANISATIONS,
    MOST_WISHED_PEOPLE,
    Opened,
    Profile,
    Span,
)
from webapp.wording import role_name

NAME_LENGTH, ORGANISATION_LENGTH, QUESTION_LENGTH = 80, 200, 300
QUESTION = "question-"
ROLES = ("member", "donor", "stakeholder", "guest")
SPANS = tuple(range(1, MOST_SPANS + 1))
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
EVENT_NUMBER = re.compile(r"[0-9A-Za-z]{1,8}", re.ASCII)
BETWEEN_NUMBERS = re.compile(r"[\s,;.،؛#]+")


class ChoiceField(SelectField):
    """One of a list; what was sent stays to be seen."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, invalid_choice_message=__("Choose one from the list."), default="", **options)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Take over what may be chosen."""
        self.choices = [SelectChoice(value, label) for value, label in choices]


class ChipsField(SelectMultipleField):
    """Several of a list, as boxes to tick, under headings where there are any."""

    widget, option_widget = ListWidget(prefix_label=False), CheckboxInput()

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        message = __("Something here is not in the list; look at what is ticked and save again.")
        super().__init__(label, validators, invalid_choice_message=message, **options)
        self.headings: list[tuple[str, int]] = []

    def offer(self, groups: Iterable[tuple[str, list[tuple[str, str]]]]) -> None:
        """Take over what may be chosen, heading by heading."""
        groups = list(groups)
        self.choices = [SelectChoice(value, label) for _heading, choices in groups for value, label in choices]
        self.headings = [(heading, len(choices)) for heading, choices in groups]

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is ticked, each once."""
        return tuple(dict.fromkeys(self.data or ()))

    def grouped(self) -> Iterator[tuple[str, list[Field]]]:
        """Yield each heading with its boxes."""
        boxes = iter(self)
        for heading, size in self.headings:
            yield heading, list(islice(boxes, size))


class ClockField(LineField):
    """A time of day, shown again as it was sent."""

    widget = TimeInput()

    @property
    def time(self) -> time | None:
        """The time, None where none or no time was sent."""
        found = CLOCK.fullmatch(self.data or "")
        return time(int(found[1]), int(found[2])) if found else None


def at_most(length: int) -> Length:
    """Return a validator for the length of a text."""
    return Length(max=length, message=__("Use at most %(max)d characters."))


def in_latin(_form: Any, field: Any) -> None:
    """Refuse letters that are not Latin ones."""
    if not is_latin(field.data or ""):
        raise ValidationError(
            _("Write this one in Latin letters (A to Z, accents are fine), so that the desk finds you.")
        )


def is_latin(text: str) -> bool:
    """Return whether every letter is a Latin one."""
    return all("LATIN" in unicodedata.name(c, "") for c in text if unicodedata.category(c) in {"Lu", "Ll", "Lt", "Lo"})


def plain_number(typed: str) -> str:
    """Return an event number with its digits in one script."""
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in typed)


class ProfileForm(PageForm):
    """What a person brings, seeks and needs."""

    revision = HiddenField()
    name = LineField(
        __("Name, as others shall see it"),
        [InputRequired(__("Give a name; it may be a short or an invented one.")), at_most(NAME_LENGTH), readable_name],
    )
    latin = LineField(__("The same name in Latin letters"), [at_most(NAME_LENGTH), readable_name, in_latin])
    organisation = LineField(__("Organisation"), [at_most(ORGANISATION_LENGTH), readable_name])
    country = ChoiceField(__("Country you work in"))
    regions = ChipsField(__("Regions you work on"))
    languages = ChipsField(__("Languages you can talk in"))
    more_1 = ChoiceField(__("Another language"))
    more_2 = ChoiceField(__("One more language"))
    best = ChoiceField(__("The one you speak best"))
    offers = ChipsField(__("What you can offer"))
    seeks = ChipsField(__("What you are looking for"))
    wished_roles = ChipsField(__("Kinds of guests"))
    wished_regions = ChipsField(__("People who work on"))
    wished_organisations = LinesField(__("Organisations"), [at_most(600)])
    wished_people = LineField(__("Event numbers of people"), [at_most(60)])
    apart = NamesField(__("People I need not meet here: we know each other well, or I would rather not"))
    first_time = BooleanField(__("This is my first time at this event"))
    seated = BooleanField(__("I need to stay seated at one table"))
    away_1_day = ChoiceField(__("Day"))
    away_1_from = ClockField(__("From"))
    away_1_to = ClockField(__("To"))
    away_2_day = ChoiceField(__("Day"))
    away_2_from = ClockField(__("From"))
    away_2_to = ClockField(__("To"))
    away_3_day = ChoiceField(__("Day"))
    away_3_from = ClockField(__("From"))
    away_3_to = ClockField(__("To"))

    @property
    def opened_at(self) -> str:
        """The save that the sent form was opened from."""
        return (self.revision.raw_data or [""])[0]

    def validate_languages(self, _field: Field) -> None:
        """Ask for at least one language, wherever it was chosen."""
        if not self._languages():
            raise ValidationError(_("Choose at least one language."))

    def validate_wished_organisations(self, _field: Field) -> None:
        """Ask for names that can be read, one a line."""
        names = self._organisations()
        if len(names) > MOST_WISHED_ORGANISATIONS:
            raise ValidationError(_("Name at most %(most)d organisations.", most=MOST_WISHED_ORGANISATIONS))
        if any(len(name) > ORGANISATION_LENGTH for name in names):
            raise ValidationError(_("A name may have at most %(most)d characters.", most=ORGANISATION_LENGTH))
        for name in names:
            if not any(c.isalnum() for c in name):
                raise ValidationError(_("A name needs at least one letter or digit."))

    def validate_wished_people(self, _field: Field) -> None:
        """Ask for event numbers; whether somebody has them is told to nobody."""
        numbers = self._numbers()
        if len(numbers) > MOST_WISHED_PEOPLE:
            raise ValidationError(_("Give at most %(most)d event numbers.", most=MOST_WISHED_PEOPLE))
        if not all(EVENT_NUMBER.fullmatch(number) for number in numbers):
            raise ValidationError(_("Give event numbers as they stand on badges, with a space between two of them."))

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
        wrong = False
        for clock in (start, end):
            if clock.data and clock.time is None:
                wrong = _note(clock, _("Give a time as hours and minutes, such as 14:30."))
        if not day.data and (start.data or end.data):
            wrong = _note(day, _("Choose the day as well."))
        if start.time and end.time and end.time <= start.time:
            wrong = _note(end, _("This must be later than %(time)s.", time=start.data))
        if end.time == time.min and not start.data:
            wrong = _note(end, _("Leave this empty if you are away until the end of the day."))
        return wrong

    def _languages(self) -> list[str]:
        chosen = [*(self.languages.data or []), self.more_1.data, self.more_2.data]
        return [code for code in dict.fromkeys([self.best.data, *chosen]) if code]

    def _organisations(self) -> list[str]:
        lines = (" ".join(line.split()) for line in (self.wished_organisations.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def _numbers(self) -> list[str]:
        parts = BETWEEN_NUMBERS.split(plain_number(self.wished_people.data or ""))
        return list(dict.fromkeys(part for part in parts if part))

    def profile(self) -> Profile:
        """Return what was typed, after it was found right."""
        name = str(self.name.data)
        return Profile(
            name=name,
            latin=self.latin.data or (name if is_latin(name) else ""),
            organisation=" ".join((self.organisation.data or "").split()),
            country=self.country.data,
            languages=tuple(self._languages()),
            regions=self.regions.chosen,
            offers=self.offers.chosen,
            seeks=self.seeks.chosen,
            wished_people=" ".join(self._numbers()),
            wished_organisations=tuple(self._organisations()),
            wished_roles=self.wished_roles.chosen,
            wished_regions=self.wished_regions.chosen,
            first_time=self.first_time.data,
            seated=self.seated.data,
            away=tuple(self._spans()),
            questions=tuple(self._asked()),
            specialists=tuple(self._wished_specialists()),
        )

    @property
    def questions(self) -> list[Field]:
        """The fields for a question, one for each session with specialists."""
        return [field for field in self if field.name.startswith(QUESTION)]

    def ranks(self, slug: str) -> list[ChoiceField]:
        """Return the fields for the specialists whom one would like to see in a session, the first wish first."""
        return [self[name] for name in _rank_names(slug) if name in self]

    def _wished_specialists(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for field in self.questions:
            slug = field.name.removeprefix(QUESTION)
            chosen = tuple(dict.fromkeys(one.data for one in self.ranks(slug) if one.data))
            if chosen:
                yield slug, chosen

    def _asked(self) -> Iterator[tuple[str, str]]:
        for field in self.questions:
            text = " ".join((field.data or "").split())
            if text:
                yield field.name.removeprefix(QUESTION), text

    def _spans(self) -> Iterator[Span]:
        for day, start, end in map(self.absence, SPANS):
            if day.data:
                starts = None if start.time == time.min else start.time
                yield Span(date.fromisoformat(day.data), starts, end.time)


def _note(field: Field, sentence: str) -> bool:
    field.errors = [*field.errors, sentence]
    return True


def profile_form(opened: Opened) -> ProfileForm:
    """Return the form as it was sent, else as the profile stands, with all that may be chosen."""
    form = _with_questions(opened)(data=_typed(opened))
    for slug, _title in opened.clinics:
        wished = [(one.public_id, isolate(one.name)) for one in opened.specialists.get(slug, ())]
        for field in form.ranks(slug):
            field.offer([("", _("Nobody")), *wished])
    spoken = [("", _("None")), *languages()]
    form.country.offer([("", _("Not said")), *countries()])
    form.languages.offer([("", [(code, language_name(code)) for code in opened.languages])])
    form.more_1.offer(spoken)
    form.more_2.offer(spoken)
    named = [(code, language_name(code)) for code in opened.languages]
    others = [choice for choice in languages() if choice[0] not in opened.languages]
    form.best.offer([("", _("Not said")), *named, *others])
    for field in (form.offers, form.seeks):
        field.offer(opened.interests)
    for field in (form.regions, form.wished_regions):
        field.offer([("", opened.regions)])
    form.wished_roles.offer([("", [(role, role_name(role)) for role in ROLES])])
    days = [("", _("Not away")), *((day.isoformat(), show_day(day)) for day in opened.days)]
    for span in SPANS:
        form.absence(span)[0].offer(_with_own(days, opened.profile.away[span - 1 : span]))
    return form


def _with_questions(opened: Opened) -> type[ProfileForm]:
    """The form with fields for each session in which the person may ask something: what, and whom."""
    labels = (__("First wish"), __("Second wish"), __("Third wish"))
    asked: dict[str, Field] = {
        f"{QUESTION}{slug}": LinesField(isolate(title), [at_most(QUESTION_LENGTH)]) for slug, title in opened.clinics
    }
    for slug in (slug for slug, those in opened.specialists.items() if those):
        asked |= {name: ChoiceField(label) for name, label in zip(_rank_names(slug), labels, strict=True)}
    return type("ProfileForm", (ProfileForm,), asked)


def _rank_names(slug: str) -> list[str]:
    return [field_name(slug, rank) for rank in range(1, MOST_WISHED_HOSTS + 1)]


def _with_own(days: list[tuple[str, str]], own: tuple[Span, ...]) -> list[tuple[str, str]]:
    """Keep an absence on a day outside the event on the list."""
    known = {day for day, _label in days}
    return days + [(span.day.isoformat(), show_day(span.day)) for span in own if span.day.isoformat() not in known]


def _typed(opened: Opened) -> dict[str, Any]:
    profile = opened.profile
    same = ("name", "latin", "organisation", "country", "regions", "languages", "offers", "seeks", "wished_people")
    values: dict[str, Any] = {key: getattr(profile, key) for key in (*same, "wished_roles", "wished_regions")}
    values |= {"revision": str(opened.revision), "best": profile.languages[0] if profile.languages else ""}
    values |= {"wished_organisations": "\n".join(profile.wished_organisations)}
    values |= {"first_time": profile.first_time, "seated": profile.seated}
    values |= {f"{QUESTION}{slug}": text for slug, text in profile.questions}
    for slug, chosen in profile.specialists:
        values |= {field_name(slug, rank): one for rank, one in enumerate(chosen, start=1)}
    for number, span in enumerate(profile.away, start=1):
        values[f"away_{number}_day"] = span.day.isoformat()
        values[f"away_{number}_from"] = f"{span.starts:%H:%M}" if span.starts else ""
        values[f"away_{number}_to"] = f"{span.ends:%H:%M}" if span.ends else ""
    return values
