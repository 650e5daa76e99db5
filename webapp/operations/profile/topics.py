"""The second screen of the profile: what I can share and what I am looking for."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import selectinload

from webapp.access import Actor
from webapp.db import db
from webapp.models import Interest, Person, PersonInterest
from webapp.operations.profile import profiles
from webapp.operations.profile.profiles import SIDES
from webapp.operations.words.titles import titled

Groups = list[tuple[str, list[tuple[str, str]]]]
"""Headings, each with slug and title of its topics."""


@dataclass(frozen=True, slots=True)
class Topics:
    """What somebody offers and seeks, by slug and in words of their own, and whether others may read what is shared."""

    offers: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()
    offers_words: str = ""
    seeks_words: str = ""
    shows_topics: bool = True

    @classmethod
    def of(cls, person: Person) -> Self:
        """Read the part."""
        offers, seeks = (
            tuple(sorted(own.interest.slug for own in person.interests if own.side == side)) for side in SIDES
        )
        return cls(offers, seeks, person.offers_words, person.seeks_words, person.shows_topics)

    def write(self, rows: Rows, person: Person) -> None:
        """Write the part; a topic that is there no more is refused."""
        known = {(own.interest_id, own.side): own for own in person.interests}
        person.interests = [
            known.get((topic.id, side)) or PersonInterest(interest=topic, side=side)
            for side, slugs in zip(SIDES, (self.offers, self.seeks), strict=True)
            for topic in profiles.found(rows, Interest, slugs, field=side)
        ]
        person.offers_words, person.seeks_words = self.offers_words, self.seeks_words
        person.shows_topics = self.shows_topics


def open_topics(by: Actor) -> tuple[profiles.Opened[Topics], Groups]:
    """Return the actor's own part, and all topics on offer with those that this person chose before."""
    event, person = profiles.who_asks(by, selectinload(Person.interests).joinedload(PersonInterest.interest))
    topics = Topics.of(person)
    chosen, groups = {*topics.offers, *topics.seeks}, dict[str, list[tuple[str, str]]]()
    for topic in db.session.scalars(select(Interest).order_by(Interest.position, Interest.title)):
        if not topic.retired or topic.slug in chosen:
            groups.setdefault(titled(topic.heading), []).append((topic.slug, titled(topic.title)))
    return profiles.opened(event, person, topics), list(groups.items())
