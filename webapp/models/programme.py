"""The event and its programme: sessions, tables, interests, regions. Times are the venue's wall clock."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row

if TYPE_CHECKING:
    from webapp.models.floor import Run
    from webapp.models.hosts import Host, Interpreter

Format = Literal["plain", "pairs", "clinics", "stations", "circles"]
FORMATS: tuple[Format, ...] = ("plain", "pairs", "clinics", "stations", "circles")
HOSTED = ("clinics", "stations")
ROLES = ("member", "donor", "stakeholder", "guest")
AUDIENCES = ("everybody", "members", "region")
MOST_TABLES = 2000
FEATURES = ("step_free", "quiet", "power")
LONGEST_ADDRESS = 200
USUAL_EXIT = "https://www.wikipedia.org/"
"""A page that is nobody's secret: known everywhere, in many languages, light on a slow line."""

ELSEWHERE = re.compile(
    r"https://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+(?:[/?][\w.~:/?\[\]@!$&'()*+,;=%-]*)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Rounds and what lies between them, in minutes; a break of its own comes after each round of `break_after`."""

    rounds: int
    round_minutes: int
    change_minutes: int
    break_after: Sequence[int] = ()
    break_minutes: int = 0

    def before(self, number: int) -> timedelta:
        """Return how long it takes from the start of the session to the start of round `number` (from 1)."""
        breaks = sum(after < number for after in self.break_after)
        return timedelta(
            minutes=(number - 1) * (self.round_minutes + self.change_minutes) + breaks * self.break_minutes
        )

    @property
    def length(self) -> timedelta:
        """How long it takes until the last round ends."""
        return self.before(self.rounds) + timedelta(minutes=self.round_minutes)


def is_elsewhere(address: str) -> bool:
    """Return whether this is the plain address of a page of another site: https, a host's name, no password."""
    return len(address) <= LONGEST_ADDRESS and ELSEWHERE.fullmatch(address) is not None


class Event(Row):
    """The one event this database holds; `deleted_at` and a `receipt` are there once everything else is gone."""

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
    exit_to: Mapped[str] = mapped_column(String(LONGEST_ADDRESS), default="")
    public_id: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_urlsafe(16), server_default="")
    deleted_at: Mapped[datetime | None]
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        CheckConstraint("preset IN ('open', 'discreet')", name="preset"),
        CheckConstraint("id = 1", name="one_event"),
    )

    @property
    def zone(self) -> ZoneInfo:
        """The venue's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def elsewhere(self) -> str:
        """Where the quick exit of a discreet event leads."""
        return self.exit_to if is_elsewhere(self.exit_to) else USUAL_EXIT

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
    """A topic that people offer or seek; `heading` groups topics on the form. Retired topics are kept for old rows.

    `id` is its number on paper forms.
    """

    __tablename__ = "interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    heading: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class RemovedInterest(Row):
    """The number of an interest that was removed: it stands on paper forms, so no other interest gets it."""

    __tablename__ = "removed_interest"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Translation(Row):
    """What the organiser's own `words` (a title, a summary) are in another language, wherever they stand."""

    __tablename__ = "translation"

    words: Mapped[str] = mapped_column(String(1000), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    text: Mapped[str] = mapped_column(String(1000))


class Session(Row):
    """One thing on the programme; the formats other than `plain` have timed rounds.

    Whoever may come to a plain session that they `must_attend` is away from rounds held at the same time. `size` is
    for circles, `move` for stations: everybody on a path of their own, or fixed groups that go round. `floor` guards
    those who would get least, in pairs and stations.
    """

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
    break_after: Mapped[list[int]] = mapped_column(JSON, default=list)
    break_minutes: Mapped[int] = mapped_column(default=15)
    must_attend: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int] = mapped_column(default=4)
    move: Mapped[str] = mapped_column(String(10), default="each")
    same_organisation: Mapped[str] = mapped_column(String(10), default="apart")
    shared_language: Mapped[bool] = mapped_column(default=True)
    regions: Mapped[str] = mapped_column(String(10), default="mix")
    limit: Mapped[int | None] = mapped_column("most_meetings")
    floor: Mapped[bool] = mapped_column(default=True)

    event: Mapped[Event] = relationship()
    audience_region: Mapped[Region | None] = relationship()
    tables: Mapped[list["Table"]] = relationship(order_by="Table.position", cascade="all, delete-orphan")
    hosts: Mapped[list["Host"]] = relationship(
        back_populates="session", order_by="Host.position, Host.id", cascade="all, delete-orphan"
    )
    interpreters: Mapped[list["Interpreter"]] = relationship(
        secondary="interpreter_session", order_by="Interpreter.id", back_populates="sessions"
    )
    run: Mapped["Run | None"] = relationship(
        back_populates="session", lazy="joined", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("format IN ('plain', 'pairs', 'clinics', 'stations', 'circles')", name="format"),
        CheckConstraint("audience IN ('everybody', 'members', 'region')", name="audience"),
        CheckConstraint("(audience = 'region') = (audience_region_id IS NOT NULL)", name="audience_region"),
        CheckConstraint("same_organisation IN ('apart', 'allow')", name="same_organisation"),
        CheckConstraint("regions IN ('mix', 'same', 'any')", name="regions"),
        CheckConstraint("rounds BETWEEN 0 AND 100", name="rounds"),
        CheckConstraint("format = 'plain' OR rounds > 0", name="timed"),
        CheckConstraint("ends > starts", name="ends_after_start"),
        CheckConstraint("size BETWEEN 2 AND 20", name="size"),
        CheckConstraint("move IN ('each', 'groups')", name="move"),
        CheckConstraint("break_minutes BETWEEN 0 AND 240", name="break_minutes"),
    )

    @property
    def timing(self) -> Timing:
        """How the rounds follow one another."""
        return Timing(self.rounds, self.round_minutes, self.change_minutes, self.break_after, self.break_minutes)

    @property
    def numbers(self) -> range:
        """The numbers of the rounds, from 1."""
        return range(1, self.rounds + 1)

    @property
    def day(self) -> date:
        """The day on which the session starts."""
        return self.starts.date()

    def round_starts(self, number: int) -> datetime:
        """Return when round `number` (from 1) is to start by the programme, on the venue's wall clock."""
        return self.starts + self.timing.before(number)

    def round_ends(self, number: int) -> datetime:
        """Return when round `number` (from 1) is to end by the programme, on the venue's wall clock."""
        return self.round_starts(number) + timedelta(minutes=self.round_minutes)


class Table(Row):
    """A place where one meeting can be held; `position` is the walking order.

    From round `gone_from` on it cannot be used any more.
    """

    __tablename__ = "venue_table"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60), default="")
    step_free: Mapped[bool] = mapped_column(default=False)
    quiet: Mapped[bool] = mapped_column(default=False)
    power: Mapped[bool] = mapped_column(default=False)
    gone_from: Mapped[int | None]

    __table_args__ = (UniqueConstraint("session_id", "name"), UniqueConstraint("session_id", "position"))
