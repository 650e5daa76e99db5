"""Who is expected in a session and in which of its rounds: the audience, less what keeps people elsewhere."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import is_there, may_attend
from webapp.bridge import Presence
from webapp.models import Host, Person, PersonInterest, Session, Wish

Span = tuple[datetime, datetime]


class Elsewhere:
    """What else goes on during a session: plain ones that must be attended, and rounds in which people are visited."""

    def __init__(self, rows: Rows, session: Session) -> None:
        self.session = session
        at_once = (Session.starts < session.ends, Session.ends > session.starts)
        self.needed = rows.scalars(select(Session).where(Session.must_attend, Session.id != session.id, *at_once)).all()
        hosts = select(Host).join(Host.session).where(Host.person_id.is_not(None), *at_once)
        self.hosting: dict[int, list[Span]] = defaultdict(list)
        self.here: set[int] = set()
        for host in rows.scalars(hosts.options(joinedload(Host.session))):
            held = host.session
            numbers = (number for number in held.numbers if number not in host.away)
            self.hosting[host.person_id or 0] += [(held.round_starts(one), held.round_ends(one)) for one in numbers]
            if held.id == session.id:
                self.here.add(host.person_id or 0)

    def keeps(self, person: Person, starts: datetime, ends: datetime) -> bool:
        """Return whether something keeps the person during this span."""
        spans = [(one.starts, one.ends) for one in self.needed if may_attend(person, one)]
        return any(first < ends and starts < last for first, last in [*spans, *self.hosting.get(person.id, ())])


def expected(rows: Rows, session: Session) -> list[Presence]:
    """Return everybody whom the audience takes in, by Latin spelling, with the rounds in which they are away.

    Whoever is visited in a session is no visitor there.
    """
    people = rows.scalars(
        select(Person).options(
            joinedload(Person.organisation),
            selectinload(Person.languages),
            selectinload(Person.regions),
            selectinload(Person.absences),
            selectinload(Person.interests).joinedload(PersonInterest.interest),
            selectinload(Person.wishes).options(joinedload(Wish.region)),
        )
    )
    other = Elsewhere(rows, session)
    audience = [person for person in people if may_attend(person, session) and person.id not in other.here]
    return [
        Presence(person, _away(person, session, other)) for person in sorted(audience, key=lambda one: one.sort_name)
    ]


def _away(person: Person, session: Session, other: Elsewhere) -> frozenset[int]:
    spans = {number: (session.round_starts(number), session.round_ends(number)) for number in session.numbers}
    return frozenset(
        number for number, span in spans.items() if not is_there(person, *span) or other.keeps(person, *span)
    )
