"""What the engine is asked: rows become a problem, people, hosts and interpreters by row id."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

import matcher
from matcher.rules import tables_of_hosts
from webapp.bridge.apart import pairs_apart
from webapp.bridge.echoes import echoes, topics
from webapp.bridge.locking import Lost, locked_meetings, split
from webapp.bridge.naming import Names
from webapp.errors import Refused
from webapp.i18n import gettext as _
from webapp.models import Host, HostWish, Interpreter, MetBefore, Person, Plan, Session, Wish
from webapp.models.programme import HOSTED

Problem = matcher.Problem
INTERPRETED = ("pairs", "clinics")
NEVER: frozenset[int] = frozenset()
Known = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody of the audience, with the rounds in which they are away."""

    person: Person
    away: frozenset[int]


@dataclass(frozen=True, slots=True)
class Away:
    """In which rounds hosts and interpreters, by row id, are kept elsewhere; what a host's own row says apart."""

    hosts: Mapping[int, frozenset[int]]
    interpreters: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What turns a person's words into the engine's: who is known by which name, and what they wrote of others.

    `specialists` are whom each would like to see, by row id; `echoes` the free words that count, with their topics.
    """

    known: Known
    specialists: Mapping[int, Collection[str]]
    names: Names
    echoes: Mapping[str, str]


class Expected(tuple[Presence, ...]):
    """Everybody expected in a session, by Latin spelling, and when hosts and interpreters are elsewhere."""

    away: Away = Away({}, {})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a session asks of its plan; `floor` guards those who would get least."""

    same_organisation: str
    shared_language: bool
    regions: str
    limit: int | None
    floor: bool

    @classmethod
    def of(cls, session: Session) -> "Rules":
        """Return the rules of a session."""
        return cls(
            same_organisation=session.same_organisation,
            shared_language=session.shared_language,
            regions=session.regions,
            limit=session.limit,
            floor=session.floor,
        )

    @classmethod
    def kept_by(cls, plan: Plan) -> "Rules":
        """Return the rules that a plan was made by; where nothing is noted, those of its session."""
        return cls(**plan.rules) if plan.rules else cls.of(plan.session)

    def as_json(self) -> dict[str, Any]:
        """Return the rules as they are kept."""
        return asdict(self)


def problem_of(rows: Rows, session: Session, expected: Expected, rules: Rules | None = None) -> Problem:
    """Return what the engine is asked: people by row id, in an order that does not change from one time to the next.

    People who are away in every round are left out; so are wishes and pairs that name somebody who is not there.
    Whoever is visited there is meant by pairs and wishes as well. Without `rules` those of the session are meant. What
    is locked in the draft stays, as far as it can.
    """
    problem = unlocked_problem(rows, session, expected, rules)
    locked = locked_meetings(rows, session)
    return replace(problem, locks=split(problem, session, locked)[0]) if locked else problem


def lost_locks(rows: Rows, session: Session, expected: Expected) -> list[Lost]:
    """Return the locked meetings of the draft that can be kept no longer."""
    problem = unlocked_problem(rows, session, expected)
    return split(problem, session, locked_meetings(rows, session))[1]


def unlocked_problem(
    rows: Rows, session: Session, expected: Expected, rules: Rules | None = None, *, kept: Container[int] = ()
) -> Problem:
    """Return what the engine is asked where nothing is locked.

    Those who are `kept`, by row id, are in it though they are away in every round.
    """
    rules = Rules.of(session) if rules is None else rules
    everyone = range(1, session.rounds + 1)
    there = sorted(
        (one for one in expected if one.person.id in kept or not one.away.issuperset(everyone)),
        key=lambda one: one.person.id,
    )
    away = expected.away
    known = {one.person.id: str(one.person.id) for one in there}
    hosts = session.hosts if session.format in HOSTED else []
    known |= {host.person_id: host_key(host) for host in hosts if host.person_id is not None}
    asked = _asked(rows, session, [one.person for one in there], known)
    try:
        return Problem(
            session=matcher.Session(
                id=session.slug,
                format=cast(Literal["pairs", "clinics", "stations", "circles"], session.format),
                rounds=session.rounds,
                start=session.event.at_venue(session.starts),
                round_minutes=session.round_minutes,
                change_minutes=session.change_minutes,
                tables=None if session.format in HOSTED else open_tables(session),
                size=session.size,
                move=cast(Literal["each", "groups"], session.move if session.format == "stations" else "each"),
            ),
            rules=matcher.Rules(
                same_organisation="allow" if rules.same_organisation == "allow" else "apart",
                shared_language=rules.shared_language,
                regions=cast(Literal["mix", "same", "any"], rules.regions),
                limit=rules.limit,
            ),
            people=tuple(_person(one, asked) for one in there),
            hosts=tuple(_host(host, away.hosts.get(host.id, NEVER)) for host in hosts),
            interpreters=tuple(_interpreter(one, away.interpreters.get(one.id, NEVER)) for one in session.interpreters)
            if session.format in INTERPRETED
            else (),
            keep_apart=pairs_apart(rows, known, [(host_key(host), host) for host in hosts]),
            met_before=_met_before(rows, known),
        )
    except matcher.MatcherError as error:
        raise Refused(_("This session cannot be planned as it is set up: %(why)s.", why=error)) from error


