"""Organisations: found by name however it is spelt, and let go of when nobody names them any more."""

from collections.abc import Iterable

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session as Rows

from webapp.models import Host, Organisation, Person, Wish
from webapp.operations.words.spelling import same_words


def called(rows: Rows, name: str, *, country: str | None = None) -> Organisation:
    """Return the organisation of this name; a new name becomes a new organisation, in this country."""
    known = rows.scalars(select(Organisation).order_by(Organisation.id))
    found = next((one for one in known if same_words(one.name, name)), None)
    if found is None:
        found = Organisation(name=name, country=country)
        rows.add(found)
        rows.flush()
    return found


def forget_unnamed(rows: Rows, held: Iterable[int | None], *, typed: bool = False) -> None:
    """Keep none of these that nobody comes from, guest or host, and nobody wishes to meet.

    `typed`: let go only of those without a country.
    """
    named = or_(
        exists().where(Person.organisation_id == Organisation.id),
        exists().where(Host.organisation_id == Organisation.id),
        exists().where(Wish.organisation_id == Organisation.id),
    )
    gone = delete(Organisation).where(Organisation.id.in_([one for one in held if one is not None]), ~named)
    if typed:
        gone = gone.where(Organisation.country.is_(None))
    rows.execute(gone.execution_options(synchronize_session=False))
