"""Ways in and out: codes, links, passwords, and the sign-ins that follow from them."""

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp.access import NOBODY, Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.models import AccessCode, Helper, Link, SignIn, Staff, WaitingFile
from webapp.models.people import utc_now
from webapp.operations.door.patience import Door, forget_failures, knock, note_failure

CODE_DIGITS, FINDER_DIGITS = 16, 4
ONCE = "once"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
STAFF_LASTS, STAFF_IDLE = timedelta(hours=8), timedelta(minutes=60)
PERSON_LASTS = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)

_slow = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_noting = Lock()
_decoy = _slow.hash("a code that nobody has")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fresh sign-in: the id for the cookie, shown this once, and until when it lasts."""

    cookie: str
    expires_at: datetime


def fast_hash(text: str) -> str:
    """Return a hash for values that are random by themselves (128 bits and more)."""
    return hashlib.sha256(text.encode()).hexdigest()


def plain_digits(typed: str) -> str:
    """Return the digits of a typed code, whatever their script, without spaces and dashes."""
    return "".join(str(unicodedata.digit(c)) for c in typed if unicodedata.category(c) == "Nd")


@dataclass(frozen=True, slots=True)
class Code:
    """A fresh code: its digits for the eye, and what is kept of it."""

    in_fours: str
    finder: str
    secret_hash: str


def random_code(count: int) -> Code:
    """Return a code of `count` random digits."""
    digits = "".join(secrets.choice("0123456789") for _ in range(count))
    fours = " ".join(digits[at : at + 4] for at in range(0, count, 4))
    return Code(fours, digits[:FINDER_DIGITS], _slow.hash(digits[FINDER_DIGITS:]))


def random_codes(number: int) -> list[Code]:
    """Return so many codes for participants; hashing is slow on purpose, so all processors do it."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(random_code, [CODE_DIGITS] * number))


def keep_code(rows: Rows, person_id: int, code: Code) -> None:
    """Let a person sign in by this code and by no older one, as a part of a larger change."""
    rows.execute(delete(AccessCode).where(AccessCode.person_id == person_id))
    rows.add(AccessCode(person_id=person_id, finder=code.finder, secret_hash=code.secret_hash))


def issue_link(*, lasts: timedelta, person_id: int | None = None, staff_id: int | None = None) -> str:
    """Give a participant or a member of staff a new sign-in link's token, shown this once."""
    with transaction() as rows:
        return new_link(rows, lasts=lasts, person_id=person_id, staff_id=staff_id)


def new_link(
    rows: Rows, *, lasts: timedelta, person_id: int | None = None, staff_id: int | None = None, kind: str = "link"
) -> str:
    """Give a new link as a part of a larger change; what ended is forgotten."""
    token, until = random_token(), utc_now() + lasts
    rows.execute(delete(Link).where(Link.expires_at < utc_now()))
    rows.add(Link(token_hash=fast_hash(token), person_id=person_id, staff_id=staff_id, kind=kind, expires_at=until))
    return token


def random_token() -> str:
    """Return what a link holds: 192 random bits."""
    return secrets.token_urlsafe(24)


def sign_in_by_code(typed: str, *, address: str = "") -> Ticket:
    """Sign a participant in by a typed code; `address` is where it comes from.

    Wrong, unknown and removed codes get the same answer; after some failures each further try has to wait.
    """
    digits = plain_digits(typed)
    finder, secret = digits[:FINDER_DIGITS], digits[FINDER_DIGITS:]
    found = db.session.scalars(select(AccessCode.secret_hash).where(AccessCode.finder == finder)).all()
    door = Door(f"code {finder}", address)
    fitting = try_secret(door, found if len(digits) == CODE_DIGITS else (), secret)
    with transaction() as rows:
        forget_failures(rows, door)
        # a new code may have ended this one while it was compared
        person_id = rows.scalar(select(AccessCode.person_id).where(AccessCode.secret_hash == fitting))
        return new_sign_in(rows, lasts=PERSON_LASTS, person_id=person_id)


