"""What a file changes becomes rows, sheet by sheet, within a transaction that is open."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.models import (
    Absence,
    Event,
    Host,
    HostLanguage,
    HostWish,
    Interest,
    Interpreter,
    InterpreterLanguage,
    InterpreterSession,
    Person,
    PersonInterest,
    Question,
    Region,
    RegionCountry,
    RemovedInterest,
    Session,
    Table,
    Translation,
    Wish,
)
from webapp.operations.event import organisations
from webapp.operations.event.programme import discard_drafts
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Sheet
from webapp.operations.files.event_file.comparing import Step, Work
from webapp.operations.files.event_file.plans_written import publish_plans
from webapp.operations.files.event_file.shelves import Shelves
from webapp.operations.guests import apart
from webapp.operations.guests.people import write_languages
from webapp.operations.words import titles
from webapp.operations.words.spelling import bare

DRAWN_ON = (book.SESSIONS, book.TABLES, book.HOSTS, book.HOST_WISHES, book.INTERPRETERS, book.INTERPRETER_SESSIONS)
"""Sheets that drafts are drawn from; when one of them changes, what was drafted is thrown away."""

OUT_OF_THE_WAY = 10**7


def write(rows: Rows, work: Work, *, by: Actor) -> None:
    """Store all that a file changes; the sheets follow one another, so that each finds what it speaks of."""
    apart.pin(rows)
    shelves = Shelves(rows)
    before = {one.organisation_id for one in shelves.people.values()}
    before |= {one.organisation_id for one in shelves.hosts.values()}
    for sheet, writer in WRITERS:
        steps = work.moving(sheet)
        if steps:
            writer(shelves, steps)
            rows.flush()
    titles.forget_unused(rows)
    if any(work.moving(sheet) for sheet in DRAWN_ON):
        discard_drafts(rows, [one.id for one in shelves.sessions.values()])
    organisations.forget_unnamed(rows, before)
    if work.moving(book.PLANS):
        publish_plans(shelves, work, by=by)


def _values(sheet: Sheet, step: Step) -> dict[str, Any]:
    """The values of the cells that change."""
    return {one.name: one.kind.value(step.after[one.name]) for one in sheet.columns if one.name in step.after}


def _set(row: Any, sheet: Sheet, values: Mapping[str, Any]) -> None:
    """Set what a row holds just as it is."""
    for column in sheet.columns:
        if column.plain and column.name in values:
            setattr(row, column.name, values[column.name])


# --- the event and its lists -----------------------------------------------------------------------------------------


def _write_event(shelves: Shelves, steps: list[Step]) -> None:
    rows = shelves.rows
    values = _values(book.EVENT, steps[0])
    event = rows.get(Event, 1)
    if event is None:
        event = Event(id=1)
        rows.add(event)
    _set(event, book.EVENT, values)
    known = set(rows.scalars(select(RemovedInterest.number)))
    rows.add_all(RemovedInterest(number=one) for one in values.get("removed_interests", ()) if one not in known)


def _write_regions(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        values, slug = _values(book.REGIONS, step), step.record["slug"]
        region = shelves.regions.get(slug) or shelves.regions.setdefault(slug, Region())
        shelves.rows.add(region)
        _set(region, book.REGIONS, values)
        if "countries" in values:
            held = {one.country: one for one in region.countries}
            region.countries = [held.get(code) or RegionCountry(country=code) for code in values["countries"]]


def _write_interests(shelves: Shelves, steps: list[Step]) -> None:
    rows = shelves.rows
    given = [int(step.record["number"]) for step in steps if step.record["number"]]
    kept = (rows.scalar(select(func.max(one))) or 0 for one in (Interest.id, RemovedInterest.number))
    last = max([*kept, *given, 0])
    for step in steps:
        values, slug = _values(book.INTERESTS, step), step.record["slug"]
        interest = shelves.interests.get(slug)
        if interest is None:
            number = values["number"]
            last += number is None
            interest = shelves.interests[slug] = Interest(id=number or last)
            rows.add(interest)
        _set(interest, book.INTERESTS, values)


def _write_organisations(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        house = shelves.house(step.record["name"])
        assert house is not None
        house.country = step.record["country"] or None


# --- the programme ---------------------------------------------------------------------------------------------------


def _write_sessions(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        slug = step.record["slug"]
        session = shelves.sessions.get(slug) or shelves.sessions.setdefault(slug, Session(event_id=1))
        shelves.rows.add(session)
        _set(session, book.SESSIONS, _values(book.SESSIONS, step))
        region = step.record["audience_region"]
        session.audience_region_id = shelves.regions[region].id if region else None


def _write_titles(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        shelves.rows.merge(Translation(**step.record))


def _write_tables(shelves: Shelves, steps: list[Step]) -> None:
    found = {id(step): shelves.sessions[step.record["session"]].id for step in steps}
    # tables may change places: none has one while another takes it
    for at, step in enumerate(steps):
        table = shelves.tables.get((found[id(step)], step.record["name"]))
        if table is not None and "position" in step.after:
            table.position = OUT_OF_THE_WAY + at
    shelves.rows.flush()
    for step in steps:
        held = found[id(step)], step.record["name"]
        table = shelves.tables.get(held)
        if table is None:
            table = shelves.tables[held] = Table(session_id=held[0])
            shelves.rows.add(table)
        _set(table, book.TABLES, _values(book.TABLES, step))


# --- people ----------------------------------------------------------------------------------------------------------


def _write_people(shelves: Shelves, steps: list[Step]) -> None:
    # registrations may change places
    for step in steps:
        known = shelves.people.get(step.record["number"])
        if known is not None and "registration" in step.after:
            known.registration = ""
    shelves.rows.flush()
    for step in steps:
        number = step.record["number"]
        person = shelves.people.get(number)
        if person is None:
            person = shelves.people[number] = Person(number=number, revision=0, typed={})
            shelves.rows.add(person)
        else:
            person.revision += 1
        _fill_person(shelves, person, _values(book.PEOPLE, step))


def _fill_person(shelves: Shelves, person: Person, values: Mapping[str, Any]) -> None:
    _set(person, book.PEOPLE, values)
    if "organisation" in values:
        person.organisation = shelves.house(values["organisation"])
    if "regions" in values:
        person.regions = [shelves.regions[slug] for slug in values["regions"]]
    if "languages" in values:
        write_languages(person, values["languages"])
    if "companion_languages" in values:
        person.companion_languages = list(values["companion_languages"])
    for side in ("offers", "seeks"):
        if side in values:
            known = {own.interest.slug: own for own in person.interests if own.side == side}
            others = [own for own in person.interests if own.side != side]
            chosen = (known.get(slug) or _chosen(shelves.interests[slug], side) for slug in values[side])
            person.interests = [*others, *chosen]


def _chosen(interest: Interest, side: str) -> PersonInterest:
    return PersonInterest(interest=interest, side=side)


def _write_wishes(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        person, kind, whom = shelves.people[step.record["number"]], step.record["kind"], step.record["whom"]
        columns: dict[str, Callable[[], dict[str, Any]]] = {
            "person": lambda whom=whom: {"wished_person_id": shelves.people[whom].id},  # type: ignore[misc]
            "organisation": lambda whom=whom: {"organisation": shelves.house(whom)},  # type: ignore[misc]
            "role": lambda whom=whom: {"role": whom},  # type: ignore[misc]
            "region": lambda whom=whom: {"region": shelves.regions[whom]},  # type: ignore[misc]
            "name": lambda whom=whom: {"text": whom},  # type: ignore[misc]
        }
        wanted = columns[kind]()
        held = (wish for wish in person.wishes if all(getattr(wish, name) == one for name, one in wanted.items()))
        wish = next(held, None)
        if wish is None:
            wish = Wish(**wanted)
            person.wishes.append(wish)
        wish.position = int(step.record["position"])
        # what the person typed of others stands for their own wishes
        person.typed = {name: one for name, one in (person.typed or {}).items() if name == "organisation"}


def _write_absences(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        values = _values(book.ABSENCES, step)
        span = Absence(starts=values["starts"], ends=values["ends"])
        shelves.people[step.record["number"]].absences.append(span)


# --- whoever is visited, and who interprets --------------------------------------------------------------------------


def _write_hosts(shelves: Shelves, steps: list[Step]) -> None:
    # tables and people may change places: nobody has one while others take it
    for step in steps:
        known = shelves.hosts.get(_place(step))
        if known is not None and "table" in step.after:
            known.table = ""
        if known is not None and "number" in step.after:
            known.person_id = None
    shelves.rows.flush()
    for step in steps:
        host = shelves.hosts.get(_place(step))
        if host is None:
            session = shelves.sessions[step.record["session"]]
            host = shelves.hosts[_place(step)] = Host(session_id=session.id)
            shelves.rows.add(host)
        else:
            host.revision += 1
        _fill_host(shelves, host, _values(book.HOSTS, step))


def _place(step: Step) -> tuple[str, str]:
    return step.record["session"], step.record["key"]


def _fill_host(shelves: Shelves, host: Host, values: Mapping[str, Any]) -> None:
    _set(host, book.HOSTS, values)
    if "organisation" in values:
        host.organisation = shelves.house(values["organisation"])
    if "number" in values:
        host.person_id = shelves.people[values["number"]].id if values["number"] else None
    if "topics" in values:
        host.topics = [shelves.interests[slug] for slug in values["topics"]]
    if "languages" in values:
        host.languages = _spoken(host.languages, values["languages"], HostLanguage)


def _spoken(held: Iterable[Any], codes: Iterable[str], kind: type[Any]) -> list[Any]:
    known = {language.code: language for language in held}
    found = [known.get(code) or kind(code=code) for code in codes]
    for at, language in enumerate(found):
        language.position = at
    return found


def _write_host_wishes(shelves: Shelves, steps: list[Step]) -> None:
    held = {(one.person_id, one.host_id): one for one in shelves.rows.scalars(select(HostWish))}
    for step in steps:
        who, whom = shelves.people[step.record["number"]].id, shelves.hosts[_place(step)].id
        wish = held.get((who, whom)) or HostWish(person_id=who, host_id=whom)
        wish.position = int(step.record["position"])
        shelves.rows.add(wish)


def _write_questions(shelves: Shelves, steps: list[Step]) -> None:
    held = {(one.person_id, one.session_id): one for one in shelves.rows.scalars(select(Question))}
    for step in steps:
        who, session = shelves.people[step.record["number"]].id, shelves.sessions[step.record["session"]].id
        question = held.get((who, session)) or Question(person_id=who, session_id=session)
        question.text = step.record["text"]
        shelves.rows.add(question)


def _write_interpreters(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        values, name = _values(book.INTERPRETERS, step), step.record["name"]
        interpreter = shelves.interpreters.get(bare(name))
        if interpreter is None:
            interpreter = shelves.interpreters[bare(name)] = Interpreter()
            shelves.rows.add(interpreter)
        else:
            interpreter.revision += 1
        _set(interpreter, book.INTERPRETERS, values)
        if "languages" in values:
            interpreter.languages = _spoken(interpreter.languages, values["languages"], InterpreterLanguage)


def _write_interpreter_sessions(shelves: Shelves, steps: list[Step]) -> None:
    for step in steps:
        interpreter = shelves.interpreters[bare(step.record["name"])]
        held = interpreter.id, shelves.sessions[step.record["session"]].id
        work = shelves.rows.get(InterpreterSession, held) or InterpreterSession(
            interpreter_id=held[0], session_id=held[1]
        )
        # the office's form of an interpreter has the sessions too
        interpreter.revision += 1
        work.gone_from = _values(book.INTERPRETER_SESSIONS, step).get("gone_from", work.gone_from)
        shelves.rows.add(work)


WRITERS: tuple[tuple[Sheet, Callable[[Shelves, list[Step]], None]], ...] = (
    (book.EVENT, _write_event),
    (book.REGIONS, _write_regions),
    (book.INTERESTS, _write_interests),
    (book.ORGANISATIONS, _write_organisations),
    (book.SESSIONS, _write_sessions),
    (book.TITLES, _write_titles),
    (book.TABLES, _write_tables),
    (book.PEOPLE, _write_people),
    (book.WISHES, _write_wishes),
    (book.ABSENCES, _write_absences),
    (book.HOSTS, _write_hosts),
    (book.HOST_WISHES, _write_host_wishes),
    (book.QUESTIONS, _write_questions),
    (book.INTERPRETERS, _write_interpreters),
    (book.INTERPRETER_SESSIONS, _write_interpreter_sessions),
)
