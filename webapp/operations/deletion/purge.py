"""Delete everything: rows, files, journal and key; at its day, or when an organiser says so; with a receipt.

A file in the data folder says that a deletion has begun, with all that the receipt will tell. While it lies there no
page shows anything, and whoever finds it goes on; each step may be done again. It goes when the journal is truly empty.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import PRAGMAS, cut_journal, db, transaction
from webapp.errors import NotFound, NotNow
from webapp.exchange import backup
from webapp.i18n import gettext as _
from webapp.models import Event, Host, Link, Person, Session, SignIn, Staff, TakenOut
from webapp.models.people import utc_now
from webapp.operations.deletion import receipt
from webapp.operations.event import retention
from webapp.operations.event.programme import only_organisers
from webapp.operations.figures import numbers
from webapp.operations.guests import tombstones
from webapp.operations.plans import backups

MARK = tombstones.MARK
KEY = "secret.key"
PARTS = tuple(f".{name}" for name in ("rondo", KEY, MARK, backups.NOTE_FILE))
TRIES, BETWEEN = 20, 0.25
"""How often a journal that somebody still reads is tried before it is said that this is not finished."""

GROUPS: dict[str, tuple[str, ...]] = {
    "people": ("organisation", "person", "person_language", "person_region", "person_interest", "absence"),
    "wishes": ("wish", "question", "host_wish", "keep_apart", "met_before", "apart_entry", "apart_target"),
    "visited": ("host", "host_language", "host_topic", "interpreter", "interpreter_language", "interpreter_session"),
    "rounds": ("plan", "meeting", "seat", "rest"),
    "room": ("attendance", "run", "help_place", "standby_note", "standby_call", "feedback"),
    "contacts": ("contact", "contact_answer", "meeting_note"),
    "ways": ("access_code", "link", "sign_in", "attempt", "helper", "invitation", "screen", "given_out", "staff"),
    "programme": ("session", "venue_table", "region", "region_country", "interest", "removed_interest", "translation"),
}
"""Tables by what a receipt calls them; whatever is in none of these belongs to the journal."""


def folder() -> Path:
    """Return the data folder."""
    return Path(db.engines[None].url.database or "").parent


def under_way(where: Path) -> bool:
    """Return whether a deletion has begun in this data folder that is not finished."""
    return tombstones.under_way(where)


def is_due() -> bool:
    """Return whether the day has come and there is still something to delete."""
    event = db.session.get(Event, 1)
    if event is None or not retention.has_come(event):
        return False
    return event.deleted_at is None or _anything_left(db.session())


def purge(why: str, *, by: Actor) -> None:
    """Delete everything now; NotNow where it has begun and cannot be finished yet, and is gone on with later."""
    only_organisers(by)
    with _alone():
        _begin(why)
        _finish()


def settle() -> bool:
    """Go on with a deletion that has begun, or begin one whose day has come; return whether there was one.

    NotNow where it cannot be finished yet.
    """
    if not under_way(folder()) and not is_due():
        return False
    with _alone():
        if not under_way(folder()):
            if not is_due():
                return True
            _begin("date")
        _finish()
    return True


@contextmanager
def _alone() -> Iterator[None]:
    # who waits reads nothing meanwhile, else the journal could not be emptied
    db.session.rollback()
    with backups.one_at_a_time:
        yield


def _begin(why: str) -> None:
    """Note that everything is to go, with all that can be told of it only now."""
    with transaction() as rows:
        # whoever comes second waits here, and finds the note
        event = rows.get(Event, 1)
        if event is None:
            raise NotFound(_("There is no event here."))
        if under_way(folder()):
            return
        if event.deleted_at is not None and not _anything_left(rows):
            raise NotNow(_("Everything is deleted already."))
        told = {"why": why, "begun_at": _now(), "delete_on": event.delete_on.isoformat(), **_told_now(rows)}
        backup.write_whole(folder() / MARK, json.dumps(told).encode())


def _told_now(rows: Rows) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for table in _tables():
        group = next((name for name, names in GROUPS.items() if table.name in names), "journal")
        counts[group] += rows.scalar(select(func.count()).select_from(table).where(_goes(table))) or 0
    taken = rows.execute(select(TakenOut.what, func.count()).group_by(TakenOut.what)).all()
    return {
        "rows": {name: receipt.fewer(counts[name]) for name in (*GROUPS, "journal")},
        "counts": _counts(),
        "files": _sizes(_files_that_go()),
        "others": next(iter(row[1:] for row in _sizes(("", path) for path in _others())), None),
        "bytes_before": sum(path.stat().st_size for path in _database_files() if path.exists()),
        "organisers": rows.scalar(select(func.count()).where(Staff.role == "organiser")),
        "key": (folder() / KEY).exists(),
        "taken": {row[0]: row[1] for row in taken},
        "backups": _elsewhere(),
    }


def _counts() -> dict[str, int]:
    try:
        held = numbers.numbers(by=Actor(staff=Staff(name="", role="organiser")))
    except Exception:
        # a receipt without figures is better than people who stay
        return {}
    return {"people": held.people, "meetings": held.meetings, "sessions": len(held.sessions)} if held.enough else {}


def _elsewhere() -> dict[str, Any] | None:
    kept = backups.kept()
    if kept is None:
        return None
    try:
        copies: int | None = len(backup.copies(Path(kept.folder)))
    except OSError:
        copies = None
    return {"folder": asdict(kept)["folder"], "copies": copies, "last": kept.last.partition("+")[0]}


def _finish() -> None:
    """Do all steps, each of which may have been done before; the note of what has begun goes last."""
    try:
        told = json.loads((folder() / MARK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    _leave_sign(told["backups"])
    _delete_rows()
    stayed = [path.name for _kind, path in _files_that_go() if not _is_removed(path)]
    tries = _rewrite()
    if _anything_left(db.session()):
        # whoever was saving at that moment was let go on
        _delete_rows()
        tries += _rewrite()
    told |= {
        "tries": tries,
        "stayed": stayed,
        "ended_at": _now(),
        "bytes_after": sum(path.stat().st_size for path in _database_files() if path.exists()),
    }
    with transaction() as rows:
        rows.get_one(Event, 1).receipt = told
    _empty_journal()
    (folder() / MARK).unlink(missing_ok=True)


def _leave_sign(kept: dict[str, Any] | None) -> None:
    """Leave a sign beside database and backups, so that no backup of this event is taken up again."""
    event = db.session.get_one(Event, 1)
    signs = tombstones.signs_in(folder(), "event")
    if not tombstones.fits(event.public_id, signs):
        signs = {tombstones.sign_of(event.public_id)}
    _is_removed(folder() / tombstones.FILE)
    for place in (folder(), *([Path(kept["folder"])] if kept and kept["folder"] else [])):
        tombstones.leave_in(place, signs, kind="event")


def _delete_rows() -> None:
    with transaction() as rows:
        rows.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(_tables()):
            rows.execute(table.delete().where(_goes(table)))
        event = rows.get_one(Event, 1)
        event.venue, event.working_languages, event.host_language = "", [], None
        event.deleted_at = event.deleted_at or utc_now()
    db.session.remove()


def _tables() -> list[SqlTable]:
    return [table for table in db.metadata.sorted_tables if table is not Event.__table__]


def _goes(table: SqlTable) -> Any:
    """Return which rows of a table go: all, but organisers and what lets them in, so that they can read the receipt."""
    others = select(Staff.id).where(Staff.role != "organiser")
    if table is Staff.__table__:
        return Staff.role != "organiser"
    for kind in (SignIn, Link):
        if table is kind.__table__:
            return or_(kind.staff_id.is_(None), kind.staff_id.in_(others))
    return true()


def _anything_left(rows: Rows) -> bool:
    return any(rows.scalar(select(kind.id).limit(1)) is not None for kind in (Person, Host, Session))


def _rewrite() -> int:
    """Write the database anew without what was deleted and cut its journal; return at which try it went."""
    for tried in range(1, TRIES + 1):
        if _empty_journal(anew=True):
            return tried
        time.sleep(BETWEEN if tried < TRIES else 0)
    raise NotNow(
        _(
            "Everything is deleted, but somebody still reads the database, so its journal cannot be emptied yet. "
            "It is tried again each minute, and at each start; until then no page shows anything."
        )
    )


def _empty_journal(*, anew: bool = False) -> bool:
    """Carry the journal over and cut it; return whether that went. It does not while somebody reads what was before.

    What is written `anew` takes room on the disk, which the journal gives back first.
    """
    db.session.remove()
    return cut_journal(wait=1) and (not anew or (_written_anew() and cut_journal(wait=1)))


def _written_anew() -> bool:
    try:
        with closing(sqlite3.connect(folder() / "rondo.sqlite3", isolation_level=None, timeout=1)) as held:
            for name in ("secure_delete", "temp_store"):
                held.execute(f"PRAGMA {name}={PRAGMAS[name][0]}")
            held.execute("VACUUM")
    except sqlite3.OperationalError:
        return False
    return True


def _database_files() -> list[Path]:
    return [folder() / f"rondo.sqlite3{end}" for end in ("", "-wal", "-shm")]


def _files_that_go() -> Iterator[tuple[str, Path]]:
    """Yield all files that Rondo, or whoever ran it, writes into its folder, but the database and what is left."""
    own = {path.name for path in _database_files()}
    for path in sorted(folder().iterdir()):
        if path.name in own or not path.is_file():
            continue
        if path.name == KEY:
            yield "key", path
        elif path.name == backups.NOTE_FILE:
            yield "note", path
        elif backup.NAME.fullmatch(path.name) or path.name == backup.KEY_FILE or path.name.startswith("rondo.sqlite3"):
            yield "copies", path
        elif path.name.startswith(PARTS) and path.name.endswith(".part"):
            yield "parts", path
        elif path.name.startswith("rondo") and path.suffix == ".log":
            yield "logs", path


def _others() -> Iterator[Path]:
    """Yield the files of others: a data folder may be anywhere, and what Rondo did not write it does not remove."""
    own = {*_database_files(), *(folder() / name for name in (MARK, tombstones.FILE))}
    own.update(path for _kind, path in _files_that_go())
    with suppress(OSError):
        yield from (path for path in folder().iterdir() if path not in own)


def _is_removed(path: Path) -> bool:
    """Remove a file; return whether it is gone. Another program may hold it, and must not keep all else from going."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        return True
    return False


def _sizes(found: Any) -> list[tuple[str, int, int]]:
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for kind, path in found:
        with suppress(OSError):
            size[kind] += path.stat().st_size if path.is_file() else 0
            count[kind] += 1
    return [(kind, count[kind], size[kind]) for kind in count]


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")
