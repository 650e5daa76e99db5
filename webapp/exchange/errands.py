"""Only what changed, as PDF: whom to bring a new card to, and the cards in the order of the tables."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from webapp.exchange.binding import Part, bind
from webapp.exchange.heading import heading
from webapp.exchange.paper import CardPerson, Errand, Say, SheetHead, by_latin, by_table, plainly
from webapp.exchange.press import press
from webapp.exchange.sheets import in_piles, list_words, shared_words, speaking
from webapp.i18n import isolate


def changed_cards(
    head: SheetHead,
    errands: Iterable[Errand],
    left: Iterable[CardPerson] = (),
    *,
    seated: bool = True,
    say: Say = plainly,
) -> bytes:
    """Print a list to deliver by, then the cards, both sorted by the table where people are now.

    Who has ``left`` is on the list alone: their card is void. Nobody is ``seated`` before the first round; there the
    first table of the old card stands for it.
    """
    walk = sorted(errands, key=by_walk)
    hint = (
        say("By the table where people sit now. The cards lie in the same order once they are cut.")
        if seated
        else say("By the first table on the old card. The cards lie in the same order once they are cut.")
    )
    words = {"title": say("Cards to deliver"), "hint": hint, "left": say("Need no card any more")}
    data = heading(head, say) | {
        "places": [
            {"place": place, "named": named, "people": [_row(one.person) | {"goes": _goes(one, say)} for one in those]}
            for (place, named), those in groupby(walk, key=lambda one: (_place(one, say), one.table is None))
        ],
        "left": [_row(person) for person in sorted(left, key=by_latin)],
        "words": shared_words(say) | list_words(say) | words,
    }
    listed = Part(words["title"], press("errands.typ", data, printed=head.printed))
    if not walk:
        return listed.pdf
    cards = in_piles(head, [(one.person, _strip(one, say)) for one in walk], say=say)
    return bind((listed, Part(say("Personal cards"), cards)), title=head.session)


def by_walk(one: Errand) -> tuple[object, ...]:
    """Sort cards as a runner walks: from table to table, then who has no table now, then who had no card."""
    return one.new, one.table is None, by_table(one.table or ""), by_latin(one.person)


def _row(person: CardPerson) -> dict[str, str]:
    return {"number": person.number, "name": isolate(person.name)}


def _strip(one: Errand, say: Say) -> dict[str, str]:
    """What stands on top of the card, in its holder's language."""
    with speaking(one.person.language):
        where = say("Table %(table)s", table=isolate(one.table)) if one.table else _place(one, say)
        return {"where": where, "goes": _goes(replace(one, note=one.own_note), say)}


def _place(one: Errand, say: Say) -> str:
    if one.new:
        return say("New")
    return one.table or say("No table now")


def _goes(one: Errand, say: Say) -> str:
    """Say what the holder does when the next round begins: stay, go somewhere, or be free."""
    if one.next is None:
        return one.note or say("free")
    return say("stay") if one.next == one.table else say("go to %(table)s", table=isolate(one.next))
