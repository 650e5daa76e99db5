"""Interest forms on paper: printed blank in each language, and entered by keyboard when they come back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.exchange.interest_form import BlankForm, interest_form
from webapp.i18n import LANGUAGES, force_locale, isolate, language_name, own_language_name
from webapp.i18n import gettext as _
from webapp.models import Interest, Person, PersonInterest, Region
from webapp.models.people import folded
from webapp.operations.event import organisations
from webapp.operations.event.programme import only_organisers, regions, the_event
from webapp.operations.guests import apart, people
from webapp.operations.paper.printing import PAPERS
from webapp.operations.words.titles import titled

SIDES: tuple[Literal["offers", "seeks"], ...] = ("offers", "seeks")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was typed from one sheet; what is empty says nothing. Topics by number, regions by slug."""

    number: str = ""
    name: str = ""
    latin: str = ""
    organisation: str = ""
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    offers: tuple[int, ...] = ()
    seeks: tuple[int, ...] = ()
    first_time: bool = False
    seated: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """Whose sheet was entered, and how many topics they share and seek now."""

    person: Person
    offers: int
    seeks: int


def blank(language: str, *, paper: str, by: Actor) -> bytes:
    """Return the form in a language as PDF, whatever the language of the page it is asked from."""
    only_organisers(by)
    event = the_event()
    if event is None or language not in LANGUAGES or paper not in PAPERS:
        raise NotFound
    host = [event.host_language] if event.host_language else []
    with force_locale(language):
        form = BlankForm(
            event=event.title,
            delete_on=event.delete_on,
            printed=datetime.now(UTC),
            languages=tuple(_in_both(code) for code in dict.fromkeys([*event.working_languages, *host])),
            regions=tuple(titled(region.title) for region in regions()),
            topics=tuple(
                (titled(heading), tuple((number, titled(title)) for number, title in own))
                for heading, own in numbered(topics()).items()
            ),
            locale=language,
            paper=cast(Literal["a4", "letter"], paper),
            discreet=event.preset == "discreet",
        )
        return interest_form(form, say=_)


def _in_both(code: str) -> str:
    """Return a language as the form's readers call it, and as its speakers do."""
    ours, theirs = language_name(code), own_language_name(code)
    return ours if ours == theirs else f"{isolate(ours)} · {isolate(theirs)}"


def numbered(listed: Iterable[Interest]) -> dict[str, list[tuple[str, str]]]:
    """Return numbers and titles of all that are not retired, under their headings, as they stand on the sheet."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for topic in listed:
        if not topic.retired:
            groups.setdefault(topic.heading, []).append((str(topic.id), topic.title))
    return groups


def topics() -> Sequence[Interest]:
    """Return all topics in their order, retired ones too; the number on a sheet is the row's."""
    return _topics(db.session())


def _topics(rows: Rows) -> Sequence[Interest]:
    return rows.scalars(select(Interest).order_by(Interest.position, Interest.id)).all()


def complaint(numbers: Iterable[int], listed: Iterable[Interest]) -> str:
    """Say which of these numbers no topic has, or only a retired one; nothing where all are fine."""
    known = {topic.id: topic for topic in listed}
    unknown = [str(number) for number in numbers if number not in known]
    retired = [f"{number} ({isolate(known[number].title)})" for number in numbers if _is_retired(known.get(number))]
    sentences = []
    if unknown:
        sentences.append(_("No interest has this number: %(numbers)s.", numbers=", ".join(unknown)))
    if retired:
        sentences.append(_("Retired, so leave it out: %(numbers)s.", numbers=", ".join(retired)))
    return " ".join(sentences)


def _is_retired(topic: Interest | None) -> bool:
    return topic is not None and topic.retired


