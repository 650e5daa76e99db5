"""After a meeting: say whether to exchange contacts, and take those along that were exchanged."""

from flask import Response, request
from werkzeug.wrappers import Response as Answer

from webapp.errors import NotFound
from webapp.exchange.vcard import Reached, address_cards, plain_text
from webapp.i18n import gettext as _
from webapp.operations.meetings import contacts
from webapp.operations.mine import contact_page
from webapp.signin import current_actor
from webapp.views import participant
from webapp.views.page import see_other
from webapp.views.participant import counter


@counter.post("/me/contacts/<string:slug>")
def exchange(slug: str) -> Answer:
    """Say whether I would exchange contacts with somebody I met."""
    held, who = request.form.get("round", ""), request.form.get("who", "")
    contacts.answer(slug, who, said=request.form.get("say", ""), by=current_actor(), now=participant.now())
    place = f"{slug}-{held}" if held.isascii() and held.isdecimal() and not request.form.get("top") else None
    return see_other("participant.rounds", note="exchange", _anchor=place)


@counter.get("/me/contacts.vcf")
def contact_cards() -> Response:
    """The contacts that were exchanged, as address cards."""
    return _file(address_cards(_exchanged()), "text/vcard; charset=utf-8", "contacts.vcf")


@counter.get("/me/contacts.txt")
def contact_lines() -> Response:
    """The contacts that were exchanged, as plain text."""
    return _file(plain_text(_exchanged()), "text/plain; charset=utf-8", "contacts.txt")


def _exchanged() -> list[Reached]:
    found = contact_page.reached(current_actor(), now=participant.now())
    if not found:
        raise NotFound(_("There are no contacts here to take along."))
    return found


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
