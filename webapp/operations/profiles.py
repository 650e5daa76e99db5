"""What people say about themselves: opened for the form, saved as a whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor, may_attend
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.models import (
    Absence,
    Event,
    Interest,
    Organisation,
    Person,
    PersonInterest,
    PersonLanguage,
    Question,
    Region,
    Session,
    Wish,
)
from webapp.models.people import utc_now
from webapp.operations import apart, host_wishes, organisations
from webapp.operations.spelling import same_words

MOST_SPANS, MOST_WISHED_PEOPLE, MOST_WISHED_ORGANISATIONS = 3, 5, 3
SIDES = ("offers", "seeks")

Named = TypeVar("Named", Interest, Region)


class Span(NamedTuple):
    """A part of one day, by the venue's clock; without times the whole day (from its start, to its end)."""

    day: date
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says; topics and regions by slug, the best language first, the most wished first.

    `questions` are the slug of a session and what the person would like to ask there, `specialists` that slug and whom
    they would like to see.
    """

    name: str
    latin: str = ""
    organisation: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()
    wished_people: str = ""
    wished_organisations: tuple[str, ...] = ()
    wished_roles: tuple[str, ...] = ()
    wished_regions: tuple[str, ...] = ()
    first_time: bool = False
    seated: bool = False
    away: tuple[Span, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    specialists: host_wishes.Wished = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A profile on the desk: what it says, which save it comes from, and what may be chosen.

    `kept_absences` counts absences that the form cannot show (over midnight, or too many); saving keeps them.
    `clinics` are the sessions with specialists, as (slug, title), for which a question may be written, and
    `specialists` those who may be wished for there.
    """

    event: Event
    profile: Profile
    revision: int
    saved_at: datetime | None
    regions: list[tuple[str, str]]
    interests: list[tuple[str, list[tuple[str, str]]]]
    languages: list[str]
    kept_absences: int = 0
    days: list[date] = field(default_factory=list)
    clinics: list[tuple[str, str]] = field(default_factory=list)
    specialists: dict[str, list[host_wishes.Specialist]] = field(default_factory=dict)

    @property
    def saved_here(self) -> datetime | None:
        """When the profile was saved, by the venue's clock."""
        return self.saved_at.replace(tzinfo=UTC).astimezone(self.event.zone) if self.saved_at else None


def open_profile(by: Actor) -> Opened:
    """Return the actor's own profile with all that may be chosen."""
    event = db.session.get(Event, 1)
    if by.person is None or event is None:
        raise NotFound
    person = _with_everything(by.person.id)
    profile = _read(person)
    clinics = _clinics(person, {slug for slug, _told in (*profile.questions, *profile.specialists)})
    host = [event.host_language] if event.host_language else []
    regions = db.session.scalars(select(Region).order_by(Region.position, Region.title))
    return Opened(
        event=event,
        profile=profile,
        revision=person.revision,
        saved_at=person.saved_at,
        regions=[(region.slug, region.title) for region in regions],
        interests=_interests_by_heading({*profile.offers, *profile.seeks}),
        languages=list(dict.fromkeys([*profile.languages, *event.working_languages, *host])),
        kept_absences=len(person.absences) - len(profile.away),
        days=[event.starts_on + timedelta(days=at) for at in range((event.ends_on - event.starts_on).days + 1)],
        clinics=clinics,
        specialists=host_wishes.specialists(event, person, [slug for slug, _title in clinics]),
    )


def _clinics(person: Person, asked: set[str]) -> list[tuple[str, str]]:
    """The sessions with specialists that the person may attend, and those they wrote a question for before."""
    found = select(Session).where(Session.format == "clinics").order_by(Session.starts, Session.id)
    held = db.session.scalars(found)
    return [(one.slug, one.title) for one in held if one.slug in asked or may_attend(person, one)]


def _with_everything(held: int) -> Person:
    """Load a person with all that the form shows, in the same few queries however much it is."""
    wishes = selectinload(Person.wishes)
    everything = (
        joinedload(Person.organisation),
        selectinload(Person.languages),
        selectinload(Person.regions),
        selectinload(Person.interests).joinedload(PersonInterest.interest),
        wishes.joinedload(Wish.organisation),
        wishes.joinedload(Wish.region),
        selectinload(Person.absences),
        selectinload(Person.questions).joinedload(Question.session),
        selectinload(Person.host_wishes),
    )
    found = select(Person).where(Person.id == held).options(*everything).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


