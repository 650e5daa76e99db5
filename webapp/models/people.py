"""People: participants with what they bring and seek, whom to keep apart, staff, and the ways in."""

import re
import secrets
import unicodedata
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.contacts import Contact, MeetingNote
from webapp.models.programme import Interest, Region, Session

NAME_PARTS = re.compile(r"[\s\-‐-―'’.,;()]+")
BETWEEN = re.compile(r"[,;،؛、]+")
"""What stands between free words."""


def new_public_id() -> str:
    """Return a random name for a row that may stand in an address (128 bits)."""
    return secrets.token_urlsafe(16)


def utc_now() -> datetime:
    """Return the time in UTC, without a zone, as the database keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def spelling_of(name: str, latin: str) -> str:
    """Return the Latin spelling of a name that is written in another script, else nothing."""
    foreign = any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in name)
    return latin if foreign and latin != name else ""


def folded(text: str) -> str:
    """Return text as a search compares it: no accents, no case, digits of any script as 0 to 9."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (character for character in plain if unicodedata.category(character) != "Mn")
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in kept)


def parts(name: str) -> list[str]:
    """Return the parts of a name as a search compares them."""
    return [part for part in NAME_PARTS.split(folded(name)) if part]


class Organisation(Row):
    """An organisation that people come from."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    country: Mapped[str | None] = mapped_column(String(2))


class Person(Row):
    """A participant's profile. `number` is the event number on badge, card and lists; `revision` counts saves.

    `typed` holds how the person spells their organisation, shown back to the writer alone: the form says the same
    whether or not such an organisation is there. `offers_words` and `seeks_words` are free words beside the interests.
    Who is `listed` may be picked as a wish from a list, whoever `shows_topics` lets others read which shared topics
    bring them together, and who brings a `companion` speaks the companion's languages as well as their own.
    `registration` is what the tool in which the person registered calls them. `card_turn` counts on when the codes on
    the person's cards are taken back, and jumps when a backup is taken up. From `left_at` on (the venue's wall clock)
    they have left the event, and nothing is planned for them.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    number: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    latin: Mapped[str] = mapped_column(String(80), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(20), default="guest")
    country: Mapped[str | None] = mapped_column(String(2))
    seated: Mapped[bool] = mapped_column(default=False)
    first_time: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime | None]
    typed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    registration: Mapped[str] = mapped_column(String(120), default="", server_default="")
    card_turn: Mapped[int] = mapped_column(default=0, server_default="0")
    offers_words: Mapped[str] = mapped_column(String(120), default="", server_default="")
    seeks_words: Mapped[str] = mapped_column(String(120), default="", server_default="")
    shows_topics: Mapped[bool] = mapped_column(default=True, server_default="1")
    listed: Mapped[bool] = mapped_column(default=False, server_default="0")
    companion: Mapped[bool] = mapped_column(default=False, server_default="0")
    companion_languages: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    left_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    languages: Mapped[list["PersonLanguage"]] = relationship(
        order_by="PersonLanguage.position", cascade="all, delete-orphan"
    )
    regions: Mapped[list[Region]] = relationship(secondary="person_region", order_by=Region.position)
    interests: Mapped[list["PersonInterest"]] = relationship(cascade="all, delete-orphan")
    wishes: Mapped[list["Wish"]] = relationship(
        order_by="Wish.position", cascade="all, delete-orphan", foreign_keys="Wish.person_id"
    )
    absences: Mapped[list["Absence"]] = relationship(order_by="Absence.starts", cascade="all, delete-orphan")
    questions: Mapped[list["Question"]] = relationship(cascade="all, delete-orphan")
    host_wishes: Mapped[list["HostWish"]] = relationship(order_by="HostWish.position", cascade="all, delete-orphan")
    contact: Mapped[Contact | None] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    notes: Mapped[list[MeetingNote]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    __table_args__ = (
        CheckConstraint("role IN ('member', 'donor', 'stakeholder', 'guest')", name="role"),
        Index("uq_person_registration", "registration", unique=True, sqlite_where=text("registration <> ''")),
    )

    @property
    def spelling(self) -> str:
        """The Latin spelling where the name is written in another script, else nothing."""
        return spelling_of(self.name, self.latin)

    @property
    def sort_name(self) -> str:
        """The Latin spelling, by which lists sort; the name itself where there is none."""
        return (self.latin or self.name).casefold()


class PersonLanguage(Row):
    """A language (ISO 639) that a person is comfortable in, the best first."""

    __tablename__ = "person_language"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class PersonRegion(Row):
    """A region that a person works in or is tied to."""

    __tablename__ = "person_region"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"), primary_key=True)


class PersonInterest(Row):
    """A topic that a person offers or seeks."""

    __tablename__ = "person_interest"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[str] = mapped_column(String(6), primary_key=True)

    interest: Mapped[Interest] = relationship()

    __table_args__ = (CheckConstraint("side IN ('offers', 'seeks')", name="side"),)


class Wish(Row):
    """Whom a person would like to meet: somebody, somebody of an organisation, of a role, or tied to a region.

    `text` is a name, an event number or an organisation as it was typed; it is read anew for every plan, so that
    nothing tells its writer whether somebody is there.
    """

    __tablename__ = "wish"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    wished_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    role: Mapped[str | None] = mapped_column(String(20))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"))
    text: Mapped[str | None] = mapped_column(String(200))

    organisation: Mapped[Organisation | None] = relationship()
    region: Mapped[Region | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(wished_person_id IS NOT NULL) + (organisation_id IS NOT NULL) + (role IS NOT NULL)"
            " + (region_id IS NOT NULL) + (text IS NOT NULL) = 1",
            name="one_kind",
        ),
    )


class Absence(Row):
    """A span of the venue's wall clock in which a person is not there."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]

    __table_args__ = (CheckConstraint("ends > starts", name="ends_after_start"),)


class Question(Row):
    """What a person would like to ask in a session of clinics; it is printed for whom they visit, and nowhere else."""

    __tablename__ = "question"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(String(300))

    session: Mapped[Session] = relationship()

    __table_args__ = (Index("ix_question_session_id", "session_id"),)


class HostWish(Row):
    """A specialist whom a person would like to see, the most wished first; read by the engine alone."""

    __tablename__ = "host_wish"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_host_wish_host_id", "host_id"),)


class KeepApart(Row):
    """Two people who never share a table; read by the engine alone. The smaller id stands first."""

    __tablename__ = "keep_apart"

    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (CheckConstraint("one_id < other_id", name="ordered"),)


class MetBefore(Row):
    """Two people who know each other and need no round for it. The smaller id stands first."""

    __tablename__ = "met_before"

    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (CheckConstraint("one_id < other_id", name="ordered"),)


class Staff(Row):
    """An organiser, a facilitator or a safety contact with an account of their own."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (CheckConstraint("role IN ('facilitator', 'organiser', 'safety')", name="role"),)


class AccessCode(Row):
    """A typed way in: the first four digits find the row, the other twelve are kept as a slow hash."""

    __tablename__ = "access_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    finder: Mapped[str] = mapped_column(String(4), index=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    person: Mapped[Person] = relationship()


class Link(Row):
    """A link that signs in after one press (128 bits, kept as a hash), for a participant or for staff.

    `kind` says where it stands: by itself, on a slip, in a file of links; or `once`, and then it is used up.
    """

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10), default="link", server_default="link")
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (staff_id IS NULL)", name="one_holder"),
        Index("ix_link_person_id", "person_id"),
    )
