"""The third screen of the profile: how I want to meet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Self

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import Actor, may_attend
from webapp.db import db
from webapp.models import Absence, Person, Question, Region, Session, Wish
from webapp.operations.event import organisations
from webapp.operations.guests import apart
from webapp.operations.profile import host_wishes, profiles
from webapp.operations.profile.who import languages_here
from webapp.operations.words.titles import titled
from webapp.policy import shows

MOST_SPANS, MOST_NAMES = 3, 8


class Span(NamedTuple):
    """A part of one day, by the venue's clock; without times the whole day (from its start, to its end)."""

    day: date
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """Whom somebody would like to meet, and what they need for it.

    `names` are wishes as they were typed, the first wish first; nothing says whether somebody is called so. `questions`
    are the slug of a session and what the person would like to ask there, `specialists` that slug and whom they would
    like to see. `listed` lets others pick them from a list. `apart` is whom they need not meet: it is added to what
    they wrote before, and never read again.
    """

    names: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    listed: bool = False
    questions: tuple[tuple[str, str], ...] = ()
    specialists: host_wishes.Wished = ()
    first_time: bool = False
    seated: bool = False
    companion: bool = False
    companion_languages: tuple[str, ...] = ()
    away: tuple[Span, ...] = ()
    apart: tuple[str, ...] = ()

    @classmethod
    def of(cls, person: Person) -> Self:
        """Read the part."""
        wishes = person.wishes
        return cls(
            names=tuple(dict.fromkeys(line for wish, line in zip(wishes, _lines(wishes), strict=True) if line)),
            roles=tuple(sorted(wish.role for wish in wishes if wish.role)),
            regions=tuple(sorted(wish.region.slug for wish in wishes if wish.region)),
            listed=person.listed,
            questions=tuple((one.session.slug, one.text) for one in _asked(person)),
            specialists=host_wishes.wished_by(person),
            first_time=person.first_time,
            seated=person.seated,
            companion=person.companion,
            companion_languages=tuple(person.companion_languages),
            away=tuple(_span(absence) for absence in _shown(person)),
        )

    def write(self, rows: Rows, person: Person) -> None:
        """Write the part; a region or a specialist who is there no more is refused."""
        before = [wish.organisation_id for wish in person.wishes]
        _write_wishes(rows, person, self)
        apart.write(rows, person, self.apart)
        person.listed, person.first_time, person.seated = self.listed, self.first_time, self.seated
        person.companion, person.companion_languages = self.companion, list(self.companion_languages)
        _write_absences(person, self.away)
        _write_questions(rows, person, self.questions)
        host_wishes.write(rows, person, self.specialists)
        rows.flush()
        organisations.forget_unnamed(rows, before, typed=True)


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen on the screen.

    `kept_absences` counts absences that the form cannot show (over midnight, or too many); saving keeps them.
    `clinics` are the sessions with specialists, as (slug, title), for which a question may be written, and
    `specialists` those who may be wished for there. `listed` are the names of those who opted in.
    """

    regions: list[tuple[str, str]]
    languages: list[str]
    days: list[date]
    listed: list[str]
    kept_absences: int = 0
    clinics: list[tuple[str, str]] = field(default_factory=list)
    specialists: dict[str, list[host_wishes.Specialist]] = field(default_factory=dict)


def open_meeting(by: Actor) -> tuple[profiles.Opened[Manner], Choices]:
    """Return the actor's own part with all that may be chosen."""
    wishes = selectinload(Person.wishes)
    event, person = profiles.who_asks(
        by,
        wishes.joinedload(Wish.organisation),
        wishes.joinedload(Wish.region),
        selectinload(Person.absences),
        selectinload(Person.regions),
        selectinload(Person.questions).joinedload(Question.session),
        selectinload(Person.host_wishes),
    )
    manner = Manner.of(person)
    clinics = _clinics(person, {slug for slug, _told in (*manner.questions, *manner.specialists)})
    choices = Choices(
        regions=profiles.regions(),
        languages=languages_here(event, manner.companion_languages),
        days=[event.starts_on + timedelta(days=at) for at in range((event.ends_on - event.starts_on).days + 1)],
        listed=_listed(person) if shows("listed", to="others", preset=event.preset) else [],
        kept_absences=len(person.absences) - len(manner.away),
        clinics=clinics,
        specialists=host_wishes.specialists(event, person, [slug for slug, _title in clinics]),
    )
    return profiles.opened(event, person, manner), choices