def _interests_by_heading(chosen: set[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """All topics on offer, and retired ones that this person chose before."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for topic in db.session.scalars(select(Interest).order_by(Interest.position, Interest.title)):
        if not topic.retired or topic.slug in chosen:
            groups.setdefault(topic.heading, []).append((topic.slug, topic.title))
    return list(groups.items())


def _read(person: Person) -> Profile:
    wishes = person.wishes
    offers, seeks = (_topics(person, side) for side in SIDES)
    return Profile(
        name=person.name,
        latin=person.latin,
        organisation=_own_spelling(person.organisation, person.typed.get("organisation", [])),
        country=person.country or "",
        languages=tuple(language.code for language in person.languages),
        regions=tuple(region.slug for region in person.regions),
        offers=offers,
        seeks=seeks,
        wished_people=_wished_numbers(person),
        wished_organisations=_wished_organisations(person),
        wished_roles=tuple(wish.role for wish in wishes if wish.role),
        wished_regions=tuple(wish.region.slug for wish in wishes if wish.region),
        first_time=person.first_time,
        seated=person.seated,
        away=tuple(_span(absence) for absence in _shown(person)),
        questions=tuple((one.session.slug, one.text) for one in _asked(person)),
        specialists=host_wishes.wished_by(person),
    )


def _asked(person: Person) -> list[Question]:
    """The person's questions for specialists, in the order of the programme."""
    asked = [one for one in person.questions if one.session.format == "clinics"]
    return sorted(asked, key=lambda one: (one.session.starts, one.session_id))


def _topics(person: Person, side: str) -> tuple[str, ...]:
    chosen = [own.interest for own in person.interests if own.side == side]
    return tuple(topic.slug for topic in sorted(chosen, key=lambda topic: (topic.position, topic.title)))


def _wished_numbers(person: Person) -> str:
    typed = person.typed.get("numbers")
    if typed is not None:
        return str(typed)
    wished = [wish.wished_person_id for wish in person.wishes if wish.wished_person_id is not None]
    numbers = {row.id: row.number for row in db.session.query(Person.id, Person.number).where(Person.id.in_(wished))}
    return " ".join(numbers[one] for one in wished)


def _wished_organisations(person: Person) -> tuple[str, ...]:
    typed = person.typed.get("wished_organisations", [])
    return tuple(_own_spelling(wish.organisation, typed) for wish in person.wishes if wish.organisation)


def _own_spelling(organisation: Organisation | None, typed: Iterable[str]) -> str:
    """The organisation as this person spelt it: another spelling would tell who else is here."""
    if organisation is None:
        return ""
    return next((text for text in typed if same_words(text, organisation.name)), organisation.name)


def _shown(person: Person) -> list[Absence]:
    """The absences that the form can show: within one day, the first few."""
    return [absence for absence in person.absences if _ends_within_day(absence)][:MOST_SPANS]


def _ends_within_day(absence: Absence) -> bool:
    return absence.ends <= datetime.combine(absence.starts.date() + timedelta(days=1), time.min)


def _span(absence: Absence) -> Span:
    from_start = absence.starts.time() == time.min
    to_end = absence.ends.date() > absence.starts.date()
    starts = None if from_start else absence.starts.time()
    return Span(absence.starts.date(), starts, None if to_end else absence.ends.time())


def save(profile: Profile, *, revision: str, by: Actor, apart_from: tuple[str, ...] = ()) -> None:
    """Save the actor's own profile, if nobody saved it since `revision` was opened; sending it twice is fine.

    Whom they need not meet is added to what they wrote before.
    """
    if by.person is None:
        raise NotFound
    held = by.person.id
    with transaction() as rows:
        person = rows.get(Person, held)
        if person is None:
            raise NotFound
        if str(person.revision) != revision:
            if _read(person) != profile:
                raise NotNow
            apart.write(rows, person, apart_from)
            return
        _write(rows, person, profile)
        apart.write(rows, person, apart_from)
        person.revision += 1
        person.saved_at = utc_now()


def _write(rows: Rows, person: Person, profile: Profile) -> None:
    before = {person.organisation_id, *(wish.organisation_id for wish in person.wishes)}
    if (person.name, person.latin) != (profile.name, profile.latin) or _moves(person, profile):
        apart.pin(rows)
    person.name, person.latin, person.country = profile.name, profile.latin, profile.country or None
    person.first_time, person.seated = profile.first_time, profile.seated
    person.organisation = organisations.called(rows, profile.organisation) if profile.organisation else None
    person.regions = _found(rows, Region, profile.regions, field="regions")
    _write_languages(person, profile.languages)
    _write_interests(rows, person, profile)
    _write_wishes(rows, person, profile)
    _write_absences(person, profile.away)
    _write_questions(rows, person, profile.questions)
    host_wishes.write(rows, person, profile.specialists)
    person.typed = {
        "numbers": profile.wished_people,
        "organisation": [profile.organisation],
        "wished_organisations": list(profile.wished_organisations),
    }
    rows.flush()
    organisations.forget_unnamed(rows, before, typed=True)


def _moves(person: Person, profile: Profile) -> bool:
    return not same_words(person.organisation.name if person.organisation else "", profile.organisation)


def _found(rows: Rows, kind: type[Named], slugs: Iterable[str], *, field: str) -> list[Named]:
    wanted = list(dict.fromkeys(slugs))
    found = {row.slug: row for row in rows.scalars(select(kind).where(kind.slug.in_(wanted)))}
    if len(found) < len(wanted):
        raise BadInput("", field)
    return [found[slug] for slug in wanted]


def _write_languages(person: Person, codes: tuple[str, ...]) -> None:
    known = {language.code: language for language in person.languages}
    chosen = [known.get(code) or PersonLanguage(code=code) for code in codes]
    for at, language in enumerate(chosen):
        language.position = at
    person.languages = chosen


def _write_interests(rows: Rows, person: Person, profile: Profile) -> None:
    known = {(own.interest_id, own.side): own for own in person.interests}
    person.interests = [
        known.get((topic.id, side)) or PersonInterest(interest=topic, side=side)
        for side, slugs in zip(SIDES, (profile.offers, profile.seeks), strict=True)
        for topic in _found(rows, Interest, slugs, field=side)
    ]


def _write_wishes(rows: Rows, person: Person, profile: Profile) -> None:
    """Kinds of wishes that were there before keep their place in the order; new ones follow."""
    named = dict.fromkeys(organisations.called(rows, name).id for name in profile.wished_organisations)
    wished: list[tuple[str, object]] = [
        *(("wished_person_id", number) for number in _people_of(rows, person, profile.wished_people)),
        *(("organisation_id", number) for number in named),
        *(("role", role) for role in profile.wished_roles),
        *(("region_id", region.id) for region in _found(rows, Region, profile.wished_regions, field="wished_regions")),
    ]
    known = {_wish_key(wish): wish for wish in person.wishes}
    kept = [wish for key, wish in known.items() if key in wished]
    added = [Wish(**{kind: value}) for kind, value in wished if (kind, value) not in known]
    for at, wish in enumerate([*kept, *added]):
        wish.position = at
    person.wishes = [*kept, *added]


def _wish_key(wish: Wish) -> tuple[str, object]:
    kinds = ("wished_person_id", "organisation_id", "role", "region_id")
    return next((kind, getattr(wish, kind)) for kind in kinds if getattr(wish, kind) is not None)


def _people_of(rows: Rows, person: Person, numbers: str) -> list[int]:
    """Row ids of the numbers that belong to somebody else here, in the order typed; others are passed over."""
    wanted = list(dict.fromkeys(numbers.split()))
    found = {row.number: row.id for row in rows.query(Person.number, Person.id).where(Person.number.in_(wanted))}
    return [found[number] for number in wanted if number in found and found[number] != person.id]


def _write_absences(person: Person, spans: tuple[Span, ...]) -> None:
    shown = _shown(person)
    known = {_span(absence): absence for absence in shown}
    kept = [absence for absence in person.absences if absence not in shown]
    person.absences = kept + [known.get(span) or _absence(span) for span in dict.fromkeys(spans)]


def _write_questions(rows: Rows, person: Person, questions: Iterable[tuple[str, str]]) -> None:
    wanted = dict(questions)
    held = rows.scalars(select(Session).where(Session.slug.in_(wanted), Session.format == "clinics"))
    shown = {one.session_id: one for one in _asked(person)}
    kept = [one for one in person.questions if one.session_id not in shown]
    for session in held:
        question = shown.get(session.id) or Question(session=session)
        question.text = wanted[session.slug]
        kept.append(question)
    person.questions = kept


def _absence(span: Span) -> Absence:
    after = datetime.combine(span.day + timedelta(days=1), time.min)
    ends = datetime.combine(span.day, span.ends) if span.ends else after
    return Absence(starts=datetime.combine(span.day, span.starts or time.min), ends=ends)
