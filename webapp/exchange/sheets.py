"""What a room needs on paper, as PDF: round sheets, personal cards, table signs, the tick list."""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import segno
from babel.lists import format_list

from webapp.exchange.heading import clock, heading, isolated, locale_of
from webapp.exchange.paper import CardPerson, Say, SheetHead, Sitting, by_latin, by_table, plainly
from webapp.exchange.press import press
from webapp.i18n import force_locale
from webapp.policy import Reader, shows

CARDS_SHORT_DAY, CARDS_LONG_DAY, MOST_ROUNDS_SHORT = 8, 4, 7
MOST_NAMED = 4

One = TypeVar("One")


def round_sheets(
    head: SheetHead,
    people: Iterable[CardPerson],
    *,
    rounds: Iterable[int] | None = None,
    idle: bool = True,
    say: Say = plainly,
) -> bytes:
    """Print every round by table, then the finder; ``rounds`` prints only those, without the finder.

    ``idle`` lists beneath the tables who has none in the round.
    """
    everybody = sorted(people, key=by_latin)
    held = sorted({sitting.round for person in everybody for sitting in person.sittings})
    wanted = held if rounds is None else [number for number in held if number in set(rounds)]
    data = heading(head, say) | {
        "rounds": [_round(head, everybody, number, say=say, idle=idle) for number in wanted],
        "columns": held if rounds is None else [],
        "people": [_finder_row(person) for person in everybody] if rounds is None else [],
        "words": shared_words(say) | list_words(say),
    }
    return press("rounds.typ", data, printed=head.printed)


def finder(head: SheetHead, people: Iterable[CardPerson], *, say: Say = plainly) -> bytes:
    """Print the desk's master list alone: everybody by Latin spelling, with the table of each round."""
    everybody = sorted(people, key=by_latin)
    data = heading(head, say) | {
        "rounds": [],
        "columns": sorted({sitting.round for person in everybody for sitting in person.sittings}),
        "people": [_finder_row(person) for person in everybody],
        "words": shared_words(say) | list_words(say),
    }
    return press("rounds.typ", data, printed=head.printed)


def cards(head: SheetHead, people: Iterable[CardPerson], *, say: Say = plainly) -> bytes:
    """Print one card a person, so that the cut piles laid on one another are sorted by Latin spelling."""
    return in_piles(head, [(person, None) for person in sorted(people, key=by_latin)], say=say)


def in_piles(
    head: SheetHead, people: Sequence[tuple[CardPerson, dict[str, str] | None]], *, say: Say = plainly
) -> bytes:
    """Print one card a person in this order once the piles are cut; beside a person, the words of a strip on top."""
    most = max((len(person.sittings) for person, _strip in people), default=0)
    per_page = cards_on_a_page(most)
    spoken: dict[str, dict[str, object]] = {}
    cut = []
    for person, strip in people:
        own = head.spoken(person.language) if person.language else head
        with speaking(person.language):
            if own.locale not in spoken:
                spoken[own.locale] = heading(own, say) | {"words": card_words(say)}
            cut.append(_card(own, person, say) | {"strip": strip, "spoken": own.locale})
    data = heading(head, say) | {"per_page": per_page, "pages": cut_and_stack(cut, per_page), "spoken": spoken}
    return press("cards.typ", data | {"words": shared_words(say)}, printed=head.printed)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Say what stands on a card or a sheet in its holder's language; in the one spoken now where that is none."""
    with force_locale(language) if language else nullcontext():
        yield


def card_words(say: Say) -> dict[str, str]:
    """Return the words on every card, blank ones too."""
    return shared_words(say) | {
        "right": say("If someone else comes to your table, that is right."),
        "scan": say("Code that opens your own page"),
        "round": say("Round"),
        "table": say("Table"),
        "with": say("With"),
        "language": say("Language"),
        "time": say("Time"),
        "contacts": say("Contacts?"),
        "ticking": say("Tick %(box)s to exchange contacts.", box="□"),
        "useful": say("Circle useful rounds, cross out missed ones; show it at the end."),
    }


def table_signs(
    head: SheetHead,
    tables: Iterable[str],
    *,
    beneath: Mapping[str, Sequence[str]] | None = None,
    say: Say = plainly,
) -> bytes:
    """Print one tent a table, in the order given: fold in the middle, the name on both sides.

    ``beneath`` are lines under a table's name: the tool and who shows it, the zone.
    """
    data = heading(head, say) | {
        "tables": [
            {"name": name, "beneath": [isolated(line) for line in (beneath or {}).get(name, ())]} for name in tables
        ],
        "words": shared_words(say) | {"fold": say("Fold here"), "table": say("Table")},
    }
    return press("signs.typ", data, printed=head.printed)