def _listed(person: Person) -> list[str]:
    """The names of all others who opted in, by their Latin spelling."""
    others = db.session.scalars(select(Person).where(Person.listed, Person.left_at.is_(None), Person.id != person.id))
    return list(dict.fromkeys(one.name for one in sorted(others, key=lambda one: (one.sort_name, one.name))))


# --- wishes ----------------------------------------------------------------------------------------------------------


def _lines(wishes: Iterable[Wish]) -> list[str]:
    """Wishes for somebody or for an organisation as their writer reads them; kinds of guests are none."""
    wishes = list(wishes)
    wanted = [wish.wished_person_id for wish in wishes if wish.wished_person_id is not None]
    known = select(Person.id, Person.number).where(Person.id.in_(wanted))
    numbers = {row.id: row.number for row in db.session.execute(known)} if wanted else {}
    return [
        wish.text
        or numbers.get(wish.wished_person_id or 0)
        or (wish.organisation.name if wish.organisation is not None else "")
        for wish in wishes
    ]


def _write_wishes(rows: Rows, person: Person, manner: Manner) -> None:
    """Wishes that were there before keep their place in the order, new ones follow; names stand as they were typed."""
    regions = profiles.found(rows, Region, manner.regions, field="wished_regions")
    wanted: dict[tuple[str, str], Wish] = {("text", line): Wish(text=line) for line in manner.names}
    wanted |= {("role", role): Wish(role=role) for role in manner.roles}
    wanted |= {("region", region.slug): Wish(region=region) for region in regions}
    keys = [_key(wish, line) for wish, line in zip(person.wishes, _lines(person.wishes), strict=True)]
    known = dict(zip(keys, person.wishes, strict=True))
    order = [*(key for key in known if key in wanted), *(key for key in wanted if key not in known)]
    names = iter(key for key in wanted if key[0] == "text")
    order = [next(names) if key[0] == "text" else key for key in order]
    person.wishes = [known.get(key) or wanted[key] for key in order]
    for at, wish in enumerate(person.wishes):
        wish.position = at


def _key(wish: Wish, line: str) -> tuple[str, str]:
    if line:
        return "text", line
    return ("role", wish.role) if wish.role else ("region", wish.region.slug if wish.region else "")


# --- questions and absences ------------------------------------------------------------------------------------------


def _clinics(person: Person, asked: set[str]) -> list[tuple[str, str]]:
    """The sessions with specialists that the person may attend, and those they wrote a question for before."""
    held = db.session.scalars(select(Session).where(Session.format == "clinics").order_by(Session.starts, Session.id))
    return [(one.slug, titled(one.title)) for one in held if one.slug in asked or may_attend(person, one)]


def _asked(person: Person) -> list[Question]:
    """The person's questions for specialists, in the order of the programme."""
    asked = [one for one in person.questions if one.session.format == "clinics"]
    return sorted(asked, key=lambda one: (one.session.starts, one.session_id))


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


def _write_absences(person: Person, spans: tuple[Span, ...]) -> None:
    shown = _shown(person)
    known = {_span(absence): absence for absence in shown}
    kept = [absence for absence in person.absences if absence not in shown]
    person.absences = kept + [known.get(span) or _absence(span) for span in dict.fromkeys(spans)]


def _absence(span: Span) -> Absence:
    after = datetime.combine(span.day + timedelta(days=1), time.min)
    ends = datetime.combine(span.day, span.ends) if span.ends else after
    return Absence(starts=datetime.combine(span.day, span.starts or time.min), ends=ends)
