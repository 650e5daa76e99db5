"""An event file between its steps: it waits like any other file that comes in, and is read anew when it is stored."""

from sqlalchemy import delete

from webapp.access import Actor
from webapp.db import transaction
from webapp.errors import NotFound
from webapp.models import WaitingFile
from webapp.operations.event.programme import only_organisers
from webapp.operations.files.event_file.reading import read_file
from webapp.operations.files.event_file.trading import EventPreview, leave_backup, store_within
from webapp.operations.files.importing.waiting import keep_file, waiting_called


def receive(content: bytes, *, by: Actor) -> str:
    """Keep an event file that can be read, in place of an older file of this account; return its public id."""
    only_organisers(by)
    read_file(content)
    with transaction() as rows:
        return keep_file(rows, content, by=by, whole=True)


def finish(public_id: str, *, digest: str, by: Actor) -> EventPreview:
    """Store all of the file and let go of it, in one transaction."""
    read = read_file(_content(public_id, by))
    with transaction() as rows:
        waiting = waiting_called(public_id, by=by)
        done = store_within(rows, read, digest=digest, by=by)
        rows.execute(delete(WaitingFile).where(WaitingFile.id == waiting.id))
    leave_backup(done)
    return done


def _content(public_id: str, by: Actor) -> bytes:
    waiting = waiting_called(public_id, by=by)
    if not waiting.whole:
        raise NotFound
    return waiting.content
