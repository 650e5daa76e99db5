"""A file between its steps: kept with the account that sent it, gone when it is stored, cancelled or too old."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.exchange.spreadsheet import CODE_PAGES
from webapp.i18n import gettext as _
from webapp.models import WaitingFile
from webapp.models.people import utc_now
from webapp.models.programme import ROLES
from webapp.operations.event.programme import only_organisers, session_called
from webapp.operations.files.importing.judging import Incoming, guessed, kind_of, refuse_columns, store_within
from webapp.operations.files.importing.lines import Preview

LASTS = timedelta(hours=2)


def receive(content: bytes, session: str, *, by: Actor) -> str:
    """Keep a file that can be read, in place of an older one of this account; return its public id."""
    only_organisers(by)
    incoming = Incoming(content, session)
    sheet = incoming.sheet
    with transaction() as rows:
        held = session_called(session) if session else None
        columns = list(guessed(kind_of(held), sheet))
        return keep_file(rows, content, by=by, session_id=held.id if held else None, columns=columns)


def keep_file(rows: Rows, content: bytes, *, by: Actor, **said: Any) -> str:
    """Keep a file as a part of a larger change, with what is known of it; return its public id."""
    if by.staff is None:
        raise NotFound
    rows.execute(
        delete(WaitingFile).where(or_(WaitingFile.expires_at < utc_now(), WaitingFile.staff_id == by.staff.id))
    )
    waiting = WaitingFile(staff_id=by.staff.id, content=content, expires_at=utc_now() + LASTS, **said)
    rows.add(waiting)
    rows.flush()
    return waiting.public_id


def waiting_of(by: Actor) -> WaitingFile | None:
    """Return the file of this account that still waits."""
    if by.staff is None:
        return None
    own = select(WaitingFile).where(WaitingFile.staff_id == by.staff.id, WaitingFile.expires_at >= utc_now())
    return db.session.scalar(own)


def waiting_called(public_id: str, *, by: Actor) -> WaitingFile:
    """Return the file with this public id, where it is this account's and not too old."""
    only_organisers(by)
    found = waiting_of(by)
    if found is None or found.public_id != public_id:
        raise NotFound(
            _(
                "This file waits here no more: it is stored, somebody let go of it, two hours have passed, or a person "
                "was deleted meanwhile who may stand in it. If it is still to be stored, choose it again under Import."
            )
        )
    return found


def incoming_of(waiting: WaitingFile) -> Incoming:
    """Return a file that waits, as it is judged; one of a whole event is judged elsewhere."""
    if waiting.whole:
        raise NotFound
    return Incoming(
        content=waiting.content,
        session=waiting.session.slug if waiting.session else "",
        columns=tuple(waiting.columns),
        encoding=waiting.encoding,
        usual_role=waiting.usual_role,
    )


def read_as(public_id: str, encoding: str, *, by: Actor) -> None:
    """Read the file with other characters; what its columns seem to be is found out anew."""
    found = incoming_of(waiting_called(public_id, by=by))
    if encoding not in ("", *CODE_PAGES):
        raise BadInput(_("Choose one from the list."), "encoding")
    sheet = replace(found, encoding=encoding).sheet
    with transaction():
        waiting = waiting_called(public_id, by=by)
        waiting.encoding, waiting.columns = encoding, list(guessed(kind_of(waiting.session), sheet))


def say_columns(public_id: str, columns: tuple[str, ...], usual_role: str, *, by: Actor) -> None:
    """Say what the columns are, and which role people have of whom the file says none."""
    sheet = incoming_of(waiting_called(public_id, by=by)).sheet
    with transaction():
        waiting = waiting_called(public_id, by=by)
        refuse_columns(kind_of(waiting.session), columns, sheet)
        if usual_role not in ROLES:
            raise BadInput(_("Choose one from the list."), "usual_role")
        waiting.columns, waiting.usual_role = list(columns), usual_role


def finish(public_id: str, *, digest: str, keep: bool, by: Actor) -> Preview:
    """Store all of the file and let go of it, in one transaction."""
    incoming = incoming_of(waiting_called(public_id, by=by)).opened()
    with transaction() as rows:
        waiting = waiting_called(public_id, by=by)
        done = store_within(rows, incoming, digest=digest, keep=keep)
        rows.execute(delete(WaitingFile).where(WaitingFile.id == waiting.id))
        return done


def cancel(public_id: str, *, by: Actor) -> None:
    """Let go of the file; nothing of it is kept."""
    with transaction() as rows:
        rows.execute(delete(WaitingFile).where(WaitingFile.id == waiting_called(public_id, by=by).id))
