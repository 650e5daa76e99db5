"""Plans: versions with meetings, seats and rests. The database itself forbids a double seat and an edited version.

When a person goes, their seats go, and what the reasons of their meetings say of them; nothing else of a version does.
"""

from datetime import datetime
from string import ascii_uppercase
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Person, new_public_id, utc_now
from webapp.models.programme import Session


def letters(version: int) -> str:
    """Return version 1, 2, … 26, 27 as A, B, … Z, AA; nothing for 0."""
    word = ""
    while version > 0:
        version, digit = divmod(version - 1, len(ascii_uppercase))
        word = ascii_uppercase[digit] + word
    return word


class Plan(Row):
    """One answer of the engine for a session: a draft, the published version, or one that was replaced.

    `version` counts what was published, from 1; a draft has none. `quality` holds the engine's figures, `rules` what
    it was asked to keep. A `trial` stands beside the draft, made by other rules to compare; it is never published.
    `open_from` is 0 for a whole plan; one that follows on the version before has all rounds before that one from it.
    A trial of that kind plans the open rounds anew.
    """

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int | None]
    seed: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80), default="")
    published_at: Mapped[datetime | None]
    rounds: Mapped[int]
    people: Mapped[int]
    quality: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    trial: Mapped[bool] = mapped_column(default=False)
    open_from: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    rules: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    session: Mapped[Session] = relationship()
    meetings: Mapped[list["Meeting"]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", order_by="Meeting.round_no, Meeting.position"
    )
    rests: Mapped[list["Rest"]] = relationship(cascade="all, delete-orphan", order_by="Rest.round_no")

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'replaced')", name="state"),
        CheckConstraint("(state = 'draft') = (version IS NULL)", name="version"),
        CheckConstraint("NOT trial OR state = 'draft'", name="trial"),
        UniqueConstraint("session_id", "version"),
        Index("uq_plan_published", "session_id", unique=True, sqlite_where=text("state = 'published'")),
        Index("uq_plan_draft", "session_id", "trial", "open_from", unique=True, sqlite_where=text("state = 'draft'")),
    )

    @property
    def letter(self) -> str:
        """The version as paper shows it: A, B, … Z, AA, …; nothing for a draft."""
        return letters(self.version or 0)


class Meeting(Row):
    """Who sits at one table in one round. `reasons` are the engine's codes with their values, people by row id.

    `host` and `interpreter` are public ids: a version stays as it is when one of them goes. What is `locked` stays when
    one plans again.
    """

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    round_no: Mapped[int]
    table: Mapped[str] = mapped_column("table_name", String(20))
    position: Mapped[int] = mapped_column(default=0)
    benefit: Mapped[int] = mapped_column(default=0)
    language: Mapped[str | None] = mapped_column(String(12))
    host: Mapped[str | None] = mapped_column(String(32))
    interpreter: Mapped[str | None] = mapped_column(String(32))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    locked: Mapped[bool] = mapped_column(default=False, server_default=text("0"))

    plan: Mapped[Plan] = relationship(back_populates="meetings")
    seats: Mapped[list["Seat"]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", order_by="Seat.place"
    )

    __table_args__ = (
        UniqueConstraint("plan_id", "round_no", "table_name"),
        UniqueConstraint("id", "plan_id", "round_no"),
        CheckConstraint("round_no >= 1", name="round"),
    )


class Seat(Row):
    """One person at one meeting; the primary key lets nobody sit twice in a round."""

    __tablename__ = "seat"

    plan_id: Mapped[int] = mapped_column(primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[int]
    place: Mapped[int]

    meeting: Mapped[Meeting] = relationship(back_populates="seats")
    person: Mapped[Person] = relationship()

    __table_args__ = (
        ForeignKeyConstraint(
            ["meeting_id", "plan_id", "round_no"],
            ["meeting.id", "meeting.plan_id", "meeting.round_no"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("meeting_id", "place"),
        Index("ix_seat_person_id", "person_id"),
    )


class Rest(Row):
    """Somebody who is there and has no table in a round; `code` is the engine's reason."""

    __tablename__ = "rest"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))

    person: Mapped[Person] = relationship()


_REASONS_ALONE = " AND ".join(
    [
        *(
            f"OLD.{column.name} IS NEW.{column.name}"
            for column in Meeting.__table__.columns
            if column.name != "reasons"
        ),
        "length(NEW.reasons) < length(OLD.reasons)",
    ]
)


def _guards(table: str) -> list[str]:
    """Return triggers that refuse to add to or change a version that is no draft (deleting people stays possible)."""
    refuse = "SELECT RAISE(ABORT, 'a published version is never edited')"
    shrunk = f" AND NOT ({_REASONS_ALONE})" if table == "meeting" else ""
    return [
        f"CREATE TRIGGER {table}_{verb.lower()}_only_in_draft BEFORE {verb} ON {table} "  # noqa: S608
        f"WHEN (SELECT state FROM plan WHERE id = {row}.plan_id) <> 'draft'{more} BEGIN {refuse}; END"
        for verb, row, more in (("INSERT", "NEW", ""), ("UPDATE", "OLD", shrunk))
    ]


for _row in (Meeting, Seat, Rest):
    for _sql in _guards(_row.__tablename__):
        event.listen(_row.__table__, "after_create", DDL(_sql))