def open_tables(session: Session) -> tuple[str, ...]:
    """Return the tables that can be used, in walking order."""
    return tuple(table.name for table in session.tables if table.gone_from is None)


def _met_before(rows: Rows, known: Known) -> tuple[tuple[str, str], ...]:
    wanted = select(MetBefore.one_id, MetBefore.other_id)
    found = rows.execute(wanted.order_by(MetBefore.one_id, MetBefore.other_id))
    return tuple((known[one], known[other]) for one, other in found if one in known and other in known)


def _specialists(rows: Rows, hosts: Collection[Host]) -> dict[int, list[str]]:
    """Which of the hosts each person would like to see, by row id, the most wished first."""
    keys = {host.id: host_key(host) for host in hosts}
    wished = select(HostWish).where(HostWish.host_id.in_(keys)).order_by(HostWish.person_id, HostWish.position)
    found: dict[int, list[str]] = defaultdict(list)
    for wish in rows.scalars(wished):
        found[wish.person_id].append(keys[wish.host_id])
    return found


def _asked(rows: Rows, session: Session, guests: Collection[Person], known: Known) -> Asked:
    hosts = session.hosts if session.format in HOSTED else []
    return Asked(
        known=known,
        specialists=_specialists(rows, hosts) if session.format == "clinics" else {},
        names=_names(rows, guests, hosts),
        echoes=echoes(rows, guests),
    )


def _names(rows: Rows, guests: Collection[Person], hosts: Collection[Host]) -> Names:
    """All names, where anybody typed one."""
    if not any(wish.text for person in guests for wish in person.wishes):
        return Names()
    return Names.of(rows, [(host_key(host), host) for host in hosts])


def _person(one: Presence, asked: Asked) -> matcher.Person:
    person, known = one.person, asked.known
    told = (meant for wish in person.wishes for meant in _wishes(wish, asked))
    wishes = (*asked.specialists.get(person.id, ()), *told)
    return matcher.Person(
        id=str(person.id),
        organisation=None if person.organisation_id is None else str(person.organisation_id),
        role=person.role,
        regions=tuple(region.slug for region in person.regions),
        languages=spoken_by(person),
        offers=topics(person, "offers", asked.echoes),
        seeks=topics(person, "seeks", asked.echoes),
        away=one.away,
        wishes=tuple(wish for wish in dict.fromkeys(wishes) if wish != known.get(person.id)),
        first_time=person.first_time,
        seated=person.seated,
    )


def spoken_by(person: Person) -> tuple[str, ...]:
    """Return the languages somebody can be talked to in: their own, then those of whoever interprets for them.

    Of whom no language is known it is none: the engine takes that as all.
    """
    own = [language.code for language in person.languages]
    return tuple(dict.fromkeys([*own, *person.companion_languages])) if own and person.companion else tuple(own)


def host_key(row: Host) -> str:
    """Return how the engine calls a host; people have numbers alone."""
    return f"h{row.id}"


def interpreter_key(row: Interpreter) -> str:
    """Return how the engine calls an interpreter."""
    return f"i{row.id}"


def _host(row: Host, away: frozenset[int]) -> matcher.Host:
    organisation = row.organisation_id or (row.person.organisation_id if row.person else None)
    return matcher.Host(
        id=host_key(row),
        topics=tuple(sorted(topic.slug for topic in row.topics)),
        languages=tuple(language.code for language in row.languages),
        organisation=None if organisation is None else str(organisation),
        places=row.places,
        min_places=row.min_places,
        away=away | row.missed,
        table=row.table or None,
    )


def _interpreter(row: Interpreter, away: frozenset[int]) -> matcher.Interpreter:
    languages = tuple(language.code for language in row.languages)
    return matcher.Interpreter(interpreter_key(row), languages, away=away, most_in_a_row=row.most_in_a_row)


def _wishes(wish: Wish, asked: Asked) -> Iterator[str | matcher.KindWish]:
    """What a wish means to the engine: nothing where it names nobody who is there."""
    if wish.text is not None:
        yield from asked.names.wishes(wish.text, asked.known)
    elif wish.wished_person_id is not None:
        if wish.wished_person_id in asked.known:
            yield asked.known[wish.wished_person_id]
    elif wish.organisation_id is not None:
        yield matcher.KindWish("organisation", str(wish.organisation_id))
    elif wish.region is not None:
        yield matcher.KindWish("region", wish.region.slug)
    else:
        yield matcher.KindWish("role", wish.role or "")


def hosts_called(session: Session, names: Container[str]) -> tuple[Host, ...]:
    """Return those whom the engine calls by these names."""
    return tuple(host for host in session.hosts if host_key(host) in names)


def interpreters_called(session: Session, names: Container[str]) -> tuple[Interpreter, ...]:
    """Return those whom the engine calls by these names."""
    return tuple(one for one in session.interpreters if interpreter_key(one) in names)


def tables_of_visited(rows: Rows, session: Session, expected: Expected) -> tuple[str, ...]:
    """Return where each of those who are visited sits, in their order."""
    return tables_of_hosts(unlocked_problem(rows, session, expected))
