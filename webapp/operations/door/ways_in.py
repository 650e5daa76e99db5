"""Ways in as the staff hand them out: a code and link, slips, a file of links, a code to scan once; and taken back.

The code on a card is kept nowhere: it follows by seal from the person, the house's key and a turn. Cards are printed
again and again, at any time, and each time with the same code, which rows of secrets could not give; and taking it
back is to count the turn on.
"""

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.i18n import gettext as _
from webapp.models import AccessCode, Event, GivenOut, Link, Organisation, Person, Plan, SignIn
from webapp.models.people import folded, utc_now
from webapp.operations.door import accounts
from webapp.operations.door.accounts import ONCE, Code, Ticket, fast_hash
from webapp.operations.event.programme import only_organisers
from webapp.operations.guests.people import person_called
from webapp.operations.plans.planning import must_be_staff
from webapp.policy import shows
from webapp.sealing import seal

LINK_LASTS = timedelta(days=14)
ONCE_LASTS = timedelta(minutes=10)
AFTER_THE_EVENT, REHEARSAL = timedelta(days=3), timedelta(days=1)
SLIP, FILE = "slip", "file"
LATEST = 20

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class WaysIn:
    """A fresh code and a fresh link's token, shown this once."""

    code: str
    token: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people there are, have a code, have signed in on some device; and who has neither code nor sign-in."""

    people: int
    with_code: int
    signed_in: int
    without: int


def give_ways_in(public_id: str, *, by: Actor) -> WaysIn:
    """Give a person a new code and link; all older ways in end, and all sign-ins."""
    only_organisers(by)
    code = accounts.random_code(accounts.CODE_DIGITS)
    with transaction() as rows:
        held = person_called(public_id).id
        end_ways_in(rows, [held])
        accounts.keep_code(rows, held, code)
        token = accounts.new_link(rows, lasts=LINK_LASTS, person_id=held)
        rows.add(GivenOut(what="code", person_id=held, made_by=by.name))
    return WaysIn(code=code.in_fours, token=token, lasts=LINK_LASTS)


def take_back(public_id: str, *, by: Actor) -> None:
    """End all ways in of a person: code, links, the code on the card, and every sign-in, at once."""
    only_organisers(by)
    with transaction() as rows:
        held = person_called(public_id).id
        end_ways_in(rows, [held])
        rows.add(GivenOut(what="back", person_id=held, made_by=by.name))


def take_all_back(*, by: Actor) -> int:
    """End all ways in of all participants, as after a list was lost; return of how many."""
    only_organisers(by)
    with transaction() as rows:
        everybody = list(rows.scalars(select(Person.id)))
        end_ways_in(rows, everybody)
        rows.add(GivenOut(what="back", people=len(everybody), made_by=by.name))
    return len(everybody)


def end_ways_in(rows: Rows, people: Collection[int]) -> None:
    """End code, links, card and sign-ins of these people, as a part of a larger change."""
    rows.execute(delete(AccessCode).where(AccessCode.person_id.in_(people)))
    rows.execute(delete(Link).where(Link.person_id.in_(people)))
    rows.execute(
        update(SignIn).where(SignIn.person_id.in_(people), SignIn.revoked_at.is_(None)).values(revoked_at=utc_now())
    )
    rows.execute(update(Person).where(Person.id.in_(people)).values(card_turn=Person.card_turn + 1))


# --- the code on a card --------------------------------------------------------------------------------------------


def card_token(person: Person) -> str:
    """Return what the code on this person's cards holds, until it is taken back."""
    return seal("card", person.public_id, str(person.card_turn))


def sign_in_by_card(token: str) -> Ticket:
    """Sign in whose card it is; in a discreet event cards let nobody in, and some days after any event neither."""
    if _holder(db.session(), token) is None:
        raise NotFound
    with transaction() as rows:
        return accounts.new_sign_in(rows, lasts=accounts.PERSON_LASTS, person_id=_holder(rows, token))


def _holder(rows: Rows, token: str) -> int | None:
    event = rows.get(Event, 1)
    signs_in = event is not None and shows("ways_in", to="card", preset=event.preset)
    if event is None or not signs_in or _cards_end(rows, event) <= utc_now():
        return None
    given = token.encode("utf-8", "surrogatepass")
    everybody = rows.execute(select(Person.id, Person.public_id, Person.card_turn))
    fits = [
        row.id
        for row in everybody
        if hmac.compare_digest(seal("card", row.public_id, str(row.card_turn)).encode(), given)
    ]
    return fits[0] if fits else None


def _cards_end(rows: Rows, event: Event) -> datetime:
    """When cards let nobody in any more: as links; in a rehearsal some time after something was published last."""
    published = rows.scalar(select(func.max(Plan.published_at)).where(Plan.state == "published"))
    last = _days_after(event)
    return last if published is None else max(last, published + REHEARSAL)


# --- at the desk ---------------------------------------------------------------------------------------------------


