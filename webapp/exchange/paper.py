"""The values that go on paper: plain, frozen, without request or database."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from webapp.models.rounds import letters

Say = Callable[..., str]
"""A translator: ``say("Table %(name)s", name="12B")``, as Flask-Babel's gettext."""


def plainly(text: str, /, **values: object) -> str:
    """Fill a sentence in without translating it."""
    return text % values if values else text


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What every sheet of one printing shares; ``printed`` stands in the venue's zone, a draft has no version.

    ``before`` is the version in people's hands, where that is not the last one before this; ``sessions`` are the
    session's titles in other languages, by code.
    """

    event: str
    session: str
    version: int | None
    printed: datetime
    locale: str = "en"
    paper: Literal["a4", "letter"] = "a4"
    discreet: bool = False
    before: int | None = None
    sessions: Mapping[str, str] = field(default_factory=dict)

    def spoken(self, language: str) -> "SheetHead":
        """Return the same for a part of the sheet in another language."""
        return replace(self, locale=language, session=self.sessions.get(language, self.session))

    @property
    def preset(self) -> str:
        """The preset of the event, by which the policy says what may stand on a sheet."""
        return "discreet" if self.discreet else "open"

    @property
    def letter(self) -> str:
        """Return the version as people read it: A, B, … Z, AA, …; empty for a draft."""
        return letters(self.version) if self.version else ""

    @property
    def replaced(self) -> str:
        """Return the version that this one replaces as people read it; empty for the first one and for a draft."""
        return letters(self.before or (self.version or 1) - 1)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person's round: where and with whom, or, without a table, the ``note`` that says why (rest, away).

    ``others`` are those to name on a card, a tool table by its tool; who shows it stands beneath as ``presenter``.
    With somebody there contacts may be exchanged where it is ``to_tick``.
    """

    round: int
    starts: datetime
    table: str | None
    others: tuple[str, ...] = ()
    language: str | None = None
    note: str | None = None
    host: str | None = None
    presenter: str | None = None
    interpreter: str | None = None
    to_tick: bool = False


@dataclass(frozen=True, slots=True)
class CardPerson:
    """One person with all sittings, or a ``note`` in their place; ``qr`` is the address a scan opens.

    Who brings a ``companion`` needs one more chair. The card is in its holder's ``language``, or in that of the sheet.
    """

    number: str
    name: str
    latin: str
    organisation: str | None = None
    sittings: tuple[Sitting, ...] = ()
    qr: str | None = None
    note: str | None = None
    companion: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """A card to take to the table where its holder sits now, who goes to table ``next`` then; None for no table.

    ``note`` says why there is none next, ``own_note`` the same in the language of the card. Who is ``new`` had no card
    before.
    """

    person: CardPerson
    table: str | None
    next: str | None
    note: str = ""
    own_note: str = ""
    new: bool = False


def by_latin(person: CardPerson) -> tuple[str, str, str]:
    """Sort people by Latin spelling without accents and case, then by event number."""
    bare = unicodedata.normalize("NFKD", person.latin or person.name)
    return "".join(c for c in bare if not unicodedata.combining(c)).casefold(), person.latin, person.number


def by_table(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Sort tables as one walks: 2 before 10, 12A before 12B."""
    return tuple(
        (not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", name)
    )
