"""The room while it is held: who has come, and from which round to which they take part."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Person, utc_now

ATTENDANCE = ("here", "late", "absent")


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

    def takes_part(self, number: int) -> bool:
        """Return whether the person is there in round `number`."""
        return self.first_round <= number and (self.last_round is None or number <= self.last_round)


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
