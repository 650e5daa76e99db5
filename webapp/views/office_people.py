"""The organiser's pages about people."""

from typing import Any

from flask import render_template, request, url_for

from webapp.db import db
from webapp.errors import NotNow
from webapp.forms.people import PersonForm, person_as_typed
from webapp.models.people import folded
from webapp.operations.door import ways_in
from webapp.operations.event import programme
from webapp.operations.guests import people as guests
from webapp.operations.plans import presence
from webapp.signin import current_actor
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other

LONGEST_QUERY = 80
LONGEST_PAGE = 6


def page_number(typed: str) -> int:
    """Return the page an address asks for; the first where it asks for nothing that could be one."""
    return int(typed) if typed.isdecimal() and len(typed) <= LONGEST_PAGE else 1


@counter.get("/office/people")
def people() -> str:
    """The list of people, narrowed by a search."""
    query = request.args.get("q", "")[:LONGEST_QUERY].strip()
    lacking = request.args.get("lacking", "")
    lacking = lacking if lacking in guests.LACKING else ""
    found = guests.find_people(query, lacking=lacking, page=page_number(request.args.get("page", "")))
    return render_template("office/people.html", page=found, query=query, lacking=lacking, folded=folded)


@counter.route("/office/people/new", methods=["GET", "POST"])
def new_person() -> Any:
    """Add a person."""
    form = PersonForm(known=list(programme.regions()), data=person_as_typed(None))
    if form.validate_on_submit():
        with told(form):
            public_id = guests.add_person(form.values(), sure=form.sure.data, by=current_actor())
            return see_other("organiser.person", note="added", public_id=public_id)
    return form_page("office/person.html", form, person=None, organisations=guests.organisation_names())


@counter.route("/office/people/<string:public_id>", methods=["GET", "POST"])
def person(public_id: str) -> Any:
    """Change what the office says about a person."""
    found, refused = guests.person_called(public_id), ""
    form = PersonForm(known=list(programme.regions()), data=person_as_typed(found))
    if form.validate_on_submit():
        try:
            guests.change_person(public_id, form.values(), seen=form.seen, by=current_actor())
            return see_other("organiser.person", note="saved", public_id=public_id)
        except NotNow as refusal:
            refused, form.revision.data = refusal.sentence, found.revision
    may_come, organisations = guests.may_come_to(found), guests.organisation_names()
    standing = {
        "person": found, "refused": refused, "may_come": may_come, "organisations": organisations,
        "withdrawn": set(presence.withdrawn(db.session(), found)),
    }  # fmt: skip
    return form_page("office/person.html", form, **standing)


@counter.post("/office/people/<string:public_id>/code")
def issue_code(public_id: str) -> str:
    """Give a person a new code and link, shown on this page and never again."""
    ways = ways_in.give_ways_in(public_id, by=current_actor())
    link = request.host_url.rstrip("/") + url_for("public.link", token=ways.token)
    found = guests.person_called(public_id)
    return render_template("office/code.html", person=found, code=ways.code, link=link, days=ways.lasts.days)


@counter.route("/office/people/<string:public_id>/remove", methods=["GET", "POST"])
def remove_person(public_id: str) -> Any:
    """Ask once more, then remove a person with everything that is held about them."""
    found = guests.person_called(public_id)
    if request.method == "POST":
        guests.remove_person(public_id, by=current_actor())
        return see_other("organiser.people", note="removed")
    return render_template("office/remove_person.html", person=found, seats=guests.seats_in_published(found))