def tick_list(head: SheetHead, people: Iterable[CardPerson], *, say: Say = plainly) -> bytes:
    """Print everybody expected, by Latin spelling, with a box to tick."""
    data = heading(head, say) | {
        "organisations": shows("organisation", to="tick", preset=head.preset),
        "people": [
            {
                "number": person.number,
                "latin": isolated(person.latin),
                "name": isolated(person.name),
                "organisation": isolated(_organisation(head, person, to="tick")),
            }
            for person in sorted(people, key=by_latin)
        ],
        "words": shared_words(say)
        | list_words(say)
        | {"title": say("Tick list"), "here": say("Here"), "organisation": say("Organisation")},
    }
    return press("tick.typ", data, printed=head.printed)


def cards_on_a_page(rounds: int) -> int:
    """Return how many cards of so many rounds fit on a page."""
    return CARDS_SHORT_DAY if rounds <= MOST_ROUNDS_SHORT else CARDS_LONG_DAY


def cut_and_stack(people: Sequence[One], per_page: int) -> list[list[One | None]]:
    """Deal cards onto pages: position p of page k holds person p × pages + k, None past the end."""
    pages = -(-len(people) // per_page)
    return [
        [people[at] if (at := place * pages + page) < len(people) else None for place in range(per_page)]
        for page in range(pages)
    ]


def shared_words(say: Say) -> dict[str, str]:
    """Return the words that every template needs."""
    return {"nobody": say("Nobody is on this list yet."), "number": say("Number")}


def list_words(say: Say) -> dict[str, str]:
    """Return the words that lists for the desk need."""
    return {
        "round": say("Round"),
        "finder": say("Finder"),
        "latin": say("Latin spelling"),
        "name": say("Name"),
        "page": say("Page"),
        "destroy": say("Keep at the desk; destroy after the session."),
    }


def _card(head: SheetHead, person: CardPerson, say: Say) -> dict[str, object]:
    plus = person.companion and shows("companion", to="card", preset=head.preset)
    return {
        "number": f"{person.number} +1" if plus else person.number,
        "name": isolated(person.name),
        "organisation": isolated(_organisation(head, person, to="card")),
        "qr": qr_picture(person.qr) if person.qr else None,
        "note": person.note or "",
        "lines": [_line(head, sitting, say) for sitting in sorted(person.sittings, key=lambda one: one.round)],
    }


def _line(head: SheetHead, sitting: Sitting, say: Say) -> dict[str, object]:
    named, more = sitting.others, 0
    if len(named) > MOST_NAMED:
        named, more = named[: MOST_NAMED - 1], len(named) - MOST_NAMED + 1
    words = [*map(isolated, named), *([say("%(count)s more", count=more)] if more else [])]
    others = format_list(words, locale=locale_of(head)) if words else ""
    return {
        "round": str(sitting.round),
        "table": sitting.table,
        "others": others,
        "beneath": _beneath(sitting, say),
        "language": sitting.language or "",
        "note": sitting.note or say("free"),
        "time": clock(head, sitting.starts),
        "to_tick": sitting.to_tick,
    }


def _beneath(sitting: Sitting, say: Say) -> str:
    if sitting.interpreter:
        return say("%(name)s interprets", name=isolated(sitting.interpreter))
    return isolated(sitting.presenter or "")


def _round(head: SheetHead, people: Sequence[CardPerson], number: int, *, say: Say, idle: bool) -> dict[str, object]:
    tables: dict[str, list[tuple[CardPerson, Sitting]]] = defaultdict(list)
    without: dict[str, list[dict[str, str]]] = defaultdict(list)
    starts = None
    for person in people:
        for sitting in person.sittings:
            if sitting.round != number:
                continue
            starts = sitting.starts
            if sitting.table is None:
                without[sitting.note or say("free")].append(_seat(person))
            else:
                tables[sitting.table].append((person, sitting))
    return {
        "title": say("Round %(number)s", number=number),
        "time": clock(head, starts) if starts else "",
        "tables": [
            {
                "table": table,
                "people": [_seat(person) for person, _ in seated],
                "language": seated[0][1].language or "",
                "host": isolated(seated[0][1].host or ""),
                "beneath": _beneath(seated[0][1], say),
            }
            for table, seated in sorted(tables.items(), key=lambda item: by_table(item[0]))
        ],
        "without": [{"note": note, "people": seats} for note, seats in without.items() if idle],
    }


def _seat(person: CardPerson) -> dict[str, str]:
    return {"number": person.number, "name": isolated(person.name)}


def _finder_row(person: CardPerson) -> dict[str, object]:
    return {
        "number": person.number,
        "latin": isolated(person.latin),
        "name": "" if person.name == person.latin else isolated(person.name),
        "tables": {str(sitting.round): sitting.table or "–" for sitting in person.sittings},
    }


def _organisation(head: SheetHead, person: CardPerson, *, to: Reader) -> str:
    return (person.organisation or "") if shows("organisation", to=to, preset=head.preset) else ""


def qr_picture(address: str) -> str:
    """Return an address as a picture to scan (SVG)."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False, omitsize=True)
    return picture.getvalue().decode()
