"""The event and its programme: sessions, tables, interests, regions. Times are the venue's wall clock."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row

Format = Literal["plain", "pairs", "clinics", "stations", "circles"]
FORMATS: tuple[Format, ...] = ("plain", "pairs", "clinics", "stations", "circles")
ROLES = ("member", "donor", "stakeholder", "guest")
AUDIENCES = ("everybody", "members", "region")
MOST_TABLES = 2000


class Event(Row):
    """The one event this database holds."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    venue: Mapped[str] = mapped_column(String(200), default="")
    time_zone: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    delete_on: Mapped[date]
    preset: Mapped[str] = mapped_column(String(10), default="open")
    working_languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    host_language: Mapped[str | None] = mapped_column(String(12))

    __table_args__ = (
        CheckConstraint("preset IN ('open', 'discreet')", name="preset"),
        CheckConstraint("id = 1", name="one_event"),
    )

    @property
    def zone(self) -> ZoneInfo:
        """The venue's time zone."""
        return ZoneInfo(self.time_zone)

    def at_venue(self, wall: datetime) -> datetime:
        """Return a wall-clock time of the programme with the venue's zone."""
        return wall.replace(tzinfo=self.zone)


class Region(Row):
    """A part of the world that people work in, with the countries that belong to it."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    countries: Mapped[list["RegionCountry"]] = relationship(cascade="all, delete-orphan")


class RegionCountry(Row):
    """A country (ISO 3166 alpha-2) of a region."""

    __tablename__ = "region_country"

    region_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)


class Interest(Row):
    """A topic that people offer or seek; `heading` groups topics on the form. Retired topics are kept for old rows."""

    __tablename__ = "interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    heading: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class Session(Row):
    """One thing on the programme; the formats other than `plain` have timed rounds."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), default=1)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(1000), default="")
    format: Mapped[str] = mapped_column(String(10), default="plain")
    room: Mapped[str] = mapped_column(String(120), default="")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    audience: Mapped[str] = mapped_column(String(10), default="everybody")
    audience_region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    rounds: Mapped[int] = mapped_column(default=0)
    round_minutes: Mapped[int] = mapped_column(default=6)
    change_minutes: Mapped[int] = mapped_column(default=2)
    same_organisation: Mapped[str] = mapped_column(String(10), default="apart")
    shared_language: Mapped[bool] = mapped_column(default=True)
    regions: Mapped[str] = mapped_column(String(10), default="mix")
    limit: Mapped[int | None] = mapped_column("most_meetings")

    event: Mapped[Event] = relationship()
    audience_region: Mapped[Region | None] = relationship()
    tables: Mapped[list["Table"]] = relationship(order_by="Table.position", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("format IN ('plain', 'pairs', 'clinics', 'stations', 'circles')", name="format"),
        CheckConstraint("audience IN ('everybody', 'members', 'region')", name="audience"),
        CheckConstraint("(audience = 'region') = (audience_region_id IS NOT NULL)", name="audience_region"),
        CheckConstraint("same_organisation IN ('apart', 'allow')", name="same_organisation"),
        CheckConstraint("regions IN ('mix', 'same', 'any')", name="regions"),
        CheckConstraint("rounds BETWEEN 0 AND 100", name="rounds"),
        CheckConstraint("format = 'plain' OR rounds > 0", name="timed"),
        CheckConstraint("ends > starts", name="ends_after_start"),
    )

    @property
    def day(self) -> date:
        """The day on which the session starts."""
        return self.starts.date()

    def round_starts(self, number: int) -> datetime:
        """Return when round `number` (from 1) starts, as a wall-clock time of the venue."""
        return self.starts + timedelta(minutes=(number - 1) * (self.round_minutes + self.change_minutes))

    def round_ends(self, number: int) -> datetime:
        """Return when round `number` (from 1) ends, as a wall-clock time of the venue."""
        return self.round_starts(number) + timedelta(minutes=self.round_minutes)


class Table(Row):
    """A place where one meeting can be held; `position` is the walking order."""

    __tablename__ = "venue_table"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60), default="")

    __table_args__ = (UniqueConstraint("session_id", "name"), UniqueConstraint("session_id", "position"))
