"""Encrypted backups in a folder of choice, such as a stick: set up once, left at every publish, taken up elsewhere."""

import json
import secrets
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from webapp.access import DESK, Actor
from webapp.config import Settings, open_data_folder
from webapp.db import db, snapshot, transaction
from webapp.errors import BadInput, NotFound, Refused
from webapp.exchange import backup
from webapp.i18n import gettext as _
from webapp.models import Event, Helper, Invitation, Link, Person, SignIn, Staff, Tombstone
from webapp.models.people import utc_now
from webapp.operations.guests import people, tombstones
from webapp.operations.plans.turns import InTurn

SHORTEST_PASSPHRASE = 12
BUSY = "this computer is too busy or too slow to open the key; close other programs, then try again."
NOTE_FILE = backup.NOTE_FILE
FARTHEST_TURN = 2**40
one_at_a_time = InTurn()
"""Held while a backup is made, and while everything is deleted: none is made of what goes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where backups go, the public half of their key, and how the last one went; `failed` says why it is missing."""

    folder: str
    public_key: str
    last: str = ""
    failed: str = ""

    @property
    def last_at(self) -> datetime | None:
        """When the last backup was made, on the venue's clock; None where there is none yet."""
        event = db.session.get(Event, 1)
        return datetime.fromisoformat(self.last).astimezone(event.zone if event else UTC) if self.last else None


