"""Whom one may ask: the specialists of a session, looked through by topic and language, wished for, and asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor, may_attend
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Event, Host, Person, Plan, Question, Session
from webapp.operations.event import programme
from webapp.operations.guests.hosts import hosts_of, may_be_wished, rounds_of
from webapp.operations.mine import own_place, schedule
from webapp.operations.plans import clock
from webapp.operations.profile import host_wishes
from webapp.operations.profile.host_wishes import MOST_WISHED_HOSTS, Specialist
from webapp.operations.words.titles import titled
from webapp.policy import shows


@dataclass(frozen=True, slots=True)
class Listed:
    """A specialist as a participant reads of them; `rank` is which wish they are, 0 for none.

    They are there from `begins` to `ends`, but for the rounds in `without`; `shared` are the languages that the reader
    speaks too, `interpreted` says that somebody who interprets could help.
    """

    who: Specialist
    topics: tuple[tuple[str, str], ...]
    spelling: str
    note: str
    begins: datetime
    ends: datetime
    without: tuple[int, ...]
    shared: tuple[str, ...]
    interpreted: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Browsed:
    """All that the page shows; `topic` and `language` are what the list is narrowed to, nothing for all.

    `mine` is the reader's part of what is published, `is_over` says that nothing can be changed any more.
    """

    event: Event
    session: Session
    others: tuple[Session, ...]
    everybody: tuple[Listed, ...]
    topic: str
    language: str
    question: str
    is_visited: bool
    is_over: bool
    mine: schedule.Timed | None
    standing: own_place.Standing | None

    @property
    def listed(self) -> list[Listed]:
        """Those who fit what the list is narrowed to."""
        return [
            one
            for one in self.everybody
            if self.topic in {"", *dict(one.topics)} and self.language in {"", *one.who.languages}
        ]

    @property
    def wishes(self) -> list[Listed]:
        """Whom the reader wishes to see, the most wished first."""
        return sorted((one for one in self.everybody if one.rank), key=lambda one: one.rank)

    @property
    def topics(self) -> list[tuple[str, str]]:
        """What somebody here is asked about, as (slug, title)."""
        return sorted({topic for one in self.everybody for topic in one.topics}, key=lambda topic: topic[1].casefold())

    @property
    def languages(self) -> list[str]:
        """What somebody here speaks: the languages of most of them first."""
        spoken = [code for one in self.everybody for code in one.who.languages]
        return sorted(set(spoken), key=lambda code: (-spoken.count(code), code))

    @property
    def may_wish(self) -> bool:
        """Whether the reader may wish for one more."""
        return not (self.is_over or self.is_visited) and len(self.wishes) < MOST_WISHED_HOSTS


@dataclass(frozen=True, slots=True)
class Told:
    """What My rounds says of a session with specialists: that one may choose, or how one stands in the line."""

    session: Session
    is_published: bool
    wishes: int
    standing: own_place.Standing | None


def sessions_for(person: Person) -> list[Session]:
    """Return the sessions with specialists that a person may attend, in the order of the programme."""
    found = [one for one in programme.in_order() if one.format == "clinics" and may_attend(person, one)]
    return sorted(found, key=lambda one: (one.starts, one.id))


def are_open_to(by: Actor) -> bool:
    """Return whether there is a session with specialists for the actor."""
    return by.person is not None and bool(sessions_for(by.person))


def first_for(by: Actor, *, now: datetime) -> str:
    """Return the slug of the session to look at: the next that is not over, else the first."""
    person, _event = _who(by)
    found = sessions_for(person)
    if not found:
        raise NotFound
    return next((one for one in found if not clock.is_over(one, one.rounds, now)), found[0]).slug


def browse(slug: str, *, topic: str = "", language: str = "", by: Actor, now: datetime) -> Browsed:
    """Return a session's specialists and the actor's part in it; a topic or language that nobody has is none."""
    person, event = _who(by)
    session, others = _session(person, slug)
    hosts = hosts_of(session)
    everybody = tuple(_listed(event, session, person, hosts, now=now))
    timed = next((one for one in schedule.rounds_of(by, now=now).timed if one.session.id == session.id), None)
    asked = next((one.text for one in person.questions if one.session_id == session.id), "")
    return Browsed(
        event=event,
        session=session,
        others=tuple(others),
        everybody=everybody,
        topic=topic if any(topic in dict(one.topics) for one in everybody) else "",
        language=language if any(language in one.who.languages for one in everybody) else "",
        question=asked,
        is_visited=any(one.person_id == person.id for one in hosts),
        is_over=clock.is_over(session, session.rounds, now),
        mine=timed,
        standing=own_place.standing(session, event, person, now=now),
    )


def standing(slug: str, *, by: Actor, now: datetime) -> tuple[Session, own_place.Standing | None]:
    """Return how the actor stands in the line of a session."""
    person, event = _who(by)
    session, _others = _session(person, slug)
    return session, own_place.standing(session, event, person, now=now)


def told_of(by: Actor, *, now: datetime) -> list[Told]:
    """Return what My rounds says of the sessions with specialists that are not over; nothing to whoever is visited.

    How one stands in the line is looked up on the session's day alone.
    """
    person, event = _who(by)
    held = [one for one in sessions_for(person) if not clock.is_over(one, one.rounds, now)]
    if not held:
        return []
    hosting = set(db.session.scalars(select(Host.session_id).where(Host.person_id == person.id)))
    published = set(db.session.scalars(select(Plan.session_id).where(Plan.state == "published")))
    wished, today = dict(host_wishes.wished_by(person)), now.astimezone(event.zone).date()
    return [
        Told(
            one,
            one.id in published,
            len(wished.get(one.slug, ())),
            own_place.standing(one, event, person, now=now) if one.day == today else None,
        )
        for one in held
        if one.id not in hosting
    ]


def wish(slug: str, host: str, verb: str, *, by: Actor, now: datetime) -> None:
    """Wish for a specialist after those wished for before (`add`), a rank higher (`up`), or no more (`out`).

    The same again changes nothing. Refused once the session is over, and where there are three wishes already.
    """
    with transaction() as rows:
        person, session = _open_for(rows, slug, by, now)
        shown = [one.public_id for one in hosts_of(session) if may_be_wished(one, person)]
        if host not in shown:
            raise NotFound
        others = [(name, held) for name, held in host_wishes.wished_by(person) if name != slug]
        before = dict(host_wishes.wished_by(person)).get(slug, ())
        wanted = _ranked([one for one in before if one in shown], host, verb)
        host_wishes.write(rows, person, (*others, (slug, tuple(wanted))))
        person.revision += 1


def ask(slug: str, text: str, *, by: Actor, now: datetime) -> None:
    """Keep what the actor would like to ask in a session; nothing takes the question back."""
    with transaction() as rows:
        person, session = _open_for(rows, slug, by, now)
        held = next((one for one in person.questions if one.session_id == session.id), None)
        if held is not None and not text:
            person.questions.remove(held)
        elif held is not None:
            held.text = text
        elif text:
            person.questions.append(Question(session=session, text=text))
        person.revision += 1


def _ranked(wanted: list[str], host: str, verb: str) -> list[str]:
    at = wanted.index(host) if host in wanted else -1
    if verb == "add" and at < 0:
        if len(wanted) >= MOST_WISHED_HOSTS:
            raise NotNow(_("You have three wishes already. Take one out first."))
        return [*wanted, host]
    if verb == "up" and at > 0:
        wanted[at - 1 : at + 1] = [host, wanted[at - 1]]
    if verb == "out" and at >= 0:
        wanted.remove(host)
    return wanted


def _who(by: Actor) -> tuple[Person, Event]:
    event = programme.the_event()
    person = db.session.get(Person, by.person.id) if by.person else None
    if person is None or event is None:
        raise NotFound
    return person, event


def _session(person: Person, slug: str) -> tuple[Session, list[Session]]:
    found = {one.slug: one for one in sessions_for(person)}
    if slug not in found:
        raise NotFound
    return found.pop(slug), [*found.values()]


def _open_for(rows: Rows, slug: str, by: Actor, now: datetime) -> tuple[Person, Session]:
    """The actor and the session, where something can still be changed."""
    person = rows.get(Person, by.person.id) if by.person else None
    if person is None:
        raise NotFound
    session, _others = _session(person, slug)
    if clock.is_over(session, session.rounds, now):
        raise NotNow(_("This session is over, so nothing was changed."))
    return person, session


def _listed(
    event: Event, session: Session, person: Person, hosts: Sequence[Host], *, now: datetime
) -> Iterable[Listed]:
    """Those who may be wished for: whoever shares a language with the reader first, then in the session's order."""
    mine = [one.code for one in person.languages]
    ranks = {one: at for at, one in enumerate(dict(host_wishes.wished_by(person)).get(session.slug, ()), start=1)}
    voices = [{one.code for one in held.languages} for held in session.interpreters]
    found = []
    for host in (one for one in hosts if may_be_wished(one, person)):
        who, rounds = host_wishes.told(event, host), rounds_of(host, session) or [1]
        shown = shows("hosting", to="others", preset=event.preset)
        theirs = set(who.languages)
        found.append(
            Listed(
                who=who,
                topics=tuple((topic.slug, titled(topic.title)) for topic in host.topics),
                spelling=host.spelling if shown else "",
                note=titled(host.note) if shown else "",
                begins=clock.round_begins(session, rounds[0], now),
                ends=clock.round_over(session, rounds[-1], now),
                without=tuple(one for one in range(rounds[0], rounds[-1]) if one not in rounds),
                shared=tuple(code for code in mine if code in theirs),
                interpreted=any(voice & theirs and voice.intersection(mine) for voice in voices),
                rank=ranks.get(host.public_id, 0),
            )
        )
    return sorted(found, key=lambda one: not one.shared)
