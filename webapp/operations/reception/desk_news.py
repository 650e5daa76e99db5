"""What an open page of the desk asks every few seconds: whether the version, the draft and the rounds still stand."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from webapp.db import db
from webapp.errors import NotFound
from webapp.models import Plan, Session
from webapp.models.rounds import letters
from webapp.operations.plans import clock

LONGEST_STAMP = 120
LONGEST_NUMBER = 9
MARK = 12

ROWS = (
    select(Session, Plan.state, Plan.version, Plan.public_id)
    .outerjoin(Plan, and_(Plan.session_id == Session.id, Plan.state != "replaced", ~Plan.trial))
    .where(Session.slug == bindparam("slug"))
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a page of the desk shows of a session, as a short text to compare.

    `version` is the number of the published one, `draft` names the draft; `programme` differs where the session is
    another one, `clock` where its rounds stand or run in another way.
    """

    version: int
    draft: str
    programme: str
    clock: str

    def __str__(self) -> str:
        return f"{self.version}.{self.draft}.{self.programme}.{self.clock}"

    @classmethod
    def read(cls, text: str) -> "Stamp | None":
        """Return the stamp that a page sends back; nothing where it is none of ours."""
        version, *others = text.split(".")
        if len(text) > LONGEST_STAMP or len(others) != len(cls.__slots__) - 1 or len(version) > LONGEST_NUMBER:
            return None
        return cls(int(version), *others) if version.isascii() and version.isdecimal() else None

    def without_clock(self) -> "Stamp":
        """The same for a page that shows the clock itself."""
        return replace(self, clock="")


@dataclass(frozen=True, slots=True)
class News:
    """What has changed since a page was opened.

    `letter` is the version that has been published since, `before` the one that the page shows; `draft` says that one
    was made (`new`), put in another's place (`other`) or is there no more (`none`).
    """

    letter: str
    before: str
    draft: str
    programme: bool
    timed: bool


def look(slug: str, *, now: datetime) -> tuple[Session, Stamp]:
    """Return the session at this address, and the stamp of what the pages of its desk show at `now`."""
    rows = db.session.execute(ROWS, {"slug": slug}).all()
    if not rows:
        raise NotFound
    session: Session = rows[0].Session
    plans = {row.state: row for row in rows}
    published, draft = plans.get("published"), plans.get("draft")
    told = (session.starts, session.ends, session.title, session.room, session.timing)
    stamp = Stamp(
        version=published.version if published else 0,
        draft=_mark(draft.public_id) if draft else "",
        programme=_mark(repr(told)),
        clock=_stage(session, now),
    )
    return session, stamp


def since(seen: Stamp, fresh: Stamp) -> News:
    """Return what is new to a page that shows one stamp where another is `fresh`."""
    draft = "" if fresh.draft == seen.draft else "none" if not fresh.draft else "other" if seen.draft else "new"
    return News(
        letter=letters(fresh.version) if fresh.version != seen.version else "",
        before=letters(seen.version),
        draft=draft,
        programme=fresh.programme != seen.programme,
        timed=fresh.clock != seen.clock,
    )


def _stage(session: Session, now: datetime) -> str:
    """What was pressed so far, and where the rounds stand by that or by the programme."""
    at = clock.position(session, now)
    revision = session.run.revision if session.run else 0
    over = clock.is_over(session, session.rounds, now)
    return f"{revision}-{at.kind}-{at.number}-{at.state}-{clock.begun(session, now)}-{over:d}"


def _mark(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:MARK]