def try_secret(door: Door, known: Sequence[str], secret: str) -> str:
    """Return which of the known slow hashes a typed secret fits.

    Where it fits none it is refused, as if nothing were known, and further tries at this door have to wait.
    """
    knock(door)
    fits = [one for one in known if _fits(one, secret)]
    if not known:
        _fits(_decoy, secret)
    if not fits:
        note_failure(door)
        raise NotFound
    return fits[0]


def check_password(staff: Staff, password: str, *, address: str = "") -> tuple[Door, str]:
    """Return the account's door and the hash that a typed password fits; any other is refused like a wrong sign-in."""
    door, known = Door(f"staff {staff.name.casefold()}", address), staff.password_hash
    return door, try_secret(door, [known] if known else (), _composed(password))


def sign_in_by_password(name: str, password: str, *, address: str = "") -> Ticket:
    """Sign staff in by account name and password; any wrong pair gets the same answer."""
    door = Door(f"staff {name.casefold()}", address)
    knock(door)
    staff = db.session.scalar(select(Staff).where(Staff.name == name))
    known = staff.password_hash if staff else None
    if not _fits(known or _decoy, _composed(password)) or known is None:
        note_failure(door)
        raise NotFound
    with transaction() as rows:
        forget_failures(rows, door)
        # a reset may have ended this password while it was compared
        staff_id = rows.scalar(select(Staff.id).where(Staff.password_hash == known))
        return new_sign_in(rows, lasts=STAFF_LASTS, staff_id=staff_id)


def link_is_good(token: str) -> bool:
    """Return whether the link would sign somebody in; looking uses nothing up."""
    return _find_link(token) is not None


def sign_in_by_link(token: str) -> Ticket:
    """Sign in whoever the link was made for; one that lets in once is used up."""
    if not link_is_good(token):
        raise NotFound
    with transaction() as rows:
        link = _find_link(token)
        if link is None:
            raise NotFound
        lasts = STAFF_LASTS if link.staff_id else PERSON_LASTS
        person_id, staff_id = link.person_id, link.staff_id
        if link.kind == ONCE:
            rows.delete(link)
        return new_sign_in(rows, lasts=lasts, person_id=person_id, staff_id=staff_id)


WITH_HOLDER = (joinedload(SignIn.person), joinedload(SignIn.staff))


def sign_in_of(cookie: str) -> SignIn | None:
    """Return the sign-in of this cookie with whose it is, whatever has become of it; as long as it is held, at once."""
    return db.session.get(SignIn, fast_hash(cookie), options=WITH_HOLDER)


def actor_of(cookie: str) -> Actor:
    """Return who holds this cookie; nobody where the sign-in is over, revoked or was never there."""
    return holder_of(cookie, sign_in_of(cookie))


def holder_of(cookie: str, row: SignIn | None) -> Actor:
    """Return who holds this cookie, whose sign-in is given where there is one."""
    now = utc_now()
    if row is None:
        helper = db.session.scalar(select(Helper).where(Helper.cookie_hash == fast_hash(cookie)))
        return Actor(helper=helper) if helper is not None and helper.is_in(now) else NOBODY
    if row.revoked_at is not None or row.expires_at <= now:
        return NOBODY
    if row.staff_id is not None and row.seen_at + STAFF_IDLE <= now:
        return NOBODY
    return Actor(person=row.person, staff=row.staff)


def note_seen(cookie: str) -> None:
    """Remember that a signed-in browser is in use; written at most every few minutes.

    Of a room of phones that come at once only one after the other is noted, and none waits for that: the rest are when
    they come again. Staff always are, since it keeps them signed in.
    """
    row = sign_in_of(cookie)
    if row is None or row.seen_at + SEEN_EVERY > utc_now():
        return
    noting = _noting.acquire(blocking=row.staff_id is not None)
    if not noting:
        return
    try:
        with transaction() as rows:
            rows.execute(update(SignIn).where(SignIn.id_hash == fast_hash(cookie)).values(seen_at=utc_now()))
    finally:
        _noting.release()


