"""Whom somebody need not meet, as they wrote it; read by the engine and by the safety contact, and by nobody else."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Person, new_public_id


class ApartEntry(Row):
    """One line that a person wrote: a name, an event number, an organisation; empty where it was said in person.

    Once it is `settled` its targets alone count, and what was written is gone, but for a seal among them.
    """

    __tablename__ = "apart_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(200), default="")
    settled: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()
    targets: Mapped[list["ApartTarget"]] = relationship(order_by="ApartTarget.id", cascade="all, delete-orphan")


class ApartTarget(Row):
    """Who is meant by an entry: a person, or everybody of an organisation or a visitor's host by name.

    With a name and a row it is a person or a host who was found under that name, and is meant from then on under any
    other.
    """

    __tablename__ = "apart_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("apart_entry.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    called: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (CheckConstraint("person_id IS NOT NULL OR called <> ''", name="someone"),)
