"""The sheets of somebody who is visited, for themselves: who comes to them, with their questions, as one PDF."""

from sqlalchemy import select

from webapp.access import Actor
from webapp.db import db
from webapp.errors import NotFound
from webapp.exchange import host_sheets as for_hosts
from webapp.exchange.binding import Part, bind
from webapp.i18n import gettext as _
from webapp.models import Host, Plan, Session
from webapp.models.programme import HOSTED
from webapp.operations.paper import host_sheets
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.words.titles import titled
from webapp.policy import shows


def own_sheets(by: Actor) -> bytes:
    """Return the actor's own sheets of all published versions as PDF; the desk alone prints those of a discreet event.

    Nobody says whose sheets these are: they follow from who asks.
    """
    if by.person is None:
        raise NotFound
    mine = (
        select(Host, Plan)
        .join(Host.session)
        .join(Plan, Plan.session_id == Session.id)
        .where(Host.person_id == by.person.id, Plan.state == "published", Session.format.in_(HOSTED))
        .order_by(Session.starts, Session.id)
    )
    found = [
        (host, plan)
        for host, plan in db.session.execute(mine)
        if shows("name", to="visited", preset=plan.session.event.preset)
    ]
    if not found:
        raise NotFound(_("There is no list of visitors for you here. Ask for it at the desk."))
    parts = [Part(titled(plan.session.title), _pressed(host, plan)) for host, plan in found]
    return bind(parts, title=parts[0].title)


def _pressed(host: Host, plan: Plan) -> bytes:
    order = PrintOrder(plan.session, plan)
    return for_hosts.host_sheets(order.head, [host_sheets.sheet_of(host, plan)], say=_)
