"""The published version of each session as rows of a book: people by event number, whoever is visited by key.

How much of their best everybody has, and why a wish is not granted, is in no file: whoever knows all profiles could
work out from it who is kept apart. It is worked out anew where the file is brought in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.models import Interpreter, Meeting, Organisation, Plan, Session
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.cells import BETWEEN, HOUSE_OF, as_json

ANEW = ("shares", "unmet", "lowest_satisfaction")
"""Figures that are worked out anew: of the first two only whom they are about is told."""

LISTS = ("languages", "regions", "load")
MADE_FOR, UNMET, LOAD = "made_for", "unmet", "load"
OF_HOSTS = (UNMET, LOAD)
LONGEST_PART = 4000
UNKNOWN = "?"


@dataclass(frozen=True)
class Names:
    """How a file calls people by row id and public id, hosts and interpreters by public id, organisations by row id."""

    people: Mapping[int, str]
    guests: Mapping[str, str]
    hosts: Mapping[str, str]
    voices: Mapping[str, str]
    houses: Mapping[int, str]


@dataclass
class Gone:
    """Gives names to those who have a part in a plan and are not there any more, in the order in which they come."""

    given: dict[str, str] = field(default_factory=dict)

    def called(self, known: Mapping[str, str], public_id: str | None) -> str:
        """Return how a file calls somebody."""
        if public_id is None:
            return ""
        return known.get(public_id) or self.given.setdefault(public_id, f"{UNKNOWN}{len(self.given) + 1}")


def names_of(rows: Rows, people: Iterable[Any], hosts: Mapping[str, str]) -> Names:
    """Return how a file calls everybody; `hosts` are keys by public id."""
    everyone = list(people)
    return Names(
        people={one.id: one.number for one in everyone},
        guests={one.public_id: one.number for one in everyone},
        hosts=hosts,
        voices={one.public_id: one.name for one in rows.scalars(select(Interpreter))},
        houses={one.id: one.name for one in rows.scalars(select(Organisation))},
    )


def plans(rows: Rows, names: Names) -> dict[str, Iterable[dict[str, Any]]]:
    """Return the rows of all published versions, sheet by sheet."""
    published = rows.scalars(
        select(Plan)
        .join(Plan.session)
        .where(Plan.state == "published")
        .options(
            joinedload(Plan.session), selectinload(Plan.meetings).selectinload(Meeting.seats), selectinload(Plan.rests)
        )
        .order_by(Session.starts, Session.ends, Session.id)
    )
    found: dict[str, list[dict[str, Any]]] = {sheet.name: [] for sheet in book.PLANNED}
    for plan in published:
        gone, slug = Gone(), plan.session.slug
        found["plans"].append(_plan(plan))
        for meeting in plan.meetings:
            where = {"session": slug, "round": meeting.round_no, "table": meeting.table}
            found["meetings"].append(where | _meeting(meeting, names, gone))
            parts = enumerate(_parts([_reason(one, names) for one in meeting.reasons]), start=1)
            found["reasons"] += (where | {"part": at, "reasons": part} for at, part in parts)
        found["rests"] += (
            {"session": slug, "round": one.round_no, "number": names.people[one.person_id], "code": one.code}
            for one in sorted(plan.rests, key=lambda one: (one.round_no, int(names.people[one.person_id])))
        )
        found["figures"] += (
            {"session": slug, "figure": figure, "of": of, "value": value}
            for figure, of, value in _figures(plan.quality, names, gone)
        )
    return dict(found)


def _plan(plan: Plan) -> dict[str, Any]:
    rules = plan.rules or {}
    told = {column.name: rules.get(column.name) for column in book.PLANS.columns if column.holds == book.RULES}
    return told | {
        "": plan,
        "session": plan.session.slug,
        "version": plan.letter,
        "fits": None,
    }


def _meeting(meeting: Meeting, names: Names, gone: Gone) -> dict[str, Any]:
    return {
        "": meeting,
        "people": [names.people[seat.person_id] for seat in meeting.seats],
        "host": gone.called(names.hosts, meeting.host),
        "interpreter": gone.called(names.voices, meeting.interpreter),
    }


def _reason(reason: Mapping[str, Any], names: Names) -> list[Any]:
    topic = reason["topic"]
    house = names.houses.get(int(topic)) if reason["code"] == "wish" and str(topic or "").isdecimal() else None
    return [
        reason["code"],
        reason["points"],
        topic if house is None else {HOUSE_OF: house},
        *(None if one is None else names.people.get(one, UNKNOWN) for one in (reason["giver"], reason["taker"])),
    ]


def _parts(reasons: list[Any]) -> Iterator[str]:
    """Give the reasons of a meeting as cells, none too long for a spreadsheet."""
    part: list[Any] = []
    size = 0
    for one in reasons:
        length = len(as_json(one)) + 1
        if part and size + length > LONGEST_PART:
            yield as_json(part)
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield as_json(part)


def _figures(quality: Mapping[str, Any], names: Names, gone: Gone) -> Iterator[tuple[str, str, str]]:
    """Give each figure with what it is of, and its value."""
    for figure, value in quality.items():
        if figure not in (*ANEW, *LISTS):
            yield figure, "", as_json(value)
    for code, count in quality.get("languages", ()):
        yield "languages", code, as_json(count)
    for one, other, count in quality.get("regions", ()):
        yield "regions", f"{one}{BETWEEN}{other}", as_json(count)
    for host, taken, places in quality.get("load", ()):
        yield LOAD, gone.called(names.hosts, host), f"{taken}{BETWEEN}{places}"
    numbers = (names.guests[one] for one in quality.get("shares", ()) if one in names.guests)
    for number in sorted(numbers, key=int):
        yield MADE_FOR, number, ""
    for person, host, _code in quality.get("unmet", ()):
        if person in names.guests:
            yield UNMET, f"{names.guests[person]}{BETWEEN}{gone.called(names.hosts, host)}", ""
