"""What this house holds of one person, read table by table as the schema has it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from flask_babel.speaklater import LazyString
from sqlalchemy import Table as Stored
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotFound
from webapp.i18n import country_name, language_name, show_moment
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.models import (
    Event,
    Host,
    Interest,
    Meeting,
    Organisation,
    Person,
    Plan,
    Region,
    Seat,
    Session,
    Wish,
)
from webapp.operations.deletion.own_columns import BESIDES, PARTS, SHELVES, Part, Shelf
from webapp.operations.profile import host_wishes
from webapp.operations.words.titles import titled

AT_THE_VENUE = {"absence.starts", "absence.ends", "person.left_at"}
"""Times that are kept as the venue's clock shows them; the others are universal time."""
WORDS: Mapping[str, LazyString] = {
    "offers": __("You can share it"), "seeks": __("You look for it"), "member": __("member"), "donor": __("donor"),
    "stakeholder": __("local stakeholder"), "guest": __("special guest"), "here": __("here"), "late": __("late"),
    "absent": __("absent"), "useful": __("It was useful"), "not_useful": __("Not really"),
    "not_met": __("We did not meet"), "missing": __("not at the table"), "passed": __("called, and did not come"),
    "pair": __("with somebody else"), "third": __("as a third"), "visit": __("to a specialist or presenter"),
    "staff": __("with somebody of the staff"), "odd_number": __("an odd number of people"),
    "no_partner": __("everybody else was at another table"), "limit": __("as many talks as the session gives"),
    "no_table": __("all tables were taken"), "link": __("a link"), "slip": __("on a slip"), "once": __("works once"),
    "code": __("a code"),
}  # fmt: skip
"""Words that stand for something in these columns."""
LANGUAGES = {"person_language.code", "host_language.code", "person.companion_languages"}
CODED = {"side", "role", "state", "kind", "code", "what"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of one row: as it is kept, what it is called, and how it reads."""

    column: str
    label: LazyString
    value: Any
    said: str


@dataclass(frozen=True, slots=True)
class Held:
    """All rows of one table that belong to the person."""

    table: str
    title: LazyString
    rows: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """All that is told; `besides` is what is not, always in the same words; `looked` is when, at the venue."""

    shelves: tuple[Held, ...]
    besides: tuple[LazyString, ...]
    looked: datetime
    event: Event

    @property
    def parts(self) -> list[tuple[Part, list[Held]]]:
        """What is told by what a person thinks of together; without what there is nothing of."""
        full = {one.table: one for one in self.shelves if one.rows}
        parts = [(part, [full[name] for name in part.tables if name in full]) for part in PARTS]
        return [(part, held) for part, held in parts if held]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(len(one.rows) for one in self.shelves)


def holding_of(by: Actor, *, now: datetime) -> Holding:
    """Return what is held of the actor."""
    rows = db.session()
    person, event = (rows.get(Person, by.person.id) if by.person else None), rows.get(Event, 1)
    if person is None or event is None:
        raise NotFound
    reading = _Reading(rows, person, event)
    looked = now.astimezone(event.zone).replace(tzinfo=None)
    return Holding(tuple(reading.shelves()), BESIDES, looked, event)


def count_of(rows: Rows, person: Person) -> dict[str, int]:
    """Return how many rows each table holds of the person."""
    found = {}
    for name, shelf in SHELVES.items():
        table = _table(name)
        owned = select(func.count()).select_from(table).where(table.c[shelf.owner].in_(_owners(shelf, person)))
        found[name] = rows.scalar(owned) or 0
    return found


def as_json(held: Holding) -> str:
    """Return the same as JSON: tables with their rows, each column as it is kept."""
    told = {one.table: [{fact.column: fact.value for fact in row} for row in one.rows] for one in held.shelves}
    whole = {"looked_at": held.looked.isoformat(timespec="minutes"), "held": told}
    return json.dumps(whole | {"not_shown": [str(one) for one in held.besides]}, ensure_ascii=False, indent=2) + "\n"


def as_text(held: Holding) -> str:
    """Return the same as plain text."""
    lines = [_("What is held of you here"), show_moment(held.looked), ""]
    for one in held.shelves:
        lines += [str(one.title), "-" * len(str(one.title))]
        for row in one.rows:
            lines += [*(_labelled(fact) for fact in row if fact.said), ""]
        lines += [] if one.rows else [_("Nothing."), ""]
    return "\n".join([*lines, _("Held, and not shown"), *(f"- {reason}" for reason in held.besides), ""])


def _labelled(fact: Fact) -> str:
    return _("%(label)s: %(value)s", label=fact.label, value=fact.said)


def _table(name: str) -> Stored:
    return db.metadata.tables[name]


def _owners(shelf: Shelf, person: Person) -> Any:
    """What the column that names the person holds in rows of theirs."""
    return select(Host.id).where(Host.person_id == person.id) if shelf.owner == "host_id" else [person.id]


class _Reading:
    """Reads the person's rows, and what they lead to by name."""

    def __init__(self, rows: Rows, person: Person, event: Event) -> None:
        self.rows, self.person, self.event = rows, person, event

    def shelves(self) -> Iterator[Held]:
        for name, shelf in SHELVES.items():
            table = _table(name)
            owned = select(table).where(table.c[shelf.owner].in_(_owners(shelf, self.person)))
            if "plan_id" in table.c:
                # a draft is nobody's plan yet
                owned = owned.where(table.c.plan_id.in_(select(Plan.id).where(Plan.version.is_not(None))))
            found = self.rows.execute(owned.order_by(*table.primary_key.columns)).mappings().all()
            yield Held(name, shelf.title, tuple(self._row(name, shelf, dict(row)) for row in found))

    def _row(self, name: str, shelf: Shelf, row: Mapping[str, Any]) -> tuple[Fact, ...]:
        return tuple(self._fact(f"{name}.{column}", label, row[column]) for column, label in shelf.columns.items())

    def _fact(self, at: str, label: LazyString, value: Any) -> Fact:
        column = at.partition(".")[2]
        if value is None or value in ("", [], {}):
            return Fact(column, label, value, "")
        if column in self.names:
            name = str(self.names[column].get(value, ""))
            return Fact(column, label, name, name)
        if isinstance(value, datetime):
            shown = value if at in AT_THE_VENUE else self._at_venue(value)
            return Fact(column, label, shown.isoformat(timespec="minutes"), show_moment(shown))
        return Fact(column, label, value, _said(at, value))

    def _at_venue(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(self.event.zone).replace(tzinfo=None)

    @cached_property
    def names(self) -> Mapping[str, Mapping[Any, str]]:
        """What keys of other rows stand for."""
        sessions = {key: titled(title) for key, title in self._pairs(Session.id, Session.title).items()}
        plans, hosts = self.rows.scalars(select(Plan)), self.rows.scalars(select(Host)).all()
        return {
            "session_id": sessions,
            "organisation_id": self._pairs(Organisation.id, Organisation.name),
            "region_id": {key: titled(title) for key, title in self._pairs(Region.id, Region.title).items()},
            "interest_id": {key: titled(title) for key, title in self._pairs(Interest.id, Interest.title).items()},
            "host_id": {one.id: host_wishes.told(self.event, one).name for one in hosts},
            "host": {one.public_id: host_wishes.told(self.event, one).name for one in hosts},
            # whoever was wished for is known to the writer by number
            "wished_person_id": self._pairs(Person.id, Person.number, Person.id.in_(self._wished())),
            "meeting_id": self._pairs(Meeting.id, Meeting.table, Meeting.seats.any(Seat.person_id == self.person.id)),
            "plan_id": {
                one.id: _("%(session)s · version %(letter)s", session=sessions[one.session_id], letter=one.letter)
                for one in plans
            },
        }

    def _wished(self) -> Any:
        return select(Wish.wished_person_id).where(Wish.person_id == self.person.id)

    def _pairs(self, key: Any, value: Any, *only: Any) -> dict[Any, str]:
        return {row[0]: row[1] for row in self.rows.execute(select(key, value).where(*only))}


def _said(at: str, value: Any) -> str:
    """How a value reads."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return _(", ").join(_said(at, one) for one in value.values() if one)
    if isinstance(value, list):
        return _(", ").join(_said(at, one) for one in value)
    if at in LANGUAGES:
        return language_name(value)
    if at == "person.country":
        return country_name(value)
    return str(WORDS.get(value, value)) if at.partition(".")[2] in CODED else str(value)
