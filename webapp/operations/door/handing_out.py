"""Slips and files of links: made for many people at once, and good from the moment they leave the house."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, cast

from webapp.access import Actor
from webapp.errors import NotNow
from webapp.exchange import slips as paper_slips
from webapp.exchange.ledger import Ledger, written
from webapp.i18n import gettext as _
from webapp.i18n import locale
from webapp.models import Person
from webapp.models.people import folded
from webapp.operations.door import step_up, ways_in
from webapp.operations.door.ways_in import Fresh
from webapp.operations.event.programme import only_organisers, the_event
from webapp.policy import shows

COLUMNS = ("number", "name", "registration", "link")


def by_organisation(people: Sequence[Person]) -> list[Person]:
    """Return people by organisation, whoever has none last; within one in the order given."""
    return sorted(
        people, key=lambda one: (one.organisation is None, folded(one.organisation.name if one.organisation else ""))
    )


def slips(people: Sequence[Person], *, paper: str, site: str | None, by: Actor) -> bytes:
    """Give these people new codes, and return their slips as PDF; slips printed for them before let in no more.

    `site` is where phones reach the house. Without it the slips hold the digits alone.
    """
    only_organisers(by)
    event, fresh = the_event(), ways_in.fresh_slips(people)
    if event is None:
        raise NotNow(_("Describe the event first."))
    spoken = [*event.working_languages, *([event.host_language] if event.host_language else [])]
    head = paper_slips.SlipHead(
        event=event.title,
        printed=datetime.now(event.zone if event else UTC).replace(second=0, microsecond=0),
        languages=tuple(spoken),
        address=site.rstrip("/") if site else None,
        locale=str(locale()),
        paper=cast(Literal["a4", "letter"], paper),
    )
    listed = [_slip(one, site, preset=event.preset) for one in fresh]
    file = ways_in.keep(fresh, lambda: paper_slips.slips(head, listed, say=_), kind=ways_in.SLIP, by=by)
    step_up.note_taken("slips", by=by)
    return file


def _slip(one: Fresh, site: str | None, *, preset: str) -> paper_slips.Slip:
    person = one.person
    house = person.organisation if shows("organisation", to="slip", preset=preset) else None
    return paper_slips.Slip(
        number=person.number,
        name=person.name,
        code=one.code.in_fours if one.code else "",
        organisation=house.name if house else "",
        # a scanner at the desk reads the number; the part after the sign never reaches the server
        qr=f"{site}in/{one.token}#{person.number}" if site else None,
    )


def links(people: Sequence[Person], *, ending: str, site: str | None, by: Actor) -> bytes:
    """Give these people new links, and return them as a file; links of files made for them before let in no more."""
    only_organisers(by)
    if site is None:
        raise NotNow(_("These links would lead nowhere. Open Rondo by the address that phones reach, then make them."))
    fresh = ways_in.fresh_links(people)
    rows = [(one.person.number, one.person.name, one.person.registration, f"{site}in/{one.token}") for one in fresh]
    file = ways_in.keep(fresh, lambda: written(Ledger(COLUMNS, tuple(rows)), ending), kind=ways_in.FILE, by=by)
    step_up.note_taken("links", by=by)
    return file
