"""What goes on paper: the kinds of sheets there are, each made alone or all of them as one pack.

A new kind is one line more in `KINDS`; the print page, the command and the pack know it from there.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from webapp.db import db
from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange import sheets
from webapp.exchange.binding import Part, bind
from webapp.i18n import LANGUAGES, force_locale, lazy_gettext
from webapp.i18n import gettext as _
from webapp.models import Plan, Session
from webapp.operations.paper import changed, host_sheets, room_sheets
from webapp.operations.paper.print_order import Kind, PrintOrder, pages_for
from webapp.operations.plans import planning

PAPERS = ("a4", "letter")
OWN = "own"
"""In place of a language: cards and sheets for one person in their holder's own, all others in the one spoken now."""

TONGUES = (OWN, *LANGUAGES)
STAGES = {
    "doors": lazy_gettext("Before the doors open"),
    "hands": lazy_gettext("To hand out"),
    "desk": lazy_gettext("At the desk"),
}


def _sign_pages(order: PrintOrder) -> int:
    return len(order.tables)


def _signs(order: PrintOrder) -> bytes:
    return sheets.table_signs(order.head, order.tables, beneath=host_sheets.beneath_signs(order.session), say=_)


def _card_pages(order: PrintOrder) -> int:
    return pages_for(order.holders, sheets.cards_on_a_page(order.version.rounds))


def _cards(order: PrintOrder) -> bytes:
    return sheets.cards(order.head, order.handed_out, say=_)


def _tick_pages(order: PrintOrder) -> int:
    return pages_for(len(order.ticked), 28)


def _tick(order: PrintOrder) -> bytes:
    return sheets.tick_list(order.head, order.ticked, say=_)


def _finder_pages(order: PrintOrder) -> int:
    return pages_for(order.holders, 44)


def _finder(order: PrintOrder) -> bytes:
    return sheets.finder(order.head, order.people, say=_)


def _round_pages(order: PrintOrder) -> int:
    return order.version.rounds * pages_for(order.seated, 108) + _finder_pages(order)


def _rounds(order: PrintOrder) -> bytes:
    return sheets.round_sheets(order.head, order.people, idle=order.session.format != "clinics", say=_)


def _packed(order: PrintOrder) -> Iterator[Kind]:
    return (kind for kind in KINDS.values() if kind.packed and not kind.refusal(order))


def _pack(order: PrintOrder) -> bytes:
    return bind((Part(str(kind.title), kind.press(order)) for kind in _packed(order)), title=order.head.session)


