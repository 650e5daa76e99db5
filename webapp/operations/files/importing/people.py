"""People of a file: who of the house a row is about, what it would change, and how that is written."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.models import Absence, Interest, Organisation, Person, PersonInterest, Region, Wish
from webapp.operations.event import organisations
from webapp.operations.files.importing.lines import Step, Told, Value
from webapp.operations.files.importing.reading import WISHED, span_of
from webapp.operations.guests import apart, tombstones
from webapp.operations.guests.people import free_numbers, write_languages
from webapp.operations.words.spelling import bare

SIDES = ("offers", "seeks")
THEIRS = frozenset(
    ("name", "latin", "organisation", "country", "regions", "languages", "offers", "seeks", "wishes", "away", "seated",
     "first_time", "offers_words", "seeks_words", "companion", "companion_languages", "shows_topics", "listed")
)  # fmt: skip
"""What people say of themselves; once they have, a file changes it only when it is told to."""


PLAIN = frozenset(
    ("registration", "name", "latin", "role", "seated", "first_time", "offers_words", "seeks_words", "companion",
     "shows_topics", "listed")
)  # fmt: skip
"""What is written as it is told."""


def everyone(rows: Rows) -> Sequence[Person]:
    """Return all people with everything a file speaks of, by event number."""
    found = rows.scalars(
        select(Person).options(
            joinedload(Person.organisation),
            selectinload(Person.languages),
            selectinload(Person.regions),
            selectinload(Person.interests).joinedload(PersonInterest.interest),
            selectinload(Person.wishes).options(joinedload(Wish.organisation), joinedload(Wish.region)),
            selectinload(Person.absences),
        )
    ).all()
    return sorted(found, key=lambda person: (len(person.number), person.number))


def held(person: Person, numbers: Mapping[int, str]) -> dict[str, Value]:
    """Return what the house holds of a person, as a file says it; `numbers` are event numbers by row id."""
    return {
        "number": person.number,
        "registration": person.registration,
        "name": person.name,
        "latin": person.latin,
        "organisation": person.organisation.name if person.organisation else "",
        "role": person.role,
        "country": person.country or "",
        "regions": tuple(region.slug for region in person.regions),
        "languages": tuple(language.code for language in person.languages),
        **{side: _topics(person, side) for side in SIDES},
        "wishes": tuple(_wish(wish, numbers) for wish in person.wishes),
        "away": tuple(span_of(absence.starts, absence.ends) for absence in person.absences),
        "seated": person.seated,
        "first_time": person.first_time,
        "offers_words": person.offers_words,
        "seeks_words": person.seeks_words,
        "companion": person.companion,
        "companion_languages": tuple(person.companion_languages),
        "shows_topics": person.shows_topics,
        "listed": person.listed,
    }


def _topics(person: Person, side: str) -> tuple[str, ...]:
    chosen = [own.interest for own in person.interests if own.side == side]
    return tuple(topic.slug for topic in sorted(chosen, key=lambda one: (one.position, one.title, one.id)))


def _wish(wish: Wish, numbers: Mapping[int, str]) -> str:
    if wish.text is not None:
        return f"name:{wish.text}"
    if wish.wished_person_id is not None:
        return f"person:{numbers[wish.wished_person_id]}"
    if wish.organisation is not None:
        return f"organisation:{wish.organisation.name}"
    return f"region:{wish.region.slug}" if wish.region is not None else f"role:{wish.role}"


class Guests:
    """Everybody of the house, found by event number, registration, or name and organisation."""

    def __init__(self, rows: Rows) -> None:
        self.people = everyone(rows)
        self.numbers = {person.id: person.number for person in self.people}
        self.by_number = {person.number: person for person in self.people}
        self.by_registration = {person.registration: person for person in self.people if person.registration}
        self.by_name: dict[tuple[str, ...], list[Person]] = defaultdict(list)
        for person in self.people:
            self.by_name[bare(person.name)].append(person)
        self.removed = tombstones.numbers(rows)
        self.claimed: dict[object, int] = {}

    def held(self, person: Person) -> dict[str, Value]:
        """Return what the house holds of a person."""
        return held(person, self.numbers)

    def title(self, person: Person) -> tuple[str, str]:
        """Return how a person is called in lists: the name and the event number."""
        return person.name, person.number

    def step(self, told: Told, *, usual_role: str) -> Step:
        """Return what a row does; refuse what is not clear, or cannot be."""
        person, note = self._meant(told)
        self._claim(told, person)
        if person is not None:
            before = self.held(person)
            after = {name: value for name, value in told.values.items() if not _same(name, before[name], value)}
            theirs = THEIRS & after.keys() if person.saved_at is not None else frozenset()
            return Step(told, person, before, after, theirs, note)
        if "name" not in told.values:
            raise BadInput(_("This row has no name, and no event number of somebody on the list."), "name")
        return Step(told, None, {}, {**told.values, "role": told.values.get("role", usual_role)}, note=note)

    def _meant(self, told: Told) -> tuple[Person | None, str]:
        number, registration = str(told.values.get("number", "")), str(told.values.get("registration", ""))
        by_number, by_registration = self.by_number.get(number), self.by_registration.get(registration)
        if by_number and by_registration and by_number is not by_registration:
            sentence = _("This registration belongs to event number %(number)s.", number=by_registration.number)
            raise BadInput(sentence, "registration")
        if by_registration and number and not by_number:
            sentence = _(
                "This registration has event number %(number)s, and that stays.", number=by_registration.number
            )
            raise BadInput(sentence, "number")
        if by_number or by_registration:
            return by_number or by_registration, ""
        if number and self.removed and tombstones.seal_of_number(number) in self.removed:
            raise BadInput(str(tombstones.REMOVED), "number")
        return self._by_name(told, number=number, registration=registration)

    def _by_name(self, told: Told, *, number: str, registration: str) -> tuple[Person | None, str]:
        """Whoever has this name and organisation, where neither number nor registration says it is somebody else."""
        alike = self.by_name.get(bare(str(told.values.get("name", ""))), [])
        if "organisation" in told.values:
            wanted = bare(str(told.values["organisation"]))
            close = [one for one in alike if bare(one.organisation.name if one.organisation else "") == wanted]
        else:
            close = alike
        free = [one for one in close if not number and not (registration and one.registration)]
        if len(free) > 1:
            numbers = _(", ").join(person.number for person in free)
            raise BadInput(
                _(
                    "Several people here have this name: %(numbers)s. Add a column with event numbers, and write in "
                    "this row which of them is meant.",
                    numbers=numbers,
                ),
                "name",
            )
        if free:
            return free[0], ""
        if close:
            return None, _("Number %(number)s has the same name and organisation.", number=close[0].number)
        if alike:
            return None, _("Number %(number)s has the same name and another organisation.", number=alike[0].number)
        return None, ""

    def _claim(self, told: Told, person: Person | None) -> None:
        """Refuse a second row about the same person."""
        values = told.values
        marks: list[tuple[object, ...]] = [
            (name, values[name]) for name in ("number", "registration") if name in values
        ]
        if person is not None:
            marks.append(("row", person.id))
        elif not marks:
            marks.append(("name", bare(str(values.get("name", ""))), bare(str(values.get("organisation", "")))))
        for mark in marks:
            if mark in self.claimed:
                column = str(mark[0]) if mark[0] in ("number", "registration") else "name"
                raise BadInput(
                    _("Row %(row)s is about the same person. Leave one of the two out.", row=self.claimed[mark]), column
                )
            self.claimed[mark] = told.row

    def objections(self, steps: Sequence[Step]) -> list[tuple[Step, str, str]]:
        """Return the rows with wishes for a number that nobody has, neither in the house nor in the file."""
        there = self.by_number.keys() | {step.told.values.get("number") for step in steps}
        found = []
        for step in steps:
            told = step.told.values.get("wishes", ())
            for wish in told if isinstance(told, tuple) else ():
                kind, _colon, whom = str(wish).partition(":")
                if kind == "person" and whom not in there:
                    sentence = _("Nobody has the event number %(number)s, neither here nor in this file.", number=whom)
                    found.append((step, "wishes", sentence))
        return found

    def missing(self, steps: Sequence[Step]) -> list[Person]:
        """Return who is in the house and not in the file."""
        meant = {step.target.id for step in steps if step.target is not None}
        return [person for person in self.people if person.id not in meant]


def _same(name: str, before: Value, after: Value) -> bool:
    if name == "organisation":
        return bare(str(before)) == bare(str(after))
    if name == "wishes" and isinstance(before, tuple) and isinstance(after, tuple):
        return [bare(str(wish)) for wish in before] == [bare(str(wish)) for wish in after]
    return before == after


# --- writing ---------------------------------------------------------------------------------------------------------


class Names:
    """What values point at, as rows; a new organisation is added as soon as it is asked for."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.houses = {
            bare(one.name): one for one in rows.scalars(select(Organisation).order_by(Organisation.id.desc()))
        }
        self.regions = {region.slug: region for region in rows.scalars(select(Region))}
        self.interests = {topic.slug: topic for topic in rows.scalars(select(Interest))}

    def organisation(self, name: str, country: str | None = None) -> Organisation:
        """Return the organisation of this name."""
        found = self.houses.get(bare(name))
        if found is None:
            found = self.houses[bare(name)] = Organisation(name=name, country=country)
            self.rows.add(found)
        return found


