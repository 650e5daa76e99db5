"""What check-in reads: how many are expected, here, late and absent, and whom a search or a list finds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from webapp.bridge import Expected, Presence
from webapp.db import db
from webapp.errors import NotFound
from webapp.models import Organisation, Person, Session
from webapp.models.people import folded
from webapp.operations.guests.finding import LONGEST_SEARCH, fits, number_in
from webapp.operations.plans import presence
from webapp.operations.rounds.floor import EXPECTED, Mark, away_throughout
from webapp.policy import shows

LONGEST_LIST = 40
"""As many people as a list shows at once; a longer one is shown letter by letter."""

AWAY = "away"
LISTS = (EXPECTED, "here", "late", "absent", AWAY)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody of the audience as the desk knows them; `instead_of` is whose seats they have taken over.

    Who `withdrew` has said themselves that they do not take part.
    """

    presence: Presence
    mark: Mark
    instead_of: Person | None
    kept_away: bool
    withdrew: bool = False

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.presence.person

    @property
    def state(self) -> str:
        """The list they are on: one of `LISTS`."""
        return AWAY if self.kept_away and self.mark.state == EXPECTED else self.mark.state

    @property
    def letter(self) -> str:
        """The letter under which lists have them, by the Latin spelling."""
        first = folded(self.person.sort_name)[:1].upper()
        return first if "A" <= first <= "Z" else "#"


@dataclass(frozen=True)
class Board:
    """Everybody of a session's audience with how they stand, by Latin spelling."""

    session: Session
    guests: tuple[Guest, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many are on each of `LISTS`."""
        found = Counter(one.state for one in self.guests)
        return {name: found[name] for name in LISTS}

    @cached_property
    def shows_organisations(self) -> bool:
        """Whether organisations may be shown."""
        return shows("organisation", to="facilitator", preset=self.session.event.preset)

    def found(self, typed: str) -> list[Guest]:
        """Return whom what was typed finds: by number, by the first letters of any part of a name or an organisation.

        Whoever has exactly this number stands first, and who is found by an organisation alone last.
        """
        query = typed[:LONGEST_SEARCH].strip()
        if not query:
            return []
        number = number_in(query)
        ranked = [(self._rank(query, number, one.person), one) for one in self.guests]
        return [one for rank, one in sorted(ranked, key=lambda pair: pair[0]) if rank]

    def numbered(self, typed: str) -> Guest | None:
        """Return who has the event number that was typed or scanned."""
        number = number_in(typed[:LONGEST_SEARCH])
        return next((one for one in self.guests if number and one.person.number == number), None)

    def on(self, name: str) -> list[Guest]:
        """Return everybody on one of `LISTS`."""
        return [one for one in self.guests if one.state == name]

    def called(self, public_id: str) -> Guest:
        """Return the guest with this public id."""
        found = next((one for one in self.guests if one.person.public_id == public_id), None)
        if found is None:
            raise NotFound
        return found

    def houses(self) -> list[tuple[Organisation, list[Guest]]]:
        """Return organisations with those who come from there, by name; none where they are not to be shown."""
        ours = [(one.person.organisation, one) for one in self.guests if one.person.organisation]
        if not self.shows_organisations:
            return []
        ours.sort(key=lambda pair: (folded(pair[0].name), pair[0].id))
        return [(house, [one for _house, one in own]) for house, own in groupby(ours, key=lambda pair: pair[0])]

    def _rank(self, query: str, number: str, person: Person) -> int:
        """How well a search finds somebody: 1 best, 0 not at all."""
        if person.number == number:
            return 1
        if fits(query, number=person.number, names=(person.name, person.latin)):
            return 2
        house = person.organisation.name if person.organisation and self.shows_organisations else ""
        return 3 if fits(query, number="", names=(house,)) else 0


def board(session: Session, there: Expected | None = None) -> Board:
    """Return how everybody of the audience stands; `there` are those expected, where they are known already."""
    rows = db.session()
    there = presence.expected(rows, session) if there is None else there
    ticked = presence.attendance(rows, session.id)
    people = {one.person.id: one.person for one in there}
    guests = []
    for one in there:
        row = ticked.get(one.person.id)
        instead_of = people.get(row.instead_of_id or 0) if row else None
        withdrew = row is not None and row.withdrew
        guests.append(Guest(one, Mark.of(row), instead_of, away_throughout(one.away, session), withdrew))
    return Board(session, tuple(guests))


def letters(guests: Sequence[Guest]) -> list[tuple[str, int]]:
    """Return the first letters of a list with how many stand under each."""
    found = Counter(one.letter for one in guests)
    return sorted(found.items(), key=lambda pair: (pair[0] == "#", pair[0]))
