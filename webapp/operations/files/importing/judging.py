"""What a file would do to the house: shown before anything is stored, worked out anew when it is, then done whole."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange import columns as headers
from webapp.exchange.spreadsheet import Sheet, column_letters, read_sheet
from webapp.i18n import gettext as _
from webapp.models import Session
from webapp.models.programme import ROLES
from webapp.operations.event.programme import only_organisers, session_called
from webapp.operations.files.importing import hosts, people
from webapp.operations.files.importing.lines import Change, Line, Preview, Problem, Step, Told, Value
from webapp.operations.files.importing.reading import Known, read_rows, what_is_known
from webapp.operations.files.importing.words import in_words, label

WHO = frozenset(("number", "registration", "name", "organisation", "title"))
KINDS = {"clinics": "specialists", "stations": "tools"}


@dataclass(frozen=True)
class Incoming:
    """A file, what it is about and what its columns are; `session` is the slug of the one whose hosts it holds."""

    content: bytes
    session: str = ""
    columns: tuple[str, ...] = ()
    encoding: str = ""
    usual_role: str = "guest"

    @cached_property
    def sheet(self) -> Sheet:
        """The file's cells, read once."""
        return read_sheet(self.content, encoding=self.encoding or None)

    def opened(self) -> "Incoming":
        """Return it with its cells read, so that nobody who writes waits for that."""
        self.sheet  # noqa: B018
        return self


def kind_of(session: Session | None) -> str:
    """Return what a file about this session holds: people where it is about none."""
    if session is None:
        return "people"
    if session.format not in KINDS:
        raise NotFound
    return KINDS[session.format]


def guessed(kind: str, sheet: Sheet) -> tuple[str, ...]:
    """Return what each column seems to be; an order that several people share is no registration."""
    found = headers.guess(kind, sheet.header)
    own = [at for at, field in enumerate(found) if field == "registration"]
    seen = [told for _row, cells in sheet.rows if any(told := tuple(cells[at].strip() for at in own))]
    if len(set(seen)) == len(seen):
        return found
    return tuple("" if field == "registration" else field for field in found)


def refuse_columns(kind: str, columns: Sequence[str], sheet: Sheet) -> None:
    """Refuse columns that do not go together, or without which nobody is told apart."""
    if len(columns) != len(sheet.header):
        raise BadInput(_("The file has other columns now. Choose it once more."), "columns")
    for at, field in enumerate(columns):
        if field and field not in headers.FIELDS[kind]:
            raise BadInput(_("Choose one from the list."), f"column_{at}")
        if field and field not in headers.MANY and field in columns[:at]:
            sentence = _("Column %(column)s is that already. Choose another meaning for one of them.",
                         column=column_letters(columns.index(field)))  # fmt: skip
            raise BadInput(sentence, f"column_{at}")
    told = set(columns)
    if "name" in told and told & {"first", "last"}:
        raise BadInput(_("Choose either the whole name or first and last name."), f"column_{columns.index('name')}")
    if not told & {"name", "first", "last"} and not (kind == "people" and told & {"number", "registration"}):
        raise BadInput(_("Say which column holds the names."), "columns")
    if kind == "tools" and "title" not in told:
        raise BadInput(_("Say which column holds the tools."), "columns")


@dataclass(slots=True)
class _Work:
    """A file beside the house, with what each row does."""

    kind: str
    house: people.Guests | hosts.Visited
    steps: list[Step]
    preview: Preview


def preview(incoming: Incoming, *, by: Actor) -> Preview:
    """Return what a file would do; nothing is changed."""
    only_organisers(by)
    return _work(db.session(), incoming).preview


def store(incoming: Incoming, *, digest: str, keep: bool = True, by: Actor) -> Preview:
    """Store all of a file in one transaction, where it still does what the preview with this digest said.

    `keep` leaves as it is what people have saved themselves.
    """
    only_organisers(by)
    opened = incoming.opened()
    with transaction() as rows:
        return store_within(rows, opened, digest=digest, keep=keep)


def store_within(rows: Rows, incoming: Incoming, *, digest: str, keep: bool) -> Preview:
    """Store all of a file within a transaction that is open."""
    work = _work(rows, incoming)
    if work.preview.problems or work.preview.digest != digest:
        raise NotNow(_("Something has changed here since this was shown, so nothing was stored. Look at it once more."))
    if isinstance(work.house, people.Guests):
        people.write(rows, work.house, work.steps, keep=keep)
    elif any(step.after for step in work.steps):
        hosts.write(rows, work.house, work.steps)
    return work.preview


