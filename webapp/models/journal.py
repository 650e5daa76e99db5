"""What the house notes down: who is signed in, failed tries, background jobs, files that wait or were taken out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Person, Staff, new_public_id, utc_now
from webapp.models.programme import Session


class SignIn(Row):
    """A browser that is signed in. Only a hash of the cookie's id is kept; `revoked_at` ends it at once.

    `confirmed_at` is when whoever sits there has last typed the password again.
    """

    __tablename__ = "sign_in"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    staff: Mapped[Staff | None] = relationship()

    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (staff_id IS NULL)", name="one_holder"),)


class Attempt(Row):
    """Tries that failed at one door (a code's finder, an account) or from one address, so that guessing gets slow.

    Doors and addresses are kept as seals, and for an hour.
    """

    __tablename__ = "attempt"

    door_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_again_at: Mapped[datetime]


class GivenOut(Row):
    """That ways in were given out or taken back: to how many people, or to which one, and by whom."""

    __tablename__ = "given_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(10))
    people: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80))

    person: Mapped[Person | None] = relationship()

    __table_args__ = (Index("ix_given_out_person_id", "person_id"),)


class Job(Row):
    """Long work in the background; at most one of a kind is under way for a session. `asked` holds what it goes by."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(20))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    asked_by: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    fraction: Mapped[float] = mapped_column(default=0.0)
    doing: Mapped[str] = mapped_column(String(60), default="")
    sentence: Mapped[str] = mapped_column(String(1000), default="")
    process: Mapped[int | None]
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)

    session: Mapped[Session] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'stopped')", name="state"),
        Index(
            "uq_job_under_way",
            "kind",
            "session_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
        ),
    )


class WaitingFile(Row):
    """A file that somebody of the staff has sent and not yet read in: one an account, gone when done or too old.

    `session_id` is set where the file holds whoever is visited in that session; else it holds people, or the `whole`
    event. `columns` says what each column is, and is empty until somebody has said so.
    """

    __tablename__ = "waiting_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), unique=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    encoding: Mapped[str] = mapped_column(String(20), default="")
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    usual_role: Mapped[str] = mapped_column(String(20), default="guest")
    whole: Mapped[bool] = mapped_column(default=False, server_default=text("0"))
    expires_at: Mapped[datetime]

    session: Mapped[Session | None] = relationship()


class TakenOut(Row):
    """A file with names that has left the house: of which kind, when, and by whom."""

    __tablename__ = "taken_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80))


class Tombstone(Row):
    """That somebody was removed: a sign that tells nobody who it was; an older backup does not bring them back."""

    __tablename__ = "tombstone"

    sign: Mapped[str] = mapped_column(String(100), primary_key=True)


class AnsweredForm(Row):
    """A form of somebody's own pages that was answered: what came twice is answered alike and kept once.

    A form has a random key, kept as a hash, and counts its sendings. `sent` is a hash of what was sent last, `stamp`
    of how things stood after it.
    """

    __tablename__ = "answered_form"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    turn: Mapped[int] = mapped_column(default=0)
    sent: Mapped[str] = mapped_column(String(64))
    stamp: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime] = mapped_column(default=utc_now)