def sign_out(cookie: str) -> None:
    """End this browser's sign-in at once."""
    with transaction() as rows:
        rows.execute(
            update(SignIn)
            .where(SignIn.id_hash == fast_hash(cookie), SignIn.revoked_at.is_(None))
            .values(revoked_at=utc_now())
        )
        rows.execute(
            update(Helper)
            .where(Helper.cookie_hash == fast_hash(cookie), Helper.ended_at.is_(None))
            .values(ended_at=utc_now())
        )


def sign_out_everywhere(*, by: Actor) -> None:
    """End every sign-in of the actor, on all devices; a helper has but the one."""
    column = SignIn.staff_id if by.staff is not None else SignIn.person_id
    holder = by.staff or by.person
    if holder is None:
        return
    held = holder.id
    with transaction() as rows:
        rows.execute(update(SignIn).where(column == held, SignIn.revoked_at.is_(None)).values(revoked_at=utc_now()))


def devices_of(by: Actor) -> int:
    """Return on how many devices the actor is signed in now."""
    column = SignIn.staff_id if by.staff is not None else SignIn.person_id
    holder = by.staff or by.person
    if holder is None:
        return 0
    now = utc_now()
    live = select(func.count()).where(column == holder.id, SignIn.revoked_at.is_(None), SignIn.expires_at > now)
    if by.staff is not None:
        live = live.where(SignIn.seen_at > now - STAFF_IDLE)
    return db.session.scalar(live) or 0


def add_staff(name: str, role: str, password: str | None) -> int:
    """Add an account; return its row id. Without a password it can be entered by link only."""
    secret = _slow.hash(_strong(password)) if password is not None else None
    with transaction() as rows:
        if rows.scalar(select(Staff).where(Staff.name == name)) is not None:
            raise BadInput(f"There is an account {name!r} already; `rondo staff reset` gives it a new password.")
        staff = Staff(name=name, role=role, password_hash=secret)
        rows.add(staff)
        rows.flush()
        return staff.id


def reset_password(name: str, password: str) -> None:
    """Give an account a new password and end all its sign-ins and links."""
    secret = _slow.hash(_strong(password))
    with transaction() as rows:
        staff = rows.scalar(select(Staff).where(Staff.name == name))
        if staff is None:
            raise NotFound(f"There is no account {name!r}; `rondo staff add` makes one.")
        staff.password_hash = secret
        rows.execute(update(SignIn).where(SignIn.staff_id == staff.id).values(revoked_at=utc_now()))
        rows.execute(delete(Link).where(Link.staff_id == staff.id))


def _strong(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(f"The password is too short: give at least {SHORTEST_PASSWORD} characters.", "password")
    if len(password) > LONGEST_PASSWORD:
        raise BadInput(f"The password is too long: give at most {LONGEST_PASSWORD} characters.", "password")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise BadInput("There is a control character in the password, which no page could send.", "password")
    return _composed(password)


def _composed(password: str) -> str:
    """Return the password as every keyboard gives it: some compose accents, some do not."""
    return unicodedata.normalize("NFC", password)


def _fits(secret_hash: str, secret: str) -> bool:
    try:
        return _slow.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


def _find_link(token: str) -> Link | None:
    link = db.session.scalar(select(Link).where(Link.token_hash == fast_hash(token)))
    return link if link is not None and link.expires_at > utc_now() else None


def new_sign_in(rows: Rows, *, lasts: timedelta, person_id: int | None = None, staff_id: int | None = None) -> Ticket:
    """Sign somebody in as a part of a larger change; nobody where neither is named, and what ended is forgotten."""
    if person_id is None and staff_id is None:
        raise NotFound
    for kind in (SignIn, WaitingFile):
        rows.execute(delete(kind).where(kind.expires_at < utc_now()))
    cookie, until = secrets.token_urlsafe(32), utc_now() + lasts
    rows.add(SignIn(id_hash=fast_hash(cookie), person_id=person_id, staff_id=staff_id, expires_at=until))
    return Ticket(cookie, until)