def _work(rows: Rows, incoming: Incoming) -> _Work:
    session = session_called(incoming.session) if incoming.session else None
    kind, sheet = kind_of(session), incoming.sheet
    refuse_columns(kind, incoming.columns, sheet)
    if incoming.usual_role not in ROLES:
        raise BadInput(_("Choose one from the list."), "usual_role")
    known = what_is_known(rows, session)
    told, problems = read_rows(sheet, incoming.columns, known)
    house: people.Guests | hosts.Visited = (
        people.Guests(rows) if session is None else hosts.Visited(rows, session, told)
    )
    steps = _steps(house, told, problems, _Places(sheet, incoming.columns), usual_role=incoming.usual_role)
    return _Work(kind, house, steps, _shown(house, steps, problems, _Words(kind, known)))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in the file a field stands."""

    sheet: Sheet
    columns: Sequence[str]

    def problem(self, row: int, field: str | None, sentence: str) -> Problem:
        """Return a problem at a field of a row, or of the row as a whole where no column is that field."""
        parts = (field, *(("first", "last") if field == "name" else ()))
        at = next((at for at, own in enumerate(self.columns) if own and own in parts), None)
        return Problem(
            row, "" if at is None else column_letters(at), "" if at is None else self.sheet.header[at], sentence
        )


def _steps(
    house: people.Guests | hosts.Visited,
    told: Sequence[Told],
    problems: list[Problem],
    places: _Places,
    *,
    usual_role: str,
) -> list[Step]:
    """Return what the rows do; one of which it is not sure whom it is about is not judged further."""
    steps = []
    for one in told:
        if one.wrong & WHO:
            continue
        try:
            steps.append(house.step(one, usual_role=usual_role))
        except BadInput as refusal:
            problems.append(places.problem(one.row, refusal.field, refusal.sentence))
    if not problems:
        problems += [places.problem(step.told.row, field, why) for step, field, why in house.objections(steps)]
    problems.sort(key=lambda problem: (problem.row, len(problem.column), problem.column))
    return steps


@dataclass(frozen=True, slots=True)
class _Words:
    """Says changes in words."""

    kind: str
    known: Known

    def change(self, field: str, before: Value | None, after: Value) -> Change:
        """Return a change as people read it."""
        titles = self.known.titles
        return Change(label(self.kind, field), in_words(field, before, titles), in_words(field, after, titles))


def _shown(
    house: people.Guests | hosts.Visited, steps: Sequence[Step], problems: Sequence[Problem], words: _Words
) -> Preview:
    new, changed = [], []
    for step in steps:
        line = _line(house, step, words)
        if step.target is None:
            new.append(line)
        elif step.after:
            changed.append(line)
    missing = [house.title(one) for one in house.missing(steps)]  # type: ignore[arg-type]
    return Preview(
        problems=tuple(problems),
        new=tuple(new),
        changed=tuple(changed),
        unchanged=sum(step.target is not None and not step.after for step in steps),
        missing=tuple(f"{number} {name}".strip() for name, number in missing),
        digest=_digest(steps, problems, missing),
    )


def _line(house: people.Guests | hosts.Visited, step: Step, words: _Words) -> Line:
    name, number = (
        house.title(step.target)
        if step.target is not None
        else (str(step.after.get("name", "")), str(step.after.get("number", "")))
    )
    told: dict[bool, list[Change]] = {True: [], False: []}
    for field, value in step.after.items():
        told[field in step.theirs].append(words.change(field, step.before.get(field), value))
    return Line(step.told.row, name, number, tuple(told[False]), tuple(told[True]), step.note)


def _digest(steps: Sequence[Step], problems: Sequence[Problem], missing: Sequence[Any]) -> str:
    """Tell in one word all that a preview says, whatever the language."""
    told: list[Mapping[str, Any] | Sequence[Any]] = [
        [step.told.row, step.target.id if step.target is not None else 0, step.before, step.after, sorted(step.theirs)]
        for step in steps
    ]
    told += [asdict(problem) for problem in problems]
    return hashlib.sha256(json.dumps([told, missing], sort_keys=True).encode()).hexdigest()
