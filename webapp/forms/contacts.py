"""How I am reached, and my notes of meetings, one field a meeting."""

from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from webapp.forms.profile import ScreenForm, at_most
from webapp.forms.text import LinesField
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.i18n import lazy_gettext as __
from webapp.models.contacts import NOTE_LENGTH, REACH_LENGTH
from webapp.operations.meetings.contacts import MOST_LINES, in_lines
from webapp.operations.mine.contact_page import Choices, Kept, NoteKey
from webapp.operations.plans.talks import Round
from webapp.operations.profile.profiles import Opened


class ContactsForm(ScreenForm):
    """The page of contacts; take it from `contacts_form`, which adds the notes."""

    reach = LinesField(__("One way a line: a mail address, Signal, a number"), [at_most(REACH_LENGTH)])

    def validate_reach(self, field: Any) -> None:
        """Ask for few lines."""
        if len(in_lines(field.data).splitlines()) > MOST_LINES:
            raise ValidationError(_("Use at most %(most)d lines.", most=MOST_LINES))

    def open(self, opened: Opened[Kept], keys: dict[str, NoteKey]) -> None:
        """Take over which notes there are."""
        self._before, self._keys = opened.part, keys

    def note(self, slug: str, number: int) -> Field:
        """Return the field for the note of a meeting."""
        return self[note_name(slug, number)]

    def part(self) -> Kept:
        """Return what was typed, after it was found right; notes of rounds that are not on the page stay."""
        notes = dict(self._before.notes)
        notes |= {key: (self[name].data or "").replace("\r\n", "\n") for name, key in self._keys.items()}
        return Kept(in_lines(self.reach.data), tuple(sorted((key, text) for key, text in notes.items() if text)))


def contacts_form(opened: Opened[Kept], choices: Choices) -> ContactsForm:
    """Return the form as it was sent, else as it stands."""
    fields: dict[str, Field] = {}
    keys: dict[str, NoteKey] = {}
    for timed, rounds in choices.sessions:
        for held in rounds:
            name = note_name(timed.session.slug, held.number)
            fields[name] = LinesField(_label(held), [at_most(NOTE_LENGTH)])
            keys[name] = (timed.session.id, held.number)
    noted = dict(opened.part.notes)
    values: dict[str, Any] = {name: noted.get(key, "") for name, key in keys.items()}
    values |= {"reach": opened.part.reach} | ContactsForm.hidden(opened)
    form: ContactsForm = type("ContactsForm", (ContactsForm,), fields)(data=values)
    form.open(opened, keys)
    return form


def note_name(slug: str, number: int) -> str:
    """Return the name of the field for the note of a meeting."""
    return f"note-{slug}-{number}"


def _label(held: Round) -> str:
    names = [isolate(one.spelling or one.name) for one in held.talk.partners] if held.talk else []
    if not names:
        return _("Round %(number)d", number=held.number)
    return _("Round %(number)d · with %(names)s", number=held.number, names=_(", ").join(names))