def _pack_pages(order: PrintOrder) -> int:
    return sum(kind.pages(order) for kind in _packed(order))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "signs", _signs, _sign_pages, stage="doors",
            title=lazy_gettext("Table signs"),
            hint=lazy_gettext("One for each table. Fold in the middle."),
        ),
        Kind(
            "wall", room_sheets.wall_list, room_sheets.wall_pages, stage="doors", why_not=room_sheets.open_only,
            title=lazy_gettext("Wall list"),
            hint=lazy_gettext(
                "To hang up where people come in: every name with the table of each round, in large type. Take it down "
                "afterwards."
            ),
        ),
        Kind(
            "signup", room_sheets.sign_up, room_sheets.sign_up_pages, stage="doors", exact=False, packed=False,
            needs_version=False, why_not=room_sheets.tools_only,
            title=lazy_gettext("Sign-up sheets"),
            hint=lazy_gettext(
                "One for each tool table, for people who sign up on the spot: a line for each place in each round. Not "
                "in the file with everything."
            ),
        ),
        Kind(
            "cards", _cards, _card_pages, stage="hands",
            title=lazy_gettext("Personal cards"),
            hint=lazy_gettext(
                "One for each person, to hand out at the door. Cut along the marks and lay the piles on one another: "
                "they come out sorted."
            ),
        ),
        Kind(
            "blanks", room_sheets.blank_cards, lambda _order: 1, stage="hands",
            title=lazy_gettext("Spare blank cards"),
            hint=lazy_gettext("A page of cards to fill in by hand."),
        ),
        Kind(
            "hosts", room_sheets.hosts, room_sheets.host_pages, stage="hands", exact=False,
            why_not=room_sheets.visited_only,
            title=lazy_gettext("Sheets for specialists and presenters"),
            hint=lazy_gettext("One for each: who comes when, with their question, and room to write."),
        ),
        Kind(
            "instructions", room_sheets.instructions, room_sheets.presenters, stage="hands", needs_version=False,
            why_not=room_sheets.tools_only,
            title=lazy_gettext("Instructions for presenters"),
            hint=lazy_gettext("A page for each: what happens, when, and what to do when somebody has no place."),
        ),
        Kind(
            "interpreters", room_sheets.interpreters_list, room_sheets.interpreter_pages, stage="hands", exact=False,
            why_not=room_sheets.interpreted_only,
            title=lazy_gettext("Interpreters’ list"),
            hint=lazy_gettext("Who interprets at which table in each round, then a page for each interpreter."),
        ),
        Kind(
            "tick", _tick, _tick_pages, stage="desk", exact=False, needs_version=False,
            title=lazy_gettext("Tick list"),
            hint=lazy_gettext("For the door: everybody expected, with a box to tick."),
        ),
        Kind(
            "rounds", _rounds, _round_pages, stage="desk", exact=False,
            title=lazy_gettext("Round sheets and finder"),
            hint=lazy_gettext(
                "For facilitators: who sits where, round by round, then everybody with all their tables."
            ),
        ),
        Kind(
            "finder", _finder, _finder_pages, stage="desk", exact=False, packed=False,
            title=lazy_gettext("Finder alone"),
            hint=lazy_gettext("For the desk: every name with the table of each round."),
        ),
        Kind(
            "pack", _pack, _pack_pages, exact=False, packed=False,
            title=lazy_gettext("Everything"),
            hint=lazy_gettext("All the sheets of this session in one file."),
        ),
        Kind(
            "changed", changed.press, changed.pages, exact=False, packed=False, why_not=changed.why_not,
            title=lazy_gettext("Only what changed"),
            hint=lazy_gettext("The cards that are wrong by now, and a list to deliver them by."),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printable:
    """One kind of sheet, and about how many pages it makes."""

    kind: Kind
    pages: int


@dataclass(frozen=True, slots=True)
class Offer:
    """All that can be printed now: the whole pack, the single kinds by when they are needed, the changed cards.

    `left` is how many people of the version no new sheet names, since they do not come any more.
    """

    pack: Printable | None
    stages: tuple[tuple[str, tuple[Printable, ...]], ...]
    changes: tuple[changed.Count, ...]
    left: int

    @property
    def fresh(self) -> bool:
        """Whether cards in people's hands are wrong since the last version: then these are to be printed next."""
        return any(one.cards or one.left for one in self.changes[:1])

    @property
    def singles(self) -> tuple[Printable, ...]:
        """The single kinds in their order."""
        return tuple(one for _stage, those in self.stages for one in those)


def sheet(
    session_id: int,
    kind: str,
    *,
    paper: str = "a4",
    language: str = OWN,
    address: str | None = None,
    since: str | None = None,
) -> bytes:
    """Return a kind of sheet of the session as PDF, in one of `TONGUES`; `address` is where the codes on cards lead.

    Only the published version is printed; the tick list needs none. `since` is the earlier version, A or 1, that the
    kind `changed` starts from (by default the last one).
    """
    session = db.session.get(Session, session_id)
    if session is None or kind not in KINDS:
        raise NotFound
    if paper not in PAPERS:
        raise BadInput(_("The paper is either a4 or letter."), "paper")
    if language not in TONGUES:
        raise BadInput(_("The sheets are not in this language."), "language")
    plan = planning.find_plan(session_id, "published")
    order = PrintOrder(session, plan, paper=paper, address=address, since=since, own=language == OWN)
    with nullcontext() if order.own else force_locale(language):
        if refusal := KINDS[kind].refusal(order):
            raise NotNow(refusal)
        return KINDS[kind].press(order)


def offer(session: Session, plan: Plan | None) -> Offer:
    """Return what can be printed now."""
    order = PrintOrder(session, plan)
    stages = ((str(title), tuple(_offered(order, stage))) for stage, title in STAGES.items())
    return Offer(
        pack=Printable(KINDS["pack"], _pack_pages(order)) if plan is not None else None,
        stages=tuple((title, those) for title, those in stages if those),
        changes=changed.counts(order) if plan is not None else (),
        left=order.left if plan is not None else 0,
    )


def _offered(order: PrintOrder, stage: str) -> Iterable[Printable]:
    kinds = (kind for kind in KINDS.values() if kind.stage == stage)
    return (Printable(kind, kind.pages(order)) for kind in kinds if not kind.refusal(order))
