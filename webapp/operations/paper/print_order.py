"""What somebody wants on paper, and what one kind of sheet is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from flask_babel.speaklater import LazyString
from sqlalchemy import func, select

from webapp.bridge import Expected
from webapp.db import db
from webapp.exchange.paper import CardPerson, SheetHead
from webapp.i18n import gettext as _
from webapp.models import Person, Plan, Rest, Seat, Session
from webapp.operations.paper import cards
from webapp.operations.plans import presence, talks
from webapp.operations.plans.clock import begun


@dataclass
class PrintOrder:
    """A session and its published version on one paper; what several kinds of sheets need is loaded once.

    `address` is where the codes on cards lead, `since` the earlier version that changes are counted from; with `own`,
    each card is in its holder's own language, and so is what a specialist or presenter gets.
    """

    session: Session
    plan: Plan | None
    paper: str = field(default="a4", kw_only=True)
    address: str | None = field(default=None, kw_only=True)
    since: str | None = field(default=None, kw_only=True)
    own: bool = field(default=False, kw_only=True)
    now: datetime = field(default_factory=lambda: datetime.now(UTC), kw_only=True)

    @property
    def version(self) -> Plan:
        """The published version, for kinds that are made of one."""
        assert self.plan is not None
        return self.plan

    @cached_property
    def head(self) -> SheetHead:
        """What every sheet shares."""
        return cards.head_of(self.session, self.plan, paper=self.paper, printed=self.now)

    def head_since(self, before: Plan) -> SheetHead:
        """Return what sheets share that replace another version than the last one before this."""
        return cards.head_of(self.session, self.plan, paper=self.paper, printed=self.now, before=before)

    @cached_property
    def there(self) -> Expected:
        """Everybody expected."""
        return presence.expected(db.session(), self.session)

    @cached_property
    def cards(self) -> dict[int, CardPerson]:
        """Everybody of the version with all their rounds, by row id."""
        asked = self.there if self.session.format == "clinics" else None
        return cards.cards_of(self.version, address=self.address, there=asked, gone=self.gone)

    @cached_property
    def carried(self) -> dict[int, CardPerson]:
        """The same as people carry it, where each card may be in another language."""
        if not self.own:
            return self.cards
        asked = self.there if self.session.format == "clinics" else None
        return cards.cards_of(self.version, address=self.address, there=asked, own=True, gone=self.gone)

    @cached_property
    def gone(self) -> dict[int, int]:
        """From which round on people have said themselves that they do not come, by row id."""
        return presence.gone_from(db.session(), self.session)

    @cached_property
    def dropped(self) -> frozenset[int]:
        """Whom no new sheet names: nobody waits for them in the round that runs, or in the first, or later."""
        running = max(begun(self.session, self.now), 1)
        return frozenset(one for one, first in self.gone.items() if first <= running)

    @property
    def people(self) -> list[CardPerson]:
        """Everybody of the version who is still there, with all their rounds."""
        return [card for one, card in self.cards.items() if one not in self.dropped]

    @property
    def handed_out(self) -> list[CardPerson]:
        """The same as they carry it."""
        return [card for one, card in self.carried.items() if one not in self.dropped]

    @property
    def ticked(self) -> list[CardPerson]:
        """Everybody who may come, without their rounds."""
        return cards.bare(one.person for one in self.there if one.person.id not in self.dropped)

    @cached_property
    def tables(self) -> list[str]:
        """The tables that the version uses, in walking order."""
        return cards.tables_of(self.version)

    @cached_property
    def holders(self) -> int:
        """How many people get a card; where a version gives few a place, everybody it was made for."""
        return (self.version.people if self.session.format == "clinics" else self._placed()) - self.left

    @cached_property
    def left(self) -> int:
        """How many people of the version have said since that they do not come."""
        if not self.dropped:
            return 0
        if self.session.format != "clinics":
            return self._placed(*self.dropped)
        said = db.session.scalars(select(Person).where(Person.id.in_(self.dropped)))
        return sum(talks.is_planned(self.version, one) for one in said)

    def _placed(self, *among: int) -> int:
        """How many people have a table or a rest; of these alone where some are named."""
        held = select(Seat.person_id).where(Seat.plan_id == self.version.id)
        everybody = held.union(select(Rest.person_id).where(Rest.plan_id == self.version.id)).subquery()
        count = select(func.count()).select_from(everybody)
        return db.session.scalar(count.where(everybody.c.person_id.in_(among)) if among else count) or 0

    @cached_property
    def seated(self) -> int:
        """How many people have a table in some round."""
        seats = select(func.count(Seat.person_id.distinct())).where(Seat.plan_id == self.version.id)
        return db.session.scalar(seats) or 0


def _never(_order: PrintOrder) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sheet: how it is made, how many pages that takes, when it is needed, and why it may not be had.

    Without a `stage` it does not stand among the single sheets of the print page. What is `packed` is part of the
    pack. Unless it `needs_version`, it can be printed before anything is published. `exact`: the pages are no estimate.
    """

    name: str
    press: Callable[[PrintOrder], bytes]
    pages: Callable[[PrintOrder], int]
    title: LazyString = field(kw_only=True)
    hint: LazyString = field(kw_only=True)
    stage: str = field(default="", kw_only=True)
    exact: bool = field(default=True, kw_only=True)
    packed: bool = field(default=True, kw_only=True)
    needs_version: bool = field(default=True, kw_only=True)
    why_not: Callable[[PrintOrder], str] = field(default=_never, kw_only=True)

    def refusal(self, order: PrintOrder) -> str:
        """Return why this cannot be printed now, as a sentence; nothing where it can."""
        if self.needs_version and order.plan is None:
            return _("Nothing is published yet. Plan and publish first, then print.")
        return self.why_not(order)


def pages_for(things: int, on_a_page: int) -> int:
    """Return how many pages so many things take."""
    return -(-things // on_a_page)
