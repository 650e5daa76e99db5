"""Whether the plans of a book keep their rules: the book is brought into a house in memory, and judged there.

Nobody is kept apart in that house, since no book tells it: so what is said here follows from the book alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.access import Actor
from webapp.db import rehearsal
from webapp.i18n import gettext as _
from webapp.models import Person, Plan
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record
from webapp.operations.files.event_file.cells import shown, told
from webapp.operations.files.event_file.comparing import Step, Work
from webapp.operations.files.event_file.reading import Read
from webapp.operations.files.event_file.telling import Book
from webapp.operations.files.event_file.writing import write
from webapp.operations.plans.presence import expected


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the referee says of a plan: seats as (round, table, event number), and who is idle as (round, number)."""

    seats: tuple[tuple[str, str, str], ...]
    idle: tuple[tuple[str, str], ...]
    sound: bool


def verdicts(records: Mapping[str, Iterable[Record]], *, by: Actor) -> dict[str, Verdict]:
    """Return what is said of each published plan of a book, by session."""
    with rehearsal() as rows:
        write(rows, _all_new(records), by=by)
        return {plan.session.slug: _verdict(rows, plan) for plan in rows.scalars(select(Plan)).all()}


def _all_new(records: Mapping[str, Iterable[Record]]) -> Work:
    steps = {
        sheet.name: [Step(at, record, None, record) for at, record in enumerate(records[sheet.name], start=2)]
        for sheet in book.SHEETS
    }
    return Work(Read({}, {}, []), steps)


def _verdict(rows: Rows, plan: Plan) -> Verdict:
    found = bridge.carried(rows, plan, expected(rows, plan.session))
    numbers = {one.id: one.number for one in rows.scalars(select(Person))}
    return Verdict(
        tuple((str(number), table, numbers.get(who, "")) for number, table, who in found.seats),
        tuple((str(number), numbers[who]) for number, who in found.idle),
        found.sound,
    )


def with_fits(house: Book, *, by: Actor) -> Book:
    """Return a book that tells of each plan whether it fits the people, tables and rules in it."""
    if not house[book.PLANS.name]:
        return house
    said = verdicts(house, by=by)
    plans = ({**record, "fits": told(said[record["session"]].sound)} for record in house[book.PLANS.name])
    return {**house, book.PLANS.name: tuple(plans)}


def judge(work: Work, *, by: Actor) -> None:
    """Note what the referee says against plans that a file would publish, and says are fitting."""
    plans = [step for step in work.moving(book.PLANS) if step.record["fits"] == "yes"]
    if not plans:
        return
    said = verdicts({sheet.name: work.merged[sheet.name].values() for sheet in book.SHEETS}, by=by)
    rows = {book.MEETINGS.key(step.record): step.row for step in work.steps[book.MEETINGS.name]}
    for step in plans:
        slug = step.record["session"]
        verdict = said[slug]
        for number, table, who in verdict.seats:
            sentence = (
                _("%(part)s cannot sit here in this round, by what this file says.", part=shown(who))
                if who
                else _("Too few or too many people have this table in this round.")
            )
            work.complain(book.MEETINGS, rows[slug, number, table], "people", sentence)
        for number, who in verdict.idle:
            sentence = _("%(part)s has neither a table nor a rest in round %(number)s.", part=shown(who), number=number)
            work.complain(book.PLANS, step.row, "fits", sentence)
        if not verdict.sound:
            sentence = _("This version breaks a rule of its session. Put that right; or, where people, tables or rules "
                         "have changed since it was published, write no in this column.")  # fmt: skip
            work.complain(book.PLANS, step.row, "fits", sentence)
