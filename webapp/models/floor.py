"""The room while it is held: who has come, and for which rounds; how the rounds run; which screens show them."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Person, new_public_id, utc_now
from webapp.models.programme import Session

MOST_LATE = 240

ATTENDANCE = ("here", "late", "absent")
ANSWERS = ("useful", "not_useful", "not_met")


class Attendance(Row):
    """What the desk knows of one person in one session; without a row somebody is expected, and not ticked yet.

    They take part from `first_round` to `last_round`: 1 and nothing for the whole session, a later first round for
    whoever is late, 0 as last round for whoever does not come at all, the round that runs for whoever goes now.
    `instead_of` is whose seats a stand-in has taken over.
    """

    __tablename__ = "attendance"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="here")
    first_round: Mapped[int] = mapped_column(default=1)
    last_round: Mapped[int | None]
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    changed_by: Mapped[str] = mapped_column(String(80), default="")

    person: Mapped[Person] = relationship(foreign_keys="Attendance.person_id")
    instead_of: Mapped[Person | None] = relationship(foreign_keys="Attendance.instead_of_id")

    __table_args__ = (
        CheckConstraint("state IN ('here', 'late', 'absent')", name="state"),
        CheckConstraint("first_round >= 1", name="first_round"),
        CheckConstraint("last_round >= 0", name="last_round"),
        CheckConstraint("state <> 'absent' OR last_round IS NOT NULL", name="absent"),
        Index("ix_attendance_person_id", "person_id"),
    )

    @property
    def withdrew(self) -> bool:
        """Whether the person has said themselves that they do not come, or go."""
        return self.state == "absent" and self.changed_by == self.person.number

    def takes_part(self, number: int) -> bool:
        """Return whether the person is there in round `number`."""
        return self.first_round <= number and (self.last_round is None or number <= self.last_round)


class Run(Row):
    """How the rounds of a session run: all that the desk has pressed, so that the rest follows from it and the time.

    `steps` are rounds and what lies between them, each with its round's number and its length in milliseconds as it
    has become; they follow one another from `started_at` on (UTC, as every time here). Each press counts `revision` up.
    `waiting`: until the rounds are started none has begun, whatever the programme says.
    """

    __tablename__ = "run"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    late_minutes: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[bool] = mapped_column(default=False, server_default="0")
    steps: Mapped[list[tuple[str, int, int]]] = mapped_column(JSON, default=list)
    started_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by: Mapped[str] = mapped_column(String(80), default="")

    session: Mapped[Session] = relationship(back_populates="run")

    __table_args__ = (
        CheckConstraint(f"late_minutes BETWEEN 0 AND {MOST_LATE}", name="late_minutes"),
        CheckConstraint("started_at IS NOT NULL OR (paused_at IS NULL AND stopped_at IS NULL)", name="started"),
    )


class Screen(Row):
    """A device that shows a session's rounds and nothing else, or waits with a code until the desk types it.

    Only a hash of its cookie is kept, and a seal of the address it asked from. `session` and no code: it is paired,
    until `expires_at`.
    """

    __tablename__ = "screen"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    code: Mapped[str | None] = mapped_column(String(6), unique=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    paired_by: Mapped[str] = mapped_column(String(80), default="")
    asked_from: Mapped[str] = mapped_column(String(32), default="", server_default="")

    session: Mapped[Session | None] = relationship()

    __table_args__ = (CheckConstraint("(code IS NULL) <> (session_id IS NULL)", name="one_state"),)


class HelpPlace(Row):
    """Where the help point has sent somebody who had no partner in a round; whoever shares a table there has met.

    `kind` is pair, third, visit, or staff, which has no table. It is on no card.
    """

    __tablename__ = "help_place"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    table: Mapped[str] = mapped_column("table_name", String(20), default="")
    host: Mapped[str | None] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80), default="")

    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("kind IN ('pair', 'third', 'visit', 'staff')", name="kind"),
        Index("ix_help_place_person_id", "person_id"),
    )


class StandbyNote(Row):
    """What the desk has noted of a place with a specialist in one round.

    `kind` is missing for a visitor of that round who has not come to the table, passed for somebody from the standby
    line who was called there and did not come.
    """

    __tablename__ = "standby_note"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (
        CheckConstraint("kind IN ('missing', 'passed')", name="kind"),
        Index("ix_standby_note_person_id", "person_id"),
    )


class Feedback(Row):
    """What somebody says of their meeting in one round: it was useful, it was not, or it did not take place.

    It belongs to the round, not to a version: whoever sat there then, nobody but its writer is shown it. `changes`
    counts how often it was changed.
    """

    __tablename__ = "feedback"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    changes: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("kind IN ('useful', 'not_useful', 'not_met')", name="kind"),
        CheckConstraint("round_no >= 1", name="round"),
        Index("ix_feedback_person_id", "person_id"),
    )


class StandbyCall(Row):
    """Whom the desk has called to a specialist's free place by the big screen; the last call of each specialist."""

    __tablename__ = "standby_call"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_no: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    table: Mapped[str] = mapped_column("table_name", String(20))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (Index("ix_standby_call_person_id", "person_id"),)