def one_time(public_id: str, *, by: Actor) -> str:
    """Give a person a link that signs in once within minutes, in place of a lost slip; an older one of these ends."""
    must_be_staff(by)
    with transaction() as rows:
        held = person_called(public_id).id
        rows.execute(delete(Link).where(Link.person_id == held, Link.kind == ONCE))
        rows.add(GivenOut(what=ONCE, person_id=held, made_by=by.name))
        return accounts.new_link(rows, lasts=ONCE_LASTS, person_id=held, kind=ONCE)


# --- for many at once ----------------------------------------------------------------------------------------------


def _lets_in() -> ColumnElement[bool]:
    """The sign-ins that still let somebody in."""
    return SignIn.revoked_at.is_(None) & (SignIn.expires_at > utc_now())


def _without() -> ColumnElement[bool]:
    """The people who have neither a code nor a sign-in that still lets them in."""
    signed_in = exists().where(SignIn.person_id == Person.id, _lets_in())
    return ~exists().where(AccessCode.person_id == Person.id) & ~signed_in


def standing() -> Standing:
    """Return how many have which way in."""
    return Standing(
        people=_count(select(func.count(Person.id))),
        with_code=_count(select(func.count(AccessCode.id))),
        signed_in=_count(select(func.count(SignIn.person_id.distinct())).where(_lets_in())),
        without=_count(select(func.count(Person.id)).where(_without())),
    )


def _count(query: object) -> int:
    return db.session.scalar(query) or 0  # type: ignore[call-overload]


def chosen(whom: str, *, organisation: str = "", numbers: str = "") -> list[Person]:
    """Return those whom a word names, by Latin spelling: everybody, organisation, numbers, or without any way in.

    Refused where that is nobody, and where an event number is nobody's.
    """
    everybody = select(Person).options(joinedload(Person.organisation))
    if whom == "without":
        everybody = everybody.where(_without())
    elif whom == "organisation":
        everybody = everybody.where(Person.organisation.has(Organisation.name == organisation))
    people = sorted(db.session.scalars(everybody), key=lambda one: (one.sort_name, one.number))
    if whom == "numbers":
        asked = dict.fromkeys(folded(numbers).replace(",", " ").split())
        known = {one.number for one in people}
        for number in asked:
            if number not in known:
                raise BadInput(_("Nobody has the number “%(number)s”.", number=number[:20]), "numbers")
        people = [one for one in people if one.number in asked]
    if not people:
        raise BadInput(_("That is nobody. Choose others."), "whom")
    return people


@dataclass(frozen=True, slots=True)
class Fresh:
    """Somebody with a fresh link's token, and for a slip a fresh code; neither counts before it is kept."""

    person: Person
    token: str
    code: Code | None = None


def fresh_links(people: Sequence[Person]) -> list[Fresh]:
    """Return a fresh link for each."""
    return [Fresh(person, accounts.random_token()) for person in people]


def fresh_slips(people: Sequence[Person]) -> list[Fresh]:
    """Return a fresh link and code for each."""
    codes = accounts.random_codes(len(people))
    return [Fresh(person, accounts.random_token(), code) for person, code in zip(people, codes, strict=True)]


def keep(fresh: Sequence[Fresh], make: Callable[[], Made], *, kind: str, by: Actor) -> Made:
    """Make what is handed out, then let it let people in: all of it or nothing; what it replaces ends.

    Slips replace slips, files of links replace such files. Whoever is signed in stays so.
    """
    only_organisers(by)
    ids = {one.person.id: one for one in fresh}
    made, until = make(), utc_now() + lasts_until(db.session.get(Event, 1), utc_now())
    with transaction() as rows:
        held = list(rows.scalars(select(Person.id).where(Person.id.in_(ids))))
        rows.execute(delete(Link).where(Link.person_id.in_(held), Link.kind == kind))
        for person_id in held:
            one = ids[person_id]
            rows.add(Link(token_hash=fast_hash(one.token), person_id=person_id, kind=kind, expires_at=until))
            if one.code is not None:
                accounts.keep_code(rows, person_id, one.code)
        rows.add(GivenOut(what=kind, people=len(held), made_by=by.name))
    return made


def lasts_until(event: Event | None, now: datetime) -> timedelta:
    """Return how long links last that many people get: some days past the event's end; in a rehearsal a day."""
    if event is None:
        return LINK_LASTS
    return max(_days_after(event) - now, REHEARSAL)


def _days_after(event: Event) -> datetime:
    last = datetime.combine(event.ends_on, time()) + timedelta(days=1) + AFTER_THE_EVENT
    return event.at_venue(last).astimezone(UTC).replace(tzinfo=None)


def given_out() -> list[tuple[GivenOut, datetime]]:
    """Return what was given out and taken back, the latest first, each with its time on the venue's clock."""
    latest = select(GivenOut).options(joinedload(GivenOut.person)).order_by(GivenOut.id.desc()).limit(LATEST)
    event = db.session.get(Event, 1)
    zone = event.zone if event is not None else UTC
    return [(row, row.made_at.replace(tzinfo=UTC).astimezone(zone)) for row in db.session.scalars(latest)]
