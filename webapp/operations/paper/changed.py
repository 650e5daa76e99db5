"""Only what changed: whose card of an earlier version is wrong by now, and where they sit at the moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.db import db
from webapp.errors import BadInput, NotNow
from webapp.exchange.errands import changed_cards
from webapp.exchange.paper import CardPerson, Errand
from webapp.exchange.sheets import cards_on_a_page
from webapp.i18n import gettext as _
from webapp.models import Meeting, Person, Plan, Rest, Seat
from webapp.operations.paper import cards
from webapp.operations.paper.print_order import PrintOrder, pages_for
from webapp.operations.plans import talks
from webapp.operations.plans.clock import begun

Places = Mapping[int, Mapping[int, str | None]]
"""By person and round the table, None for being there without one; rounds in which somebody is away are not in it."""
ON_A_LIST = 60
LONGEST_VERSION = 12


@dataclass(frozen=True, slots=True)
class Stale:
    """Who needs another card, who has one for the first time, and who needs none any more, by row id."""

    moved: frozenset[int]
    new: frozenset[int]
    left: frozenset[int]

    @property
    def cards(self) -> frozenset[int]:
        """Everybody for whom a card is printed."""
        return self.moved | self.new


@dataclass(frozen=True, slots=True)
class Count:
    """How many cards have changed since an earlier version, and how many are void."""

    letter: str
    cards: int
    left: int


def earlier(plan: Plan) -> list[Plan]:
    """Return the versions before this one, the last one first."""
    older = select(Plan).where(Plan.session_id == plan.session_id, Plan.version < plan.version)
    return list(db.session.scalars(older.order_by(Plan.version.desc())))


def find(plan: Plan, typed: str | None) -> Plan:
    """Return the earlier version that was named as A or 1, or the last one; the refusal lists those there are."""
    there = earlier(plan)
    if not there:
        raise NotNow(_("Version %(letter)s is the first one: nothing has changed since.", letter=plan.letter))
    named = (typed or there[0].letter).strip().upper()
    found = next((one for one in there if named in (one.letter, str(one.version))), None)
    if found is None:
        raise BadInput(
            _(
                "There is no version %(given)s before %(now)s. Earlier versions: %(letters)s.",
                given=named[:LONGEST_VERSION], now=plan.letter,
                letters=_(", ").join(one.letter for one in reversed(there)),
            ),
            "since",
        )  # fmt: skip
    return found


def why_not(order: PrintOrder) -> str:
    """Refuse an earlier version that is not there."""
    find(order.version, order.since)
    return ""


def counts(order: PrintOrder) -> tuple[Count, ...]:
    """Return for each earlier version, the last one first, how many cards have changed since."""
    older = earlier(order.version)
    if not older:
        return ()
    placed = _places(order, [order.version, *older])
    found = []
    for one in older:
        wrong = _wrong(order, one, placed)
        found.append(Count(one.letter, len(wrong.cards), len(wrong.left)))
    return tuple(found)


def pages(order: PrintOrder) -> int:
    """Return about how many pages the changed cards and their list take."""
    _before, wrong, _said, _now = _compared(order)
    per_page = cards_on_a_page(order.version.rounds)
    return pages_for(len(wrong.cards) + len(wrong.left), ON_A_LIST) + pages_for(len(wrong.cards), per_page)


def press(order: PrintOrder) -> bytes:
    """Print the cards that an earlier version has wrong, by the table where people sit now, with a list on top."""
    before, wrong, said, now = _compared(order)
    if not wrong.cards and not wrong.left:
        raise NotNow(_("No card has changed since version %(letter)s.", letter=before.letter))
    count = begun(order.session, order.now)
    errands = [
        _errand(
            order.carried[one], count, said=said.get(one, {}), now=now[one], new=one in wrong.new,
            note=_note(order.cards[one], count + 1),
        )
        for one in wrong.cards
    ]  # fmt: skip
    gone = cards.bare(db.session.scalars(select(Person).where(Person.id.in_(wrong.left))))
    return changed_cards(order.head_since(before), errands, gone, seated=count > 0, say=_)


def stale(said: Places, now: Places, rounds: Sequence[int], *, last: int) -> Stale:
    """Compare what cards say of the rounds to come with what is true now; others at one's table make no card wrong.

    A card is wrong where its holder has another table in some round in which they are there, none where it says one, or
    one where it says none; also where it has a round after the `last` one.
    """
    moved, new, left = set(), set(), set()
    for one in {*said, *now}:
        old, own = said.get(one, {}), now.get(one, {})
        to_come = [number for number in rounds if number in own]
        if not to_come:
            left |= {one} if any(number in old for number in rounds) else set()
        elif not old:
            new.add(one)
        elif any(old.get(number) != own.get(number) for number in rounds if number in own or number > last):
            moved.add(one)
    return Stale(frozenset(moved), frozenset(new), frozenset(left))


def _compared(order: PrintOrder) -> tuple[Plan, Stale, Places, Places]:
    """The earlier version, whose card of it is wrong, what it says and what is true now."""
    before = find(order.version, order.since)
    placed = _places(order, [order.version, before])
    return before, _wrong(order, before, placed), placed[before.id], placed[order.version.id]


def _wrong(order: PrintOrder, before: Plan, placed: Mapping[int, Places]) -> Stale:
    """Whose card of an earlier version is wrong; who has said that they do not come needs none."""
    found = stale(placed[before.id], placed[order.version.id], _open(order, before), last=order.version.rounds)
    gone = found.cards & order.dropped
    return Stale(found.moved - gone, found.new - gone, found.left | (found.moved & gone))


def _errand(
    card: CardPerson, count: int, *, said: Mapping[int, str | None], now: Mapping[int, str | None], new: bool, note: str
) -> Errand:
    first = next((said[number] for number in sorted(said) if said[number] is not None), None)
    return Errand(
        card,
        table=said.get(count) if count else first,
        next=now.get(count + 1),
        note=note,
        own_note=_note(card, count + 1),
        new=new,
    )


def _note(card: CardPerson, number: int) -> str:
    return next((one.note or "" for one in card.sittings if one.round == number), "")


def _open(order: PrintOrder, before: Plan) -> range:
    """The rounds that have not begun, of both versions."""
    return range(begun(order.session, order.now) + 1, max(order.version.rounds, before.rounds) + 1)


def _places(order: PrintOrder, plans: Sequence[Plan]) -> dict[int, Places]:
    """Where everybody is, by version."""
    found: dict[int, dict[int, dict[int, str | None]]] = {plan.id: defaultdict(dict) for plan in plans}
    rests = select(Rest.plan_id, Rest.person_id, Rest.round_no).where(Rest.plan_id.in_(found))
    for plan_id, person, number in db.session.execute(rests):
        found[plan_id][person][number] = None
    if order.session.format == "clinics":
        _add_waiting(found, order, plans)
    seats = (
        select(Seat.plan_id, Seat.person_id, Seat.round_no, Meeting.table)
        .join(Meeting, Meeting.id == Seat.meeting_id)
        .where(Seat.plan_id.in_(found))
    )
    for plan_id, person, number, table in db.session.execute(seats):
        found[plan_id][person][number] = table
    return dict(found)


def _add_waiting(found: dict[int, dict[int, dict[int, str | None]]], order: PrintOrder, plans: Sequence[Plan]) -> None:
    """Add the rounds in which visitors are there without a visit: versions keep no rests of them."""
    away = cards.away_from(order.version, (), order.there)
    everybody = db.session.scalars(select(Person)).all()
    for plan in plans:
        for one in everybody:
            if talks.is_planned(plan, one):
                missed = away if plan is order.version else set()
                there = (number for number in range(1, plan.rounds + 1) if (one.id, number) not in missed)
                found[plan.id][one.id] |= dict.fromkeys(there)
