"""The list of interests that people choose from: add, rename, retire."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import HostTopic, Interest, Person, PersonInterest, RemovedInterest
from webapp.models.people import BETWEEN, folded
from webapp.operations.event.programme import make_slug, only_organisers
from webapp.operations.words import titles
from webapp.operations.words.spelling import same_words


@dataclass(frozen=True, slots=True)
class Listed:
    """An interest and how many people offer and seek it."""

    interest: Interest
    offers: int
    seeks: int

    @property
    def in_use(self) -> bool:
        """Whether anybody chose it."""
        return self.offers + self.seeks > 0


def by_heading() -> dict[str, list[Listed]]:
    """Return all interests under their headings, in their order."""
    counted = db.session.execute(
        select(PersonInterest.interest_id, PersonInterest.side, func.count()).group_by(
            PersonInterest.interest_id, PersonInterest.side
        )
    )
    numbers = {(row, side): number for row, side, number in counted}
    groups: dict[str, list[Listed]] = {}
    for interest in _all(db.session()):
        listed = Listed(interest, numbers.get((interest.id, "offers"), 0), numbers.get((interest.id, "seeks"), 0))
        groups.setdefault(interest.heading, []).append(listed)
    return groups


def other_words() -> list[str]:
    """Return what people wrote beside the list, each piece once and without a name, in the order of the alphabet."""
    written = db.session.execute(select(Person.offers_words, Person.seeks_words))
    pieces = (" ".join(piece.split()) for both in written for text in both for piece in BETWEEN.split(text))
    once = {folded(piece): piece for piece in pieces if any(sign.isalnum() for sign in piece)}
    return [once[key] for key in sorted(once)]


def interest_called(slug: str) -> Interest:
    """Return the interest with this slug."""
    found = db.session.scalar(select(Interest).where(Interest.slug == slug))
    if found is None:
        raise NotFound
    return found


def in_use(interest: Interest) -> bool:
    """Return whether anybody offers or seeks it, or is visited about it."""
    return db.session.scalar(select(Interest.id).where(Interest.id == interest.id, or_(*_chosen()))) is not None


def _chosen() -> tuple[Any, ...]:
    return tuple(exists().where(kind.interest_id == Interest.id) for kind in (PersonInterest, HostTopic))


def to_choose(held: Iterable[Interest] = ()) -> list[Interest]:
    """Return the interests that can be chosen, with those that are retired but held already."""
    kept = {interest.id for interest in held}
    return [interest for interest in _all(db.session()) if not interest.retired or interest.id in kept]


def add_interest(heading: str, title: str, *, by: Actor) -> str:
    """Add an interest at the end of the list; return its slug."""
    only_organisers(by)
    with transaction() as rows:
        _refuse_same_title(rows, title)
        slug = make_slug(title, taken=set(rows.scalars(select(Interest.slug))), otherwise="topic")
        last = rows.scalar(select(func.max(Interest.position))) or 0
        rows.add(Interest(id=_next_number(rows), slug=slug, heading=heading, title=title, position=last + 1))
        return slug


def rename_interest(slug: str, heading: str, title: str, *, by: Actor, told: titles.Told | None = None) -> None:
    """Change heading and title, and what they are `told` in other languages; whoever chose it keeps it."""
    only_organisers(by)
    with transaction() as rows:
        interest = interest_called(slug)
        _refuse_same_title(rows, title, but=interest)
        interest.heading, interest.title = heading, title
        titles.write(rows, told or {})


def retire_interest(slug: str, *, retired: bool, by: Actor) -> None:
    """Offer an interest no longer, or again; whoever chose it keeps it."""
    only_organisers(by)
    with transaction():
        interest_called(slug).retired = retired


def remove_interest(slug: str, *, by: Actor) -> None:
    """Remove an interest that nobody ever chose."""
    only_organisers(by)
    with transaction() as rows:
        interest = interest_called(slug)
        if in_use(interest):
            raise NotNow(_("This interest is in use, so it stays. Retire it, and nobody new can choose it."))
        rows.add(RemovedInterest(number=interest.id))
        rows.execute(delete(Interest).where(Interest.id == interest.id))
        titles.forget_unused(rows)


def _next_number(rows: Rows) -> int:
    """A number that no interest ever had: those of removed ones may stand on printed forms."""
    given = (rows.scalar(select(func.max(column))) or 0 for column in (Interest.id, RemovedInterest.number))
    return max(given) + 1


def _all(rows: Rows) -> Sequence[Interest]:
    return rows.scalars(select(Interest).order_by(Interest.position, Interest.id)).all()


def _refuse_same_title(rows: Rows, title: str, *, but: Interest | None = None) -> None:
    for other in _all(rows):
        if same_words(title, other.title) and (but is None or other.id != but.id):
            raise BadInput(
                _("This interest is in the list already, under %(heading)s.", heading=other.heading), "title"
            )