def kept() -> Kept | None:
    """Return where backups go from this computer and how the last one went; None where nothing is set up."""
    try:
        return Kept(**json.loads(_note().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        return Kept("", "", failed=_("The file %(path)s cannot be read. Set backups up anew.", path=_note()))


def back_up_now(*, by: Actor) -> None:
    """Leave a backup because somebody at the desk asked for it; how it went is read from `kept`."""
    if by.role not in DESK:
        raise NotFound
    leave_if_set_up()


def set_up(folder: Path, passphrase: str) -> Path:
    """Let every publish leave a backup in this folder from now on, and leave the first; return its path."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BadInput(f"The passphrase is too short: give at least {SHORTEST_PASSPHRASE} characters.")
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder; make it first, or put the stick in.")
    if _database().parent.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise BadInput(f"{folder}: this is inside the data folder, and would be lost with it; choose another disk.")
    try:
        public_key = backup.new_key(folder, passphrase)
    except backup.WrongPassphrase:
        raise Refused(
            f"{folder}: there are backups under another passphrase; type that one, or choose an empty folder."
        ) from None
    except backup.TooSlow:
        raise Refused(f"{folder}: {BUSY}") from None
    except OSError as error:
        raise Refused(f"{folder}: cannot be written: {error.strerror}.") from None
    with one_at_a_time:
        _refuse_while_it_goes()
        _write(Kept(str(folder.resolve()), public_key))
    return leave()


def leave() -> Path:
    """Leave a backup now and return its path; refused where none is set up or the folder cannot be written."""
    # who waits reads nothing meanwhile, else no journal could be emptied
    db.session.rollback()
    with one_at_a_time:
        setup = kept()
        if setup is None or not setup.folder:
            raise Refused("No folder for backups is chosen yet: rondo backup --folder /path/to/stick")
        try:
            path, now = _leave(setup)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            why = _("%(folder)s cannot be written (%(why)s).", folder=setup.folder, why=reason)
            _note_down(setup, Kept(setup.folder, setup.public_key, last=setup.last, failed=why))
            raise Refused(why) from None
        try:
            _note_down(setup, Kept(setup.folder, setup.public_key, last=now.isoformat(timespec="seconds")))
        except Refused:
            # whoever deletes everything has counted the copies already
            path.unlink(missing_ok=True)
            raise
    return path


def _leave(setup: Kept) -> tuple[Path, datetime]:
    now = datetime.now(UTC)
    content = snapshot(str(_database()))
    _refuse_while_it_goes(setup)
    path = backup.leave(Path(setup.folder), content, public_key=setup.public_key, now=now)
    tombstones.leave_in(path.parent, tombstones.known())
    return path, now


def _note_down(setup: Kept, note: Kept) -> None:
    _refuse_while_it_goes(setup)
    _write(note)


def _refuse_while_it_goes(setup: Kept | None = None) -> None:
    """Refuse where everything is being deleted by another process, or was since this note was read."""
    if tombstones.under_way(_database().parent) or (setup is not None and kept() != setup):
        raise Refused(_("Everything is being deleted"))


def leave_if_set_up() -> None:
    """Leave a backup where backups are set up; what fails is noted for the pages and keeps nobody from going on."""
    try:
        if kept() is not None:
            leave()
    except (Refused, OSError):
        # not even the note can be written where the disk is full
        return


def made() -> list[datetime]:
    """Return when each backup that is known of was made, the newest first; of a folder out of reach, the last alone."""
    setup = kept()
    if setup is None or not setup.last:
        return []
    try:
        found = [copy.made_at for copy in backup.copies(Path(setup.folder))]
    except OSError:
        found = []
    return found or [datetime.fromisoformat(setup.last)]


def newest(folder: Path) -> backup.Copy:
    """Return the newest backup of a folder, or the one that is named."""
    if folder.is_file():
        stamp = backup.NAME.fullmatch(folder.name)
        made_at = datetime.strptime(stamp[1], backup.STAMP).replace(tzinfo=UTC) if stamp else datetime.now(UTC)
        return backup.Copy(folder, made_at)
    try:
        return backup.copies(folder)[0]
    except OSError as error:
        raise Refused(f"{folder}: cannot be read: {error.strerror}.") from None
    except IndexError:
        raise Refused(f"{folder}: there is no backup in it (its files are named rondo-….age).") from None


def take_up(copy: backup.Copy, passphrase: str, settings: Settings) -> None:
    """Put what a backup holds into an empty data folder, whole or not at all; nobody is signed in there."""
    if settings.database.exists() and settings.database.stat().st_size:
        raise Refused(f"{settings.data}: there is an event in this folder already; choose another: --data DIR")
    try:
        content = backup.open_copy(copy.path, passphrase)
    except backup.WrongPassphrase:
        raise Refused(f"{copy.path.parent}: this is not the passphrase of these backups.") from None
    except backup.TooSlow:
        raise Refused(f"{copy.path.parent}: {BUSY}") from None
    except backup.Damaged:
        raise Refused(f"{copy.path}: this file was changed or is damaged; take an earlier one.") from None
    except OSError as error:
        raise Refused(f"{error.filename}: cannot be read: {error.strerror}.") from None
    gone = tombstones.signs_in(copy.path.parent, "event") | tombstones.signs_in(settings.data, "event")
    if gone and tombstones.fits(_event_in(content), gone):
        raise Refused(f"{copy.path}: everything about this event was deleted; remove its backups too.")
    open_data_folder(settings)
    backup.write_whole(settings.database, content)


def _event_in(content: bytes) -> str:
    """Return the public id of the event that a backup holds."""
    with closing(sqlite3.connect(":memory:")) as held:
        held.deserialize(content)
        try:
            return str((held.execute("SELECT public_id FROM event").fetchone() or ("",))[0])
        except sqlite3.OperationalError:
            return ""  # an older version wrote it


def take_away_again(folder: Path) -> int:
    """Remove once more whoever was removed after the backup in this folder was made; return how many."""
    here = _database().parent
    with transaction() as rows:
        signs = tombstones.signs_in(folder, "person") | tombstones.signs_in(here, "person")
        signs |= set(rows.scalars(select(Tombstone.sign)))
        gone = [one for one in rows.scalars(select(Person)) if tombstones.fits(one.public_id, signs)] if signs else []
        for person in gone:
            people.erase(rows, person)
    return len(gone)


def end_all_sign_ins() -> None:
    """End every sign-in and link, the codes on cards, and what lets helpers in: who was in comes in anew.

    Whoever was sent away, or came by a link, after the backup was made would else be let in by it once more; the turn
    of cards jumps by chance, so that it never comes to one that was given out and taken back since. The typed
    codes of slips stay, since people hold them: one that was taken back after the backup has to be taken back again.
    """
    with transaction() as rows:
        rows.execute(update(SignIn).where(SignIn.revoked_at.is_(None)).values(revoked_at=utc_now()))
        rows.execute(update(Helper).where(Helper.ended_at.is_(None)).values(ended_at=utc_now()))
        rows.execute(update(Person).values(card_turn=Person.card_turn + 1 + secrets.randbelow(FARTHEST_TURN)))
        rows.execute(delete(Invitation))
        rows.execute(delete(Link))


def staff_to_go_on() -> list[Staff]:
    """Return the accounts that can go on here, organisers first."""
    return list(db.session.scalars(select(Staff).order_by(Staff.role != "organiser", Staff.role, Staff.id)))


def _write(note: Kept) -> None:
    backup.write_whole(_note(), json.dumps(asdict(note)).encode())


def _note() -> Path:
    return _database().with_name(NOTE_FILE)


def _database() -> Path:
    return Path(db.engines[None].url.database or "")
