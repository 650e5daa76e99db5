"""Who is visited: specialists, tool tables with their presenters; and interpreters, who go where they are needed."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import Organisation, Person, new_public_id, spelling_of
from webapp.models.programme import Interest, Session

MOST_PLACES = 200


def since(first: int | None, session: Session) -> frozenset[int]:
    """Return the rounds of a session from `first` on; none where that is nothing."""
    return frozenset() if first is None else frozenset(number for number in session.numbers if number >= first)


class Host(Row):
    """A specialist of a session of clinics, or a tool table of stations; people read *specialist* or *presenter*.

    `title` is the tool, or what a specialist is asked about; `away` holds the rounds without them, and from round
    `gone_from` on they are not there any more. A host who is also a participant is that `person`, who cannot be a guest
    elsewhere at that time, and goes when the person goes. `note` is for people who choose where to go, and `revision`
    counts saves.
    """

    __tablename__ = "host"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(80))
    latin: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    table: Mapped[str] = mapped_column("table_name", String(20), default="")
    places: Mapped[int] = mapped_column(default=1)
    min_places: Mapped[int] = mapped_column(default=1)
    away: Mapped[list[int]] = mapped_column(JSON, default=list)
    gone_from: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")

    session: Mapped[Session] = relationship(back_populates="hosts")
    organisation: Mapped[Organisation | None] = relationship()
    person: Mapped[Person | None] = relationship(lazy="selectin")
    languages: Mapped[list["HostLanguage"]] = relationship(
        order_by="HostLanguage.position", cascade="all, delete-orphan", lazy="selectin"
    )
    topics: Mapped[list[Interest]] = relationship(secondary="host_topic", order_by=Interest.position, lazy="selectin")

    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        Index("uq_host_table", "session_id", "table_name", unique=True, sqlite_where=text("table_name <> ''")),
        Index("ix_host_person_id", "person_id"),
        CheckConstraint(f"places BETWEEN 1 AND {MOST_PLACES}", name="places"),
        CheckConstraint("min_places BETWEEN 1 AND places", name="min_places"),
    )

    @property
    def spelling(self) -> str:
        """The Latin spelling where the name is written in another script, else nothing."""
        return spelling_of(self.name, self.latin)

    @property
    def missed(self) -> frozenset[int]:
        """The rounds of the session in which they are not there."""
        return self.missed_in(self.session)

    def missed_in(self, session: Session) -> frozenset[int]:
        """Return the same for a session that is at hand."""
        return frozenset(self.away).intersection(session.numbers) | since(self.gone_from, session)


class HostLanguage(Row):
    """A language (ISO 639) that a host speaks with visitors."""

    __tablename__ = "host_language"

    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class HostTopic(Row):
    """A topic that a host is asked about."""

    __tablename__ = "host_topic"

    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)


class Interpreter(Row):
    """Somebody who interprets: one table a round, at most `most_in_a_row` rounds running, in their sessions."""

    __tablename__ = "interpreter"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(80))
    latin: Mapped[str] = mapped_column(String(80), default="")
    most_in_a_row: Mapped[int] = mapped_column(default=3)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")

    languages: Mapped[list["InterpreterLanguage"]] = relationship(
        order_by="InterpreterLanguage.position", cascade="all, delete-orphan", lazy="selectin"
    )
    sessions: Mapped[list[Session]] = relationship(
        secondary="interpreter_session", order_by=Session.starts, back_populates="interpreters"
    )

    __table_args__ = (CheckConstraint("most_in_a_row BETWEEN 1 AND 100", name="most_in_a_row"),)

    @property
    def spelling(self) -> str:
        """The Latin spelling where the name is written in another script, else nothing."""
        return spelling_of(self.name, self.latin)


class InterpreterLanguage(Row):
    """A language (ISO 639) that an interpreter interprets from and into."""

    __tablename__ = "interpreter_language"

    interpreter_id: Mapped[int] = mapped_column(ForeignKey("interpreter.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class InterpreterSession(Row):
    """A session in which an interpreter works; from round `gone_from` on they are not there any more."""

    __tablename__ = "interpreter_session"

    interpreter_id: Mapped[int] = mapped_column(ForeignKey("interpreter.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    gone_from: Mapped[int | None]
