"""More paper for a room: the wall list, the interpreters' list, spare blank cards."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.exchange.heading import clock, heading, isolated
from webapp.exchange.paper import CardPerson, Say, SheetHead, by_latin, plainly
from webapp.exchange.press import press
from webapp.exchange.sheets import card_words, cards_on_a_page, qr_picture
from webapp.models.people import spelling_of
from webapp.policy import shows


@dataclass(frozen=True, slots=True)
class Side:
    """Somebody for whom an interpreter speaks, and in which language; a specialist has no event number."""

    name: str
    spelling: str
    language: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """One round of an interpreter: the table and those between whom to interpret, or nothing in a rest."""

    round: int
    starts: datetime
    table: str = ""
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class InterpreterSheet:
    """An interpreter with languages and all rounds."""

    name: str
    spelling: str
    languages: tuple[str, ...]
    shifts: tuple[Shift, ...]

    @property
    def works(self) -> bool:
        """Whether there is a table in any round."""
        return any(shift.table for shift in self.shifts)


def wall_list(head: SheetHead, people: Iterable[CardPerson], *, say: Say = plainly) -> bytes:
    """Print everybody by Latin spelling with the table of each round, large enough for a wall; in no discreet event."""
    if not shows("name", to="wall", preset=head.preset):
        raise ValueError("a discreet event has no wall list")
    everybody = sorted(people, key=by_latin)
    data = heading(head, say) | {
        "columns": [str(number) for number in sorted({one.round for person in everybody for one in person.sittings})],
        "people": [
            {
                "number": person.number,
                "name": isolated(spelling_of(person.name, person.latin) or person.name),
                "beneath": isolated(person.name) if spelling_of(person.name, person.latin) else "",
                "initial": _initial(person),
                "tables": {str(one.round): one.table or "–" for one in person.sittings},
            }
            for person in everybody
        ],
        "words": {
            "nobody": say("Nobody is on this list yet."),
            "title": say("Your tables"),
            "number": say("Number"),
            "name": say("Name"),
            "round": say("Round"),
            "page": say("Page"),
            "help": say("Ask at the help point"),
            "destroy": say("Take down and destroy after the session."),
        },
    }
    return press("wall.typ", data, printed=head.printed)


def _initial(person: CardPerson) -> str:
    """The first letters, by which people find their page."""
    bare = unicodedata.normalize("NFKD", person.latin or person.name)
    return isolated("".join([letter for letter in bare if letter.isalnum()][:3]).capitalize())


def interpreters_list(head: SheetHead, sheets: Sequence[InterpreterSheet], *, say: Say = plainly) -> bytes:
    """Print who interprets at which table in each round, then a page to hand to each who works."""
    data = heading(head, say) | {
        "rounds": [
            {"round": str(shift.round), "time": clock(head, shift.starts)}
            for shift in (sheets[0].shifts if sheets else ())
        ],
        "sheets": [_interpreter(head, one) for one in sheets],
        "words": {
            "nobody": say("Nobody is on this list yet."),
            "kind": say("Interpreter"),
            "title": say("Interpreters"),
            "round": say("Round"),
            "time": say("Time"),
            "table": say("Table"),
            "between": say("Between"),
            "rest": say("rest"),
            "page": say("Page"),
            "keep": say("Keep at the desk; destroy after the session."),
            "destroy": say("For you alone; destroy after the session."),
        },
    }
    return press("interpreters.typ", data, printed=head.printed)


def _interpreter(head: SheetHead, one: InterpreterSheet) -> Mapping[str, object]:
    return {
        "name": isolated(one.name),
        "beneath": [words for words in (isolated(one.spelling), " · ".join(one.languages)) if words],
        "works": one.works,
        "shifts": [
            {
                "round": str(shift.round),
                "time": clock(head, shift.starts),
                "table": shift.table,
                "sides": [
                    {
                        "name": " ".join(filter(None, (isolated(side.name), isolated(side.spelling)))),
                        "number": side.number,
                        "language": side.language,
                    }
                    for side in shift.sides
                ],
            }
            for shift in one.shifts
        ],
    }


def blank_cards(head: SheetHead, rounds: Mapping[int, datetime], *, qr: str | None = None, say: Say = plainly) -> bytes:
    """Print a page of cards to fill in by hand, with the rounds and their times already there."""
    data = heading(head, say) | {
        "per_page": cards_on_a_page(len(rounds)),
        "pages": [],
        "qr": qr_picture(qr) if qr else None,
        "lines": [{"round": str(number), "time": clock(head, starts)} for number, starts in sorted(rounds.items())],
        "words": card_words(say) | {"name": say("Name")},
    }
    return press("blanks.typ", data, printed=head.printed)
