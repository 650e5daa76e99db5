"""Interpreters: who interprets, between which languages, and in which sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models import Interpreter, InterpreterLanguage, Session
from webapp.models.people import folded
from webapp.operations.event.programme import discard_drafts, only_organisers, sessions
from webapp.operations.guests.hosts import overtaken
from webapp.operations.words.spelling import same_words

INTERPRETED = ("pairs", "clinics")


@dataclass(frozen=True, slots=True)
class InterpreterValues:
    """What an organiser says about an interpreter; sessions as slugs."""

    name: str
    latin: str
    languages: tuple[str, ...]
    most_in_a_row: int
    sessions: tuple[str, ...]


def everyone() -> list[Interpreter]:
    """Return all interpreters, sorted by Latin spelling, with languages and sessions at hand."""
    found = db.session.scalars(
        select(Interpreter).options(selectinload(Interpreter.languages), selectinload(Interpreter.sessions))
    )
    return sorted(found, key=lambda one: (folded(one.latin or one.name), one.id))


def interpreter_called(public_id: str) -> Interpreter:
    """Return the interpreter with this public id."""
    found = db.session.scalar(select(Interpreter).where(Interpreter.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def interpreted() -> Sequence[Session]:
    """Return the sessions in which interpreters can work, in the order of time."""
    return [session for session in sessions() if session.format in INTERPRETED]


def add_interpreter(values: InterpreterValues, *, by: Actor) -> str:
    """Add an interpreter; return the public id. Drafts of the sessions they work in are thrown away."""
    only_organisers(by)
    with transaction() as rows:
        _refuse(rows, values)
        interpreter = Interpreter()
        _fill(rows, interpreter, values)
        rows.add(interpreter)
        rows.flush()
        discard_drafts(rows, [session.id for session in interpreter.sessions])
        return interpreter.public_id


def change_interpreter(public_id: str, values: InterpreterValues, *, seen: int, by: Actor) -> None:
    """Change an interpreter, if nobody has saved after revision `seen`.

    What is published stays; drafts that rest on what was changed are thrown away.
    """
    only_organisers(by)
    with transaction() as rows:
        interpreter = interpreter_called(public_id)
        if interpreter.revision != seen:
            raise NotNow(overtaken())
        _refuse(rows, values, but=interpreter)
        before, worked = _planned_by(interpreter), [session.id for session in interpreter.sessions]
        _fill(rows, interpreter, values)
        interpreter.revision += 1
        rows.flush()
        if _planned_by(interpreter) != before:
            discard_drafts(rows, [*worked, *(session.id for session in interpreter.sessions)])


def remove_interpreter(public_id: str, *, by: Actor) -> None:
    """Take an interpreter off the list, and what was drafted with them."""
    only_organisers(by)
    with transaction() as rows:
        interpreter = interpreter_called(public_id)
        worked = [session.id for session in interpreter.sessions]
        rows.execute(delete(Interpreter).where(Interpreter.id == interpreter.id))
        discard_drafts(rows, worked)


def _planned_by(interpreter: Interpreter) -> tuple[object, ...]:
    """Return all of an interpreter that a plan rests on."""
    languages = frozenset(language.code for language in interpreter.languages)
    return languages, interpreter.most_in_a_row, frozenset(session.id for session in interpreter.sessions)


def _fill(rows: Rows, interpreter: Interpreter, values: InterpreterValues) -> None:
    interpreter.name, interpreter.latin = values.name, values.latin
    interpreter.most_in_a_row = values.most_in_a_row
    chosen = select(Session).where(Session.slug.in_(values.sessions), Session.format.in_(INTERPRETED))
    interpreter.sessions = list(rows.scalars(chosen))
    held = {language.code: language for language in interpreter.languages}
    interpreter.languages = [held.get(code) or InterpreterLanguage(code=code) for code in values.languages]
    for at, language in enumerate(interpreter.languages):
        language.position = at


def _refuse(rows: Rows, values: InterpreterValues, *, but: Interpreter | None = None) -> None:
    if len(set(values.languages)) < 2:
        raise BadInput(_("Give at least two languages: from one into the other."), "languages")
    for row, name in rows.execute(select(Interpreter.id, Interpreter.name)):
        if same_words(name, values.name) and (but is None or but.id != row):
            raise BadInput(
                _(
                    "%(name)s is on this list already. If this is somebody else, add something to the name.",
                    name=isolate(name),
                ),
                "name",
            )
