"""People as the office keeps them: find, add, change, remove."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor, may_attend
from webapp.db import after_commit, cut_journal, db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import (
    Attendance,
    Host,
    Meeting,
    Organisation,
    Person,
    PersonInterest,
    PersonLanguage,
    Plan,
    Region,
    Seat,
    Session,
    WaitingFile,
)
from webapp.models.people import folded
from webapp.operations.event import organisations
from webapp.operations.event.programme import discard_drafts, only_organisers, sessions
from webapp.operations.guests import apart, tombstones
from webapp.operations.guests.finding import fits
from webapp.operations.words import titles
from webapp.operations.words.spelling import same_words

PAGE = 50
SHORTEST_NUMBER, LONGEST_NUMBER = 3, 8


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What the office says about a person; regions as slugs, languages the best first."""

    name: str
    latin: str
    organisation: str
    role: str
    country: str | None
    regions: tuple[str, ...]
    languages: tuple[str, ...]
    seated: bool
    first_time: bool
    companion: bool = False
    companion_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of people; pages count from 1. `withdrawn`: from how many sessions, by row id."""

    people: Sequence[Person]
    withdrawn: Mapping[int, int]
    number: int
    last: int
    found: int


def find_people(query: str = "", *, lacking: str = "", page: int = 1) -> Page:
    """Return a page of the people that a query finds, sorted by Latin spelling; a page beyond the last is the last.

    `lacking` narrows the list to people without a `profile` (nothing offered, nothing sought) or a `language`.
    """
    wanted = select(Person.id, Person.number, Person.name, Person.latin)
    if lacking in LACKING:
        wanted = wanted.where(LACKING[lacking])
    rows = [row for row in db.session.execute(wanted) if fits(query, number=row.number, names=(row.name, row.latin))]
    rows.sort(key=lambda row: (folded(row.latin or row.name), row.number))
    last = max(1, -(-len(rows) // PAGE))
    number = min(max(page, 1), last)
    shown = [row.id for row in rows[(number - 1) * PAGE : number * PAGE]]
    people = _in_order(shown)
    return Page(
        people=list(people),
        withdrawn={one.id: count for one, count in people.items()},
        number=number,
        last=last,
        found=len(rows),
    )


LACKING = {
    "profile": ~exists().where(PersonInterest.person_id == Person.id),
    "language": ~exists().where(PersonLanguage.person_id == Person.id),
}


def how_many_lack(what: str) -> int:
    """Return how many people have no `profile` or no `language`."""
    return db.session.scalar(select(func.count()).select_from(Person).where(LACKING[what])) or 0


def _in_order(ids: Sequence[int]) -> dict[Person, int]:
    """People in this order, each with the number of sessions from which they have withdrawn."""
    withdrawn = (
        select(func.count())
        .where(Attendance.person_id == Person.id, Attendance.state == "absent", Attendance.changed_by == Person.number)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(Person, withdrawn)
        .where(Person.id.in_(ids))
        .options(joinedload(Person.organisation), selectinload(Person.languages))
    )
    people = {person.id: (person, count) for person, count in found}
    return dict(people[row] for row in ids)


def person_called(public_id: str) -> Person:
    """Return the person with this public id."""
    found = db.session.scalar(select(Person).where(Person.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def organisation_names() -> Sequence[str]:
    """Return the names of all organisations, sorted."""
    return sorted(db.session.scalars(select(Organisation.name)), key=folded)


def may_come_to(person: Person) -> list[Session]:
    """Return the sessions whose audience takes the person in, in the order of time."""
    return [session for session in sessions() if may_attend(person, session)]


def seats_in_published(person: Person) -> int:
    """Return how many sessions have a published plan with a seat for the person."""
    held = (
        select(func.count(func.distinct(Plan.session_id)))
        .join(Seat, Seat.plan_id == Plan.id)
        .where(Plan.state == "published", Seat.person_id == person.id)
    )
    return db.session.scalar(held) or 0


def add_person(values: PersonValues, *, sure: bool = False, by: Actor) -> str:
    """Add a person with a random event number; return the public id.

    Somebody of the same name and organisation is asked back once, so that a double tap adds nobody twice.
    """
    only_organisers(by)
    with transaction() as rows:
        if not sure:
            _refuse_same_person(rows, values)
        person = new_person(rows)
        _fill(rows, person, values)
        rows.add(person)
        rows.flush()
        return person.public_id


def new_person(rows: Rows) -> Person:
    """Return a person with nothing but an event number that nobody has."""
    return Person(number=next(free_numbers(rows.scalars(select(Person.number)))))


def change_person(public_id: str, values: PersonValues, *, seen: int, by: Actor) -> None:
    """Change what the office says about a person; refused where somebody else saved after revision `seen`."""
    only_organisers(by)
    with transaction() as rows:
        person = person_called(public_id)
        if person.revision != seen:
            raise NotNow(
                _("Somebody else saved this profile in the meantime. Look at what stands here; save again to keep it.")
            )
        before = person.organisation_id
        apart.pin(rows)
        _fill(rows, person, values)
        person.revision += 1
        rows.flush()
        organisations.forget_unnamed(rows, [before])


def remove_person(public_id: str, *, by: Actor) -> None:
    """Remove a person with all that is held, in one transaction; see `erase`."""
    only_organisers(by)
    with transaction() as rows:
        erase(rows, person_called(public_id))


def erase(rows: Rows, person: Person) -> None:
    """Remove a person with all that is held: profile, ways in, sign-ins, wishes, seats; as a part of a larger change.

    The one way in which people go; a sign stays, so that no backup undoes it. Where the person is visited as a host,
    that goes too, and what was drafted with it.
    """
    visited = rows.execute(select(Host.session_id, Host.organisation_id).where(Host.person_id == person.id)).all()
    named = {person.organisation_id, *(wish.organisation_id for wish in person.wishes)}
    named.update(row.organisation_id for row in visited)
    _forget_figures(rows, person)
    apart.forget(rows, person)
    # what somebody has sent and not yet read in may hold anybody
    rows.execute(delete(WaitingFile))
    tombstones.bury(rows, person.public_id)
    tombstones.bury_number(rows, person.number)
    rows.execute(delete(Person).where(Person.id == person.id))
    after_commit(rows, cut_journal)
    discard_drafts(rows, [row.session_id for row in visited])
    organisations.forget_unnamed(rows, named)
    titles.forget_unused(rows)


def _forget_figures(rows: Rows, person: Person) -> None:
    """Take a person out of the figures of plans and out of the reasons of meetings; plans stay as they are else."""
    public_id = person.public_id
    for meeting in rows.scalars(select(Meeting).join(Meeting.seats).where(Seat.person_id == person.id)):
        others = [one for one in meeting.reasons if person.id not in (one["giver"], one["taker"])]
        if len(others) < len(meeting.reasons):
            meeting.reasons = others
    rows.flush()
    for plan in rows.scalars(select(Plan)):
        shares = plan.quality.get("shares", {})
        if public_id in shares:
            plan.quality = plan.quality | {
                "shares": {name: own for name, own in shares.items() if name != public_id},
                "unmet": [told for told in plan.quality.get("unmet", ()) if told[0] != public_id],
            }


def _fill(rows: Rows, person: Person, values: PersonValues) -> None:
    person.name, person.latin, person.role, person.country = values.name, values.latin, values.role, values.country
    person.seated, person.first_time = values.seated, values.first_time
    person.companion, person.companion_languages = values.companion, list(values.companion_languages)
    given = values.organisation
    person.organisation = organisations.called(rows, given, country=values.country) if given else None
    person.regions = list(rows.scalars(select(Region).where(Region.slug.in_(values.regions))))
    write_languages(person, values.languages)


def write_languages(person: Person, codes: Sequence[str]) -> None:
    """Let a person speak these languages, the best first."""
    held = {language.code: language for language in person.languages}
    person.languages = [held.get(code) or PersonLanguage(code=code) for code in codes]
    for at, language in enumerate(person.languages):
        language.position = at


def numbers_of(rows: Rows, name: str, organisation: str) -> list[str]:
    """Return the event numbers of everybody of this name and organisation."""
    known = rows.execute(
        select(Person.name, Person.number, Organisation.name).outerjoin(Person.organisation).order_by(Person.id)
    )
    return [
        number for other, number, house in known if same_words(other, name) and same_words(house or "", organisation)
    ]


def same_person(number: str) -> str:
    """Return the question that is asked back about somebody of the same name and organisation."""
    return _(
        "Number %(number)s has the same name and organisation. If this is somebody else, tick the box "
        "beneath and save again.",
        number=number,
    )


def _refuse_same_person(rows: Rows, values: PersonValues) -> None:
    for number in numbers_of(rows, values.name, values.organisation):
        raise BadInput(same_person(number), "name")


def free_numbers(taken: Iterable[str]) -> Iterator[str]:
    """Yield random numbers that nobody has, each as short as leaves at least half of its length free."""
    given = set(taken)
    for digits in range(SHORTEST_NUMBER, LONGEST_NUMBER + 1):
        first, last = 10 ** (digits - 1), 10**digits
        used = sum(len(number) == digits for number in given)
        while used <= (last - first) // 2:
            while (number := str(first + secrets.randbelow(last - first))) in given:
                pass
            given.add(number)
            used += 1
            yield number
    raise NotNow(_("All event numbers are given away."))
