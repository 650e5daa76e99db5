"""The door of the event file: the whole event out, and in again, all or nothing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import NotNow
from webapp.exchange.ledger import Ledger, as_book
from webapp.i18n import gettext as _
from webapp.models import Plan, Session
from webapp.operations.event.programme import only_organisers, the_event
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.checking import check, note_who_left
from webapp.operations.files.event_file.comparing import Step, Work, compared
from webapp.operations.files.event_file.plans_checked import check_plans, leave_alone
from webapp.operations.files.event_file.reading import Read, read_file
from webapp.operations.files.event_file.rehearsing import judge, with_fits
from webapp.operations.files.event_file.telling import house
from webapp.operations.files.event_file.writing import write
from webapp.operations.files.importing.lines import Change, Line, Problem
from webapp.operations.guests import tombstones
from webapp.operations.plans import backups


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """What one sheet would do; `missing` are here and not in the file, and stay."""

    name: str
    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    unchanged: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventPreview:
    """What a whole file would do: nothing where there are problems. `digest` changes with anything in this.

    `notes` say what of the file is left alone: plans, and that somebody had not left.
    """

    problems: tuple[Problem, ...]
    sheets: tuple[SheetPreview, ...]
    digest: str
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """How many rows would be added."""
        return sum(len(one.new) for one in self.sheets)

    @property
    def changed(self) -> int:
        """How many rows would be changed."""
        return sum(len(one.changed) for one in self.sheets)

    @property
    def missing(self) -> int:
        """How many rows are here and not in the file."""
        return sum(len(one.missing) for one in self.sheets)

    @property
    def publishes(self) -> bool:
        """Whether a version would be published."""
        return any(one.name == book.PLANS.name and one.new for one in self.sheets)

    @property
    def moves(self) -> bool:
        """Whether anything would be stored."""
        return bool(self.new or self.changed)


def event_file(*, by: Actor) -> bytes:
    """Return the whole event as a workbook."""
    only_organisers(by)
    if the_event() is None:
        raise NotNow(_("There is no event yet."))
    return as_book(ledgers(db.session(), by=by))


def ledgers(rows: Rows, *, by: Actor) -> dict[str, Ledger]:
    """Return the sheets of the event file by name."""
    told = with_fits(house(rows), by=by)
    return {
        sheet.name: Ledger(
            sheet.header, tuple(tuple(record[name] for name in sheet.header) for record in told[sheet.name])
        )
        for sheet in book.SHEETS
    }


def preview(content: bytes, *, by: Actor) -> EventPreview:
    """Return what a file would do; nothing is changed."""
    only_organisers(by)
    return shown(worked_out(db.session(), read_file(content), by=by))


def store(content: bytes, *, digest: str, by: Actor) -> EventPreview:
    """Store all of a file in one transaction, where it still does what the preview with this digest said."""
    only_organisers(by)
    read = read_file(content)
    with transaction() as rows:
        done = store_within(rows, read, digest=digest, by=by)
    leave_backup(done)
    return done


def leave_backup(done: EventPreview) -> None:
    """Leave a backup where a version was published, as every publishing does."""
    if done.publishes:
        backups.leave_if_set_up()


def store_within(rows: Rows, read: Read, *, digest: str, by: Actor) -> EventPreview:
    """Store all of a file within a transaction that is open; `leave_backup` is for when it has closed."""
    work = worked_out(rows, read, by=by)
    done = shown(work)
    if done.problems or done.digest != digest:
        raise NotNow(_("Something has changed here since this was shown, so nothing was stored. Look at it once more."))
    write(rows, work, by=by)
    return done


def worked_out(rows: Rows, read: Read, *, by: Actor) -> Work:
    """Return what a file would do to the house as it stands, and what does not go together."""
    here = house(rows)
    work = compared(here, read)
    leave_alone(work, here)
    note_who_left(work)
    if not work.problems:
        published = select(Session.slug).join(Plan, Plan.session_id == Session.id).where(Plan.version.is_not(None))
        check(work, published=set(rows.scalars(published)), removed=tombstones.numbers(rows))
        check_plans(work)
    if not work.problems:
        judge(work, by=by)
    return work


# --- what is shown ---------------------------------------------------------------------------------------------------


def shown(work: Work) -> EventPreview:
    """Return what a page or a command shows of it."""
    order = {sheet.name: at for at, sheet in enumerate(book.SHEETS)}
    problems = sorted(work.problems, key=lambda one: (order.get(one.sheet, -1), one.row, len(one.column), one.column))
    sheets = tuple(_sheet(sheet, work) for sheet in book.SHEETS if sheet.name in work.read.lines)
    return EventPreview(tuple(problems), sheets, _digest(work), tuple(work.notes))


def _sheet(sheet: Sheet, work: Work) -> SheetPreview:
    moving = work.moving(sheet)
    return SheetPreview(
        name=sheet.name,
        new=tuple(_line(sheet, step, work) for step in moving if step.before is None),
        changed=tuple(_line(sheet, step, work) for step in moving if step.before is not None),
        unchanged=len(work.steps[sheet.name]) - len(moving),
        missing=tuple(" · ".join(_named(sheet, record, work)) for record in work.missing[sheet.name]),
    )


def _line(sheet: Sheet, step: Step, work: Work) -> Line:
    before = step.before or {}
    named = {sheet.title, *(sheet.keys if step.before is None else ())}
    changes = tuple(
        Change(name, before.get(name, ""), cell)
        for name, cell in step.after.items()
        if step.before is not None or (cell and name not in named)
    )
    title, *rest = _named(sheet, step.record, work)
    return Line(step.row, title, " · ".join(rest), changes, note=_note(sheet, step, work))


def _named(sheet: Sheet, record: Record, work: Work) -> Sequence[str]:
    """A row's name, and by what else it is told from others; of a number, whose it is."""
    names = list(dict.fromkeys(name for name in (sheet.title, *sheet.keys) if name))
    people = work.merged[book.PEOPLE.name]
    whose = people.get((record["number"],)) if "number" in sheet.keys and sheet is not book.PEOPLE else None
    return [*(record[name] for name in names), *([whose["name"]] if whose else [])]


def _note(sheet: Sheet, step: Step, work: Work) -> str:
    """Whoever saved their profile after the file was written knows better than the file."""
    if sheet is not book.PEOPLE or step.before is None or not step.before["saved_at"]:
        return ""
    line = next(line for line in work.read.lines[sheet.name] if line.row == step.row)
    then, now = line.told.get("saved_at", ""), step.before["saved_at"]
    newer = not then or datetime.fromisoformat(then) < datetime.fromisoformat(now)
    return _("Has saved the profile since this file was written.") if newer else ""


def _digest(work: Work) -> str:
    told = {
        sheet.name: [
            [[step.row, dict(step.record), step.before and dict(step.before), dict(step.after)]
             for step in work.steps[sheet.name]],
            [dict(record) for record in work.missing[sheet.name]],
        ]
        for sheet in book.SHEETS
    }  # fmt: skip
    problems = [asdict(problem) for problem in work.problems]
    return hashlib.sha256(json.dumps([told, problems, work.notes], sort_keys=True).encode()).hexdigest()
