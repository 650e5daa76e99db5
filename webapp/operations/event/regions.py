"""The parts of the world that people work in, as an organiser names them."""

from sqlalchemy import select

from webapp.access import Actor
from webapp.db import db, transaction
from webapp.errors import BadInput, NotFound
from webapp.i18n import gettext as _
from webapp.models import Region
from webapp.operations.event.programme import only_organisers, regions
from webapp.operations.words import titles
from webapp.operations.words.spelling import same_words


def region_called(slug: str) -> Region:
    """Return the region with this slug."""
    found = db.session.scalar(select(Region).where(Region.slug == slug))
    if found is None:
        raise NotFound
    return found


def rename_region(slug: str, title: str, *, by: Actor, told: titles.Told | None = None) -> None:
    """Change a region's title, and what it is `told` in other languages; whoever is tied to it stays so."""
    only_organisers(by)
    with transaction() as rows:
        region = region_called(slug)
        if any(same_words(title, other.title) and other.id != region.id for other in regions()):
            raise BadInput(_("Another region has this name already."), "title")
        region.title = title
        titles.write(rows, told or {})
