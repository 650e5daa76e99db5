"""Who was removed stays removed when an older backup is taken up: a sign of each is kept that tells nobody who it was.

A sign is a salted hash of a random public id. Signs stand in the database, in a file beside it, and in one beside the
backups, where whoever takes up an older backup on another computer has them at hand.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.db import after_commit, db
from webapp.exchange.backup import add_lines, chosen_folder
from webapp.i18n import lazy_gettext
from webapp.models import Tombstone
from webapp.sealing import seal

FILE = "rondo-gone.txt"
NUMBER = "number:"
REMOVED = lazy_gettext("This person was removed here. Leave out this row, and rows that name this number.")
MARK = "deleting.json"
"""Lies in the data folder from when everything begins to be deleted until that is finished."""
Kind = Literal["person", "event"]


def under_way(where: Path) -> bool:
    """Return whether a deletion of everything has begun in this data folder that is not finished."""
    return (where / MARK).exists()


def sign_of(public_id: str, salt: str = "") -> str:
    """Return a sign of somebody or of the event."""
    salt = salt or secrets.token_hex(16)
    return f"{salt}:{hashlib.sha256(f'{salt} {public_id}'.encode()).hexdigest()}"


def bury(rows: Rows, public_id: str) -> None:
    """Leave a sign of a person who is removed, as a part of the removal; it lies beside the backups right after it."""
    sign = sign_of(public_id)
    rows.add(Tombstone(sign=sign))
    after_commit(rows, partial(_spread, sign))


def _spread(sign: str) -> None:
    data = Path(db.engines[None].url.database or "").parent
    for place in (data, chosen_folder(data)):
        if place is not None:
            leave_in(place, {sign})


def bury_number(rows: Rows, number: str) -> None:
    """Leave a seal of the event number of a person who is removed, so that no file brings them back."""
    rows.merge(Tombstone(sign=seal_of_number(number)))


def seal_of_number(number: str) -> str:
    """Return what stays of the event number of somebody who was removed, under the house's own key."""
    return NUMBER + seal("removed", number)


def numbers(rows: Rows) -> set[str]:
    """Return the seals of the event numbers of everybody who was removed here."""
    return set(rows.scalars(select(Tombstone.sign).where(Tombstone.sign.startswith(NUMBER))))


def fits(public_id: str, signs: Iterable[str]) -> bool:
    """Return whether one of the signs is of this public id."""
    return any(hmac.compare_digest(sign_of(public_id, sign.partition(":")[0]), sign) for sign in signs)


def signs_in(folder: Path, kind: Kind) -> set[str]:
    """Return the signs that lie in a folder; none where there is no file or it cannot be read."""
    try:
        lines = (folder / FILE).read_bytes().decode("ascii", "replace").splitlines()
    except OSError:
        return set()
    words = (line.split() for line in lines)
    return {word[1] for word in words if len(word) > 1 and word[0] == kind and word[1].isascii()}


def leave_in(folder: Path, signs: Iterable[str] = (), *, kind: Kind = "person") -> None:
    """Add signs to those that lie in a folder; a folder that cannot be written keeps what it has."""
    missing = sorted(set(signs) - signs_in(folder, kind))
    if missing:
        with suppress(OSError):
            add_lines(folder / FILE, [f"{kind} {sign}" for sign in missing])


def known() -> set[str]:
    """Return the signs of everybody who was removed here."""
    return set(db.session.scalars(select(Tombstone.sign).where(~Tombstone.sign.startswith(NUMBER))))
