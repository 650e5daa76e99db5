"""Forms of the office about who is visited, and about interpreters."""

from collections.abc import Sequence
from typing import Any

from wtforms.validators import DataRequired, Length, ValidationError

from webapp.forms.languages import LanguagesField, languages_in_words
from webapp.forms.profile import ChipsField, plain_number
from webapp.forms.revision import RevisedForm
from webapp.forms.speech import add_error
from webapp.forms.text import LineField, LinesField, readable_name, whole
from webapp.forms.titles import as_typed, translatable
from webapp.i18n import gettext, show_time
from webapp.i18n import lazy_gettext as _
from webapp.models import Host, Interest, Interpreter, Session
from webapp.models.hosts import MOST_PLACES
from webapp.operations.event.tables import LONGEST_NAME
from webapp.operations.guests.hosts import HostValues, rounds_of
from webapp.operations.guests.interpreters import InterpreterValues
from webapp.operations.words.titles import others

USUAL_PLACES = {"clinics": 1, "stations": 8}
USUAL_ROUNDS_IN_A_ROW = 3
LONGEST_NUMBER = 8
SPOKEN = ("title", "note")
"""What may stand in other languages too."""

AS_IT_IS = ("name", "latin", "title", "note", "table", "places", "min_places", "revision")


class HostForm(RevisedForm):
    """What is asked of specialists and of tool tables alike."""

    latin = LineField(_("Name in Latin letters"), [Length(max=80), readable_name])
    organisation = LineField(_("Organisation"), [Length(max=200), readable_name])
    number = LineField(_("Their event number"), [Length(max=LONGEST_NUMBER)])
    languages = LanguagesField(_("Languages"), [Length(max=400)])
    topics = ChipsField(_("Topics"))
    rounds = ChipsField(_("Rounds in which they are there"))
    table = LineField(_("Table"), [Length(max=LONGEST_NAME), readable_name])
    note = LinesField(_("In a sentence or two"), [Length(max=1000)])

    def __init__(self, *, session: Session, known: Sequence[Interest], **options: Any) -> None:
        super().__init__(**options)
        self.session = session
        self.topics.offer([("", [(one.slug, one.title) for one in known])])
        numbers = range(1, session.rounds + 1)
        self.rounds.offer([("", [(str(number), _round(session, number)) for number in numbers])])

    def validate_number(self, field: Any) -> None:
        """Read the digits of every script."""
        field.data = plain_number(field.data or "")
        if not (field.data == "" or (field.data.isascii() and field.data.isdecimal())):
            raise ValidationError(gettext("Give the event number as it stands on the badge, or leave this empty."))

    @property
    def away(self) -> tuple[int, ...]:
        """The rounds that are not ticked."""
        ticked = set(self.rounds.chosen)
        return tuple(number for number in range(1, self.session.rounds + 1) if str(number) not in ticked)

    @property
    def fewest(self) -> int:
        """How many visitors a table needs at least."""
        return 1

    def values(self) -> HostValues:
        """Return what was typed."""
        return HostValues(
            name=self.name.data,
            latin=self.latin.data or "",
            title=self.title.data or "",
            note=self.note.data or "",
            organisation=self.organisation.data or "",
            number=self.number.data or "",
            languages=self.languages.codes,
            topics=self.topics.chosen,
            table=self.table.data or "",
            places=self.places.data or USUAL_PLACES[self.session.format],
            min_places=self.fewest,
            away=self.away,
        )


@translatable(title=120, note=1000)
class SpecialistForm(HostForm):
    """A specialist whom people visit with a question."""

    name = LineField(_("Name"), [DataRequired(_("Give the specialist's name.")), Length(max=80), readable_name])
    title = LineField(_("What people can ask about"), [Length(max=120), readable_name])
    places = whole(_("Visitors at a time"), 1, MOST_PLACES)


@translatable(title=120, note=1000)
class ToolTableForm(HostForm):
    """A table at which a tool is shown."""

    title = LineField(_("Tool"), [DataRequired(_("Say which tool is shown.")), Length(max=120), readable_name])
    name = LineField(_("Presenter"), [DataRequired(_("Say who presents it.")), Length(max=80), readable_name])
    places = whole(_("Visitors at a time"), 1, MOST_PLACES)
    min_places = whole(_("Fewest visitors"), 1, MOST_PLACES)

    @property
    def fewest(self) -> int:
        """How many visitors a table needs at least."""
        return self.min_places.data or 1

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that the numbers go together."""
        if not super().validate(extra_validators):
            return False
        most = self.places.data or USUAL_PLACES["stations"]
        if self.fewest > most:
            return add_error(
                self.min_places, gettext("These are more than the %(most)s visitors at a time.", most=most)
            )
        return True


def host_form(session: Session, host: Host | None, known: Sequence[Interest]) -> HostForm:
    """Return the form that suits the session, filled with what is known of a host."""
    kind = SpecialistForm if session.format == "clinics" else ToolTableForm
    return kind(session=session, known=known, data=host_as_typed(host, session))


def host_as_typed(host: Host | None, session: Session) -> dict[str, Any]:
    """Return a host as the form shows it; for a new one, what is usual."""
    if host is None:
        ticked = [str(number) for number in range(1, session.rounds + 1)]
        return {"rounds": ticked, "places": USUAL_PLACES[session.format], "min_places": 1}
    return {
        **{
            name: getattr(host, name)
            for name in ("name", "latin", "title", "note", "table", "places", "min_places", "revision")
        },
        "organisation": host.organisation.name if host.organisation else "",
        "number": host.person.number if host.person else "",
        "languages": languages_in_words(language.code for language in host.languages),
        "topics": [topic.slug for topic in host.topics],
        "rounds": [str(number) for number in rounds_of(host, session)],
        **as_typed({name: others(getattr(host, name)) for name in SPOKEN}),
    }


def _round(session: Session, number: int) -> str:
    return gettext("Round %(number)s · %(time)s", number=number, time=show_time(session.round_starts(number)))


class InterpreterForm(RevisedForm):
    """Somebody who interprets."""

    name = LineField(_("Name"), [DataRequired(_("Give the interpreter's name.")), Length(max=80), readable_name])
    latin = LineField(_("Name in Latin letters"), [Length(max=80), readable_name])
    languages = LanguagesField(
        _("Languages"), [DataRequired(_("Give at least two languages: from one into the other.")), Length(max=400)]
    )
    most_in_a_row = whole(_("Most rounds in a row"), 1, 100)
    sessions = ChipsField(_("Sessions in which they work"))

    def __init__(self, *, known: Sequence[Session], **options: Any) -> None:
        super().__init__(**options)
        self.sessions.offer([("", [(one.slug, one.title) for one in known])])

    def values(self) -> InterpreterValues:
        """Return what was typed."""
        return InterpreterValues(
            name=self.name.data,
            latin=self.latin.data or "",
            languages=self.languages.codes,
            most_in_a_row=self.most_in_a_row.data or USUAL_ROUNDS_IN_A_ROW,
            sessions=self.sessions.chosen,
        )


def interpreter_as_typed(interpreter: Interpreter | None, known: Sequence[Session]) -> dict[str, Any]:
    """Return an interpreter as the form shows them; a new one works wherever one can."""
    if interpreter is None:
        return {"most_in_a_row": USUAL_ROUNDS_IN_A_ROW, "sessions": [session.slug for session in known]}
    return {
        **{name: getattr(interpreter, name) for name in ("name", "latin", "most_in_a_row", "revision")},
        "languages": languages_in_words(language.code for language in interpreter.languages),
        "sessions": [session.slug for session in interpreter.sessions],
    }
