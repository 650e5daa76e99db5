"""Backups as files: the database encrypted to a key of which this computer knows the public half alone (age).

A folder of backups holds copies by time, and the private half locked by a passphrase, so that another computer needs
the folder and the passphrase, and nothing of this one.
"""

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyrage

KEY_FILE = "rondo-backup-key.age"
NOTE_FILE = "backup.json"
"""Lies in the data folder and says where backups go."""
KEPT = 20
PRIVATE = 0o600
STAMP = "%Y-%m-%d-%H%M%S"
NAME = re.compile(r"rondo-(\d{4}-\d\d-\d\d-\d{6})\.age")

EXCESSIVE = "Excessive work"
"""How age begins to say that a key asks for more work than this computer does in a few seconds."""


class WrongPassphrase(Exception):
    """The passphrase does not open the key."""


class TooSlow(Exception):
    """This computer would take too long to open the key; it was made on a faster one, or this one is busy."""


class Damaged(Exception):
    """A file is no backup of this key, or was changed."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One backup of a folder, and when it was made (UTC)."""

    path: Path
    made_at: datetime


def new_key(folder: Path, passphrase: str) -> str:
    """Make the key of a folder and return its public half; a key that is there already is opened and goes on."""
    path = folder / KEY_FILE
    if path.exists():
        return str(_open_key(folder, passphrase).to_public())
    identity = pyrage.x25519.Identity.generate()
    write_whole(path, pyrage.passphrase.encrypt(str(identity).encode(), passphrase))
    return str(identity.to_public())


def leave(folder: Path, content: bytes, *, public_key: str, now: datetime) -> Path:
    """Write one more backup, whole or not at all, and remove the oldest past those that are kept."""
    recipient = pyrage.x25519.Recipient.from_str(public_key)
    path = folder / f"rondo-{now.astimezone(UTC).strftime(STAMP)}.age"
    write_whole(path, pyrage.encrypt(content, [recipient]))
    for copy in copies(folder)[KEPT:]:
        with suppress(OSError):
            copy.path.unlink()
    return path


def copies(folder: Path) -> list[Copy]:
    """Return the backups of a folder, the newest first."""
    found = ((path, NAME.fullmatch(path.name)) for path in folder.iterdir())
    listed = [Copy(path, datetime.strptime(hit[1], STAMP).replace(tzinfo=UTC)) for path, hit in found if hit]
    return sorted(listed, key=lambda copy: copy.made_at, reverse=True)


def open_copy(path: Path, passphrase: str) -> bytes:
    """Return what a backup holds; its key lies in the same folder.

    Raises WrongPassphrase, TooSlow, and Damaged where a bit of the file was changed or the key is another one's.
    """
    identity = _open_key(path.parent, passphrase)
    try:
        return bytes(pyrage.decrypt(path.read_bytes(), [identity]))
    except (pyrage.DecryptError, ValueError) as error:
        raise Damaged(str(path)) from error


def chosen_folder(data: Path) -> Path | None:
    """Return the folder of backups that was chosen for a data folder; None where there is none or no note of it."""
    try:
        folder = str(json.loads((data / NOTE_FILE).read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Path(folder) if folder else None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, so that a stick pulled out half-way leaves the old one or none."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def add_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines at the end of a file for its owner alone; of processes that do so at once none loses a line.

    What a stick pulled out half-way left of a line stays one of its own; what somebody is just writing may look like
    that, and costs an empty line.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE), "r+b", buffering=0) as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        torn = file.read(1) not in (b"", b"\n")
        file.write(("\n" * torn + "".join(f"{line}\n" for line in lines)).encode("ascii"))
        os.fsync(file.fileno())


def _open_key(folder: Path, passphrase: str) -> pyrage.x25519.Identity:
    try:
        locked = (folder / KEY_FILE).read_bytes()
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(locked, passphrase).decode("ascii"))
    except (pyrage.DecryptError, ValueError) as error:
        wrong = TooSlow if EXCESSIVE in str(error) else WrongPassphrase
        raise wrong(str(folder / KEY_FILE)) from error
