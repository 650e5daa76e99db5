"""The organiser's pages about ways in: slips to print, a file of links to send, and taking them back."""

from typing import Any

from flask import Response, render_template, request, url_for

from webapp.errors import NotNow
from webapp.exchange.ledger import KIND_OF_FILE
from webapp.forms.ways_in import LinksForm, SlipsForm
from webapp.i18n import lazy_gettext as _
from webapp.operations.door import handing_out, ways_in
from webapp.operations.event.programme import the_event
from webapp.operations.guests.people import organisation_names, person_called
from webapp.signin import current_actor
from webapp.views.facilitator import address_of_house
from webapp.views.keeping import first_confirm
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other

DONE = {
    "slip": _("Slips printed"),
    "file": _("Links written to a file"),
    "code": _("New code and link"),
    "once": _("Code to scan once, at the desk"),
    "back": _("Ways in taken back"),
}


@counter.get("/office/ways-in", endpoint="ways_in")
def overview() -> str:
    """Who can come in, how ways in are given and taken back, and what was."""
    told_of = [(DONE.get(row.what, row.what), row, when) for row, when in ways_in.given_out()]
    return render_template("office/ways_in.html", event=the_event(), standing=ways_in.standing(), given_out=told_of)


@counter.route("/office/ways-in/slips", methods=["GET", "POST"])
def slips() -> Any:
    """Print slips, for somebody who has just shown who they are; everybody on them gets a new code."""
    if led := first_confirm(url_for("organiser.slips")):
        return led
    form, refused = SlipsForm(known=organisation_names()), ""
    if form.validate_on_submit():
        with told(form):
            try:
                people = ways_in.chosen(**form.asked())
                people = handing_out.by_organisation(people) if form.order.data == "organisation" else people
                site, by = address_of_house(), current_actor()
                return _file(handing_out.slips(people, paper=str(form.paper.data), site=site, by=by), "slips.pdf")
            except NotNow as refusal:
                refused = refusal.sentence
    shown = {"standing": ways_in.standing(), "refused": refused, "site": address_of_house()}
    return form_page("office/slips.html", form, **shown)


@counter.route("/office/ways-in/links", methods=["GET", "POST"])
def links() -> Any:
    """Write a file of links, for somebody who has just shown who they are."""
    if led := first_confirm(url_for("organiser.links")):
        return led
    form, refused = LinksForm(known=organisation_names()), ""
    if form.validate_on_submit():
        with told(form):
            try:
                people, ending = ways_in.chosen(**form.asked()), str(form.ending.data)
                content = handing_out.links(people, ending=ending, site=address_of_house(), by=current_actor())
                return _file(content, f"links.{ending}")
            except NotNow as refusal:
                refused = refusal.sentence
    shown = {"standing": ways_in.standing(), "refused": refused, "site": address_of_house()}
    return form_page("office/links.html", form, **shown)


@counter.route("/office/ways-in/back", methods=["GET", "POST"])
def take_all_back() -> Any:
    """Ask once more, then take back all ways in of everybody."""
    if request.method == "POST":
        ways_in.take_all_back(by=current_actor())
        return see_other("organiser.ways_in", note="all-taken-back")
    return render_template("office/take_back.html", person=None, standing=ways_in.standing())


@counter.route("/office/people/<string:public_id>/back", methods=["GET", "POST"])
def take_back(public_id: str) -> Any:
    """Ask once more, then take back all ways in of one person."""
    found = person_called(public_id)
    if request.method == "POST":
        ways_in.take_back(public_id, by=current_actor())
        return see_other("organiser.person", public_id=public_id, note="ways-taken-back")
    return render_template("office/take_back.html", person=found)


def _file(content: bytes, name: str) -> Response:
    ending = name.rpartition(".")[2]
    kind = "application/pdf" if ending == "pdf" else f"{KIND_OF_FILE[ending]}; charset=utf-8"
    return Response(content, content_type=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