def enter(sheet: Sheet, *, sure: Collection[str] = (), by: Actor) -> str:
    """Fill the profile of the person with the sheet's event number, or add somebody new; return the public id.

    Only what is on the sheet is written, all at once, on what stands in the profile at that moment; a participant who
    has the profile open is told so when they save. `sure` are event numbers that were asked about and confirmed.
    """
    only_organisers(by)
    with transaction() as rows:
        person = _person_of(rows, sheet, sure)
        before = person.organisation_id
        apart.pin(rows)
        _fill(rows, person, sheet)
        rows.add(person)
        rows.flush()
        organisations.forget_unnamed(rows, [before])
        return person.public_id


def asked_about(sheet: Sheet) -> list[str]:
    """Return the event numbers about which to ask back before the sheet is entered."""
    return _doubtful(db.session(), sheet)


def entered(public_id: str) -> Entered | None:
    """Return whose sheet was entered last, as an address names them; None where it names nobody."""
    wanted = select(Person).where(Person.public_id == public_id).options(selectinload(Person.interests))
    person = db.session.scalar(wanted) if public_id else None
    if person is None:
        return None
    offers, seeks = (sum(own.side == side for own in person.interests) for side in SIDES)
    return Entered(person, offers, seeks)


def _person_of(rows: Rows, sheet: Sheet, sure: Collection[str]) -> Person:
    found = _numbered_person(rows, sheet.number)
    if sheet.number and found is None:
        raise BadInput(
            _("Nobody has this event number. Look at it once more, or leave it empty to add somebody new."), "number"
        )
    if found is None and not sheet.name:
        raise BadInput(_("Give a name, or a pseudonym."), "name")
    for number in _doubtful(rows, sheet):
        if number not in sure:
            raise BadInput(_question(number, found), "name")
    if found is None:
        return people.new_person(rows)
    found.revision += 1
    return found


def _numbered_person(rows: Rows, number: str) -> Person | None:
    return rows.scalar(select(Person).where(Person.number == number)) if number else None


def _doubtful(rows: Rows, sheet: Sheet) -> list[str]:
    if not sheet.number:
        return people.numbers_of(rows, sheet.name, sheet.organisation) if sheet.name else []
    person = _numbered_person(rows, sheet.number)
    return [sheet.number] if person is not None and _renames(person, sheet) else []


def _renames(person: Person, sheet: Sheet) -> bool:
    """Return whether the sheet says another name; without accents, or in Latin letters, it is the same."""
    typed = folded(sheet.name)
    return bool(typed) and typed not in {folded(person.name), folded(person.latin)}


def _question(number: str, found: Person | None) -> str:
    if found is None:
        return people.same_person(number)
    return _(
        "Number %(number)s is %(name)s. If the sheet is theirs, tick the box beneath and save again.",
        number=number,
        name=isolate(found.name),
    )


def _fill(rows: Rows, person: Person, sheet: Sheet) -> None:
    _write_name(person, sheet)
    if sheet.organisation:
        person.organisation = organisations.called(rows, sheet.organisation)
    if sheet.languages:
        people.write_languages(person, sheet.languages)
    if sheet.regions:
        person.regions = list(rows.scalars(select(Region).where(Region.slug.in_(sheet.regions))))
    person.first_time = person.first_time or sheet.first_time
    person.seated = person.seated or sheet.seated
    _write_topics(rows, person, sheet)


def _write_name(person: Person, sheet: Sheet) -> None:
    if not person.name or _renames(person, sheet):
        person.name, person.latin = sheet.name, sheet.latin
        return
    if folded(sheet.name) == folded(person.name):
        person.name = sheet.name
    person.latin = sheet.latin or person.latin


def _write_topics(rows: Rows, person: Person, sheet: Sheet) -> None:
    """Replace the sides on which something is typed."""
    listed = {topic.id: topic for topic in _topics(rows)}
    for side in SIDES:
        numbers = dict.fromkeys(getattr(sheet, side))
        wrong = complaint(numbers, listed.values())
        if wrong:
            raise BadInput(wrong, side)
        if numbers:
            known = {own.interest_id: own for own in person.interests if own.side == side}
            others = [own for own in person.interests if own.side != side]
            person.interests = others + [
                known.get(number) or PersonInterest(interest=listed[number], side=side) for number in numbers
            ]