def write(rows: Rows, guests: Guests, steps: Sequence[Step], *, keep: bool) -> None:
    """Write what the rows change; wishes come last, when everybody they can name is there."""
    apart.pin(rows)
    names = Names(rows)
    asked = (str(step.told.values["number"]) for step in steps if "number" in step.told.values)
    numbers = free_numbers(chain(guests.by_number, asked))
    before = {person.organisation_id for person in guests.people}
    before |= {wish.organisation_id for person in guests.people for wish in person.wishes}
    written: list[tuple[Person, dict[str, Value]]] = []
    for step in steps:
        values = step.to_set(keep=keep)
        if values:
            person = step.target or _new(rows, values, numbers)
            _fill(person, values, names)
            person.revision += step.target is not None
            written.append((person, values))
    rows.flush()
    ids = {row.number: row.id for row in rows.execute(select(Person.number, Person.id))}
    for person, values in written:
        if "wishes" in values:
            _write_wishes(person, _listed(values["wishes"]), names, ids)
    rows.flush()
    organisations.forget_unnamed(rows, before)


def _new(rows: Rows, values: Mapping[str, Value], numbers: Iterator[str]) -> Person:
    person = Person(number=str(values.get("number") or next(numbers)), revision=0)
    rows.add(person)
    return person


def _listed(value: Value) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, tuple) else ()


