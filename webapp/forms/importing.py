"""Forms of the import: which file, what its columns are, and whether what people saved stays."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from webapp.exchange.columns import FIELDS
from webapp.exchange.spreadsheet import CODE_PAGES, ENCODINGS, Sheet, column_letters
from webapp.forms.speech import PageForm
from webapp.i18n import gettext, isolate
from webapp.i18n import lazy_gettext as _
from webapp.models import Session
from webapp.operations.files.importing.words import ROLE_WORDS, label

PEOPLE, EVENT = "people", "event"


class FileForm(PageForm):
    """A file, and what is in it."""

    about = SelectField(_("What is in the file"), [InputRequired()])
    file = FileField(_("File"))

    def __init__(self, *, visited: Sequence[Session], described: bool, **options: Any) -> None:
        super().__init__(**options)
        choices = [SelectChoice(PEOPLE, gettext("People")), *(_choice(session) for session in visited)]
        whole = SelectChoice(EVENT, gettext("The whole event, as Rondo writes it"))
        self.about.choices = [*(choices if described else []), whole]

    def validate_file(self, field: Any) -> None:
        """Ask for a file where none was chosen."""
        if not (isinstance(field.data, FileStorage) and field.data.filename):
            raise ValidationError(gettext("Choose a file."))

    @property
    def whole(self) -> bool:
        """Whether the file holds a whole event."""
        return self.about.data == EVENT

    @property
    def session(self) -> str:
        """The slug of the session whose hosts are in the file; nothing where there are people in it."""
        told = str(self.about.data)
        return "" if told == PEOPLE else told.partition(":")[2]

    def content(self) -> bytes:
        """Return the bytes of the file."""
        return bytes(self.file.data.read())


def about_of(session: Session) -> str:
    """Return how the form calls whoever is visited in a session."""
    return f"session:{session.slug}"


def _choice(session: Session) -> SelectChoice:
    title = isolate(session.title)
    words = (
        gettext("Specialists of %(session)s", session=title)
        if session.format == "clinics"
        else gettext("Tool tables of %(session)s", session=title)
    )
    return SelectChoice(about_of(session), words)


class ColumnsForm(PageForm):
    """What each column is; `usual_role` counts where no column says it."""

    usual_role = SelectField(
        _("Role of people whose row says none"),
        [InputRequired()],
        choices=[SelectChoice(role, word) for role, word in ROLE_WORDS.items()],
    )
    columns = HiddenField(_("Columns"))

    @property
    def parts(self) -> list[Any]:
        """The fields of the columns, in their order."""
        return [field for field in self if field.name.startswith("column_")]

    def chosen(self) -> tuple[str, ...]:
        """Return what each column is."""
        return tuple(str(field.data or "") for field in self.parts)


def columns_form(kind: str, sheet: Sheet, columns: Sequence[str], usual_role: str) -> ColumnsForm:
    """Return a form with a field for each column of the file, filled with what is known."""
    choices = [SelectChoice("", gettext("Leave this column out"))]
    choices += [SelectChoice(field, label(kind, field)) for field in FIELDS[kind]]
    fields = {
        f"column_{at}": SelectField(
            gettext("Column %(letter)s: %(name)s", letter=column_letters(at), name=isolate(name or "–")),
            choices=choices,
        )
        for at, name in enumerate(sheet.header)
    }
    form: type[ColumnsForm] = type("ColumnsOfFile", (ColumnsForm,), fields)
    told = {f"column_{at}": field for at, field in enumerate(columns)}
    return form(data=told | {"usual_role": usual_role})


class CharactersForm(PageForm):
    """Which characters a file was written with."""

    encoding = SelectField(_("Written with"), [InputRequired()])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        words = {
            "cp1252": gettext("Western European (Windows-1252)"),
            "cp1251": gettext("Cyrillic (Windows-1251)"),
            "cp1256": gettext("Arabic (Windows-1256)"),
        }
        self.encoding.choices = [SelectChoice(code, words.get(code, ENCODINGS[code])) for code in CODE_PAGES]


class StoreForm(PageForm):
    """Store what was shown."""

    digest = HiddenField()
    keep = RadioField(
        _("What people have saved themselves"),
        choices=[
            SelectChoice("theirs", _("Keep what they saved")),
            SelectChoice("file", _("Take what the file says")),
        ],
        default="theirs",
    )
