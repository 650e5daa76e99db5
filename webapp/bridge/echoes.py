"""Free words beside the interests: they count where they read like an interest, or like what somebody else wrote.

What reads like nothing else counts for nothing, so that nobody gets less for having written more.
"""

import hashlib
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.models import Interest, Person
from webapp.models.people import BETWEEN, folded


def phrases(text: str) -> list[str]:
    """Return the pieces of a line between commas, as they are compared.

    >>> phrases("Community  Radio, Théâtre; –")
    ['community radio', 'theatre']
    """
    pieces = (" ".join(folded(piece).split()).strip(" .") for piece in BETWEEN.split(text))
    return list(dict.fromkeys(piece for piece in pieces if any(sign.isalnum() for sign in piece)))


def echoes(rows: Rows, people: Collection[Person]) -> Mapping[str, str]:
    """Return the phrases that count, each with the name of the topic it stands for."""
    offered = {phrase for person in people for phrase in phrases(person.offers_words)}
    sought = {phrase for person in people for phrase in phrases(person.seeks_words)}
    if not offered | sought:
        return {}
    listed = {folded(title): slug for slug, title in rows.execute(select(Interest.slug, Interest.title))}
    return {
        phrase: listed.get(phrase) or _topic(phrase)
        for phrase in sorted(offered | sought)
        if phrase in listed or phrase in offered & sought
    }


def _topic(phrase: str) -> str:
    # plans keep the topics they were made of, and free words are not theirs to keep
    return f"words-{hashlib.sha256(phrase.encode()).hexdigest()[:16]}"


def topics(person: Person, side: str, counted: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a person offers or seeks: the interests, and the free words that count."""
    chosen = {row.interest.slug for row in person.interests if row.side == side}
    own = phrases(person.offers_words if side == "offers" else person.seeks_words)
    return tuple(sorted(chosen | {counted[phrase] for phrase in own if phrase in counted}))