def _fill(person: Person, values: Mapping[str, Value], names: Names) -> None:
    for name in PLAIN & values.keys():
        setattr(person, name, values[name])
    if "companion_languages" in values:
        person.companion_languages = list(_listed(values["companion_languages"]))
    country = str(values["country"]) if "country" in values else None
    if "country" in values:
        person.country = country
    if "organisation" in values:
        person.organisation = names.organisation(str(values["organisation"]), country)
    if "regions" in values:
        person.regions = [names.regions[slug] for slug in _listed(values["regions"])]
    if "languages" in values:
        write_languages(person, _listed(values["languages"]))
    for side in SIDES:
        if side in values:
            _write_topics(person, side, _listed(values[side]), names.interests)
    if "away" in values:
        person.absences = [_absence(span) for span in _listed(values["away"])]


def _write_topics(person: Person, side: str, slugs: Sequence[str], interests: Mapping[str, Interest]) -> None:
    known = {own.interest.slug: own for own in person.interests if own.side == side}
    others = [own for own in person.interests if own.side != side]
    person.interests = others + [
        known.get(slug) or PersonInterest(interest=interests[slug], side=side) for slug in slugs
    ]


def _absence(span: str) -> Absence:
    starts, ends = (datetime.fromisoformat(end) for end in span.split("/"))
    return Absence(starts=starts, ends=ends)


def _write_wishes(person: Person, wishes: Sequence[str], names: Names, numbers: Mapping[str, int]) -> None:
    person.wishes = []
    # what the person typed of others stands for their own wishes
    person.typed = {name: told for name, told in person.typed.items() if name == "organisation"} if person.typed else {}
    names.rows.flush()
    for at, wish in enumerate(wishes):
        told = re.fullmatch(WISHED, wish)
        assert told is not None
        kind, whom = told.groups()
        columns: dict[str, Any] = {
            "person": lambda one: {"wished_person_id": numbers[one]},
            "organisation": lambda one: {"organisation": names.organisation(one)},
            "name": lambda one: {"text": one},
            "role": lambda one: {"role": one},
            "region": lambda one: {"region": names.regions[one]},
        }
        person.wishes.append(Wish(position=at, **columns[kind](whom)))
