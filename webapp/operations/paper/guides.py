"""The facilitator's guide for this event: its formats, and the languages that are spoken in its rooms."""

from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import select

from webapp.db import db
from webapp.errors import BadInput
from webapp.exchange import guide
from webapp.i18n import gettext as _
from webapp.i18n import locale
from webapp.models import Event, Session
from webapp.operations.paper.printing import PAPERS


def facilitators_guide(*, paper: str = "a4") -> bytes:
    """Return the guide as PDF; before an event is set up, for all formats and in English."""
    if paper not in PAPERS:
        raise BadInput(_("The paper is either a4 or letter."), "paper")
    event = db.session.get(Event, 1)
    used = set(db.session.scalars(select(Session.format).distinct())) & set(guide.TOLD)
    spoken = [*event.working_languages, *([event.host_language] if event.host_language else [])] if event else []
    head = guide.GuideHead(
        event=event.title if event else "",
        printed=datetime.now(event.zone if event else UTC).replace(second=0, microsecond=0),
        formats=tuple(one for one in guide.TOLD if one in used or not used),
        languages=tuple(dict.fromkeys(spoken or [str(locale())])),
        locale=str(locale()),
        paper=cast(Literal["a4", "letter"], paper),
    )
    return guide.guide(head, say=_)
