"""The organiser's pages about specialists, tool tables and interpreters."""

from typing import Any

from flask import render_template, request

from webapp.errors import NotNow
from webapp.forms.hosts import SPOKEN, InterpreterForm, host_form, interpreter_as_typed
from webapp.forms.titles import as_told
from webapp.models import Host, Session
from webapp.models.people import folded
from webapp.operations.event import interests as topics
from webapp.operations.event import programme
from webapp.operations.guests import hosts as visits
from webapp.operations.guests import interpreters as voices
from webapp.operations.guests import people
from webapp.operations.words import titles
from webapp.signin import current_actor
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other


@counter.get("/office/sessions/<string:slug>/hosts")
def hosts(slug: str) -> str:
    """Who is visited in a session."""
    session = visits.visited(slug)
    listed = visits.hosts_of(session)
    return render_template(
        "office/hosts.html",
        session=session,
        hosts=listed,
        capacity=visits.capacity(session, listed),
        count=len(programme.audiences([session], programme.everybody())[slug]),
        rounds_of=visits.rounds_of,
        folded=folded,
        **_standing(session),
    )


@counter.route("/office/sessions/<string:slug>/hosts/new", methods=["GET", "POST"])
def new_host(slug: str) -> Any:
    """Add a specialist or a tool table."""
    session = visits.visited(slug)
    form = host_form(session, None, topics.to_choose())
    if form.validate_on_submit():
        with told(form):
            visits.add_host(slug, form.values(), by=current_actor(), told=as_told(form, *SPOKEN))
            return see_other("organiser.hosts", note="added", slug=slug)
    return _host_page(form, session, None)


@counter.route("/office/sessions/<string:slug>/hosts/<string:public_id>", methods=["GET", "POST"])
def host(slug: str, public_id: str) -> Any:
    """Change a specialist or a tool table."""
    session = visits.visited(slug)
    found = visits.host_called(session, public_id)
    form = host_form(session, found, topics.to_choose(found.topics))
    refused = ""
    if form.validate_on_submit():
        try:
            with told(form):
                said = as_told(form, *SPOKEN)
                visits.change_host(slug, public_id, form.values(), told=said, seen=form.seen, by=current_actor())
                return see_other("organiser.hosts", note="saved", slug=slug)
        except NotNow as refusal:
            refused, form.revision.data = refusal.sentence, found.revision
    return _host_page(form, session, found, refused)


def _host_page(form: Any, session: Session, found: Host | None, refused: str = "") -> tuple[str, int]:
    shown = {
        "host": found,
        "organisations": people.organisation_names(),
        "languages": titles.languages_in_order(session.event),
        **_standing(session),
    }
    return form_page("office/host.html", form, refused=refused, session=session, **shown)


def _standing(session: Session) -> dict[str, Any]:
    """Return which plans of the session a change would touch."""
    return {"version": programme.published_versions().get(session.slug), "draft": programme.has_draft(session)}


@counter.route("/office/sessions/<string:slug>/hosts/<string:public_id>/remove", methods=["GET", "POST"])
def remove_host(slug: str, public_id: str) -> Any:
    """Ask once more, then take a specialist or a tool table off the list."""
    session = visits.visited(slug)
    found = visits.host_called(session, public_id)
    if request.method == "POST":
        visits.remove_host(slug, public_id, by=current_actor())
        return see_other("organiser.hosts", note="removed", slug=slug)
    return render_template("office/remove_host.html", session=session, host=found, **_standing(session))


@counter.get("/office/interpreters")
def interpreters() -> str:
    """All interpreters."""
    return render_template("office/interpreters.html", interpreters=voices.everyone(), folded=folded)


@counter.route("/office/interpreters/new", methods=["GET", "POST"])
def new_interpreter() -> Any:
    """Add an interpreter."""
    known = voices.interpreted()
    form = InterpreterForm(known=known, data=interpreter_as_typed(None, known))
    if form.validate_on_submit():
        with told(form):
            voices.add_interpreter(form.values(), by=current_actor())
            return see_other("organiser.interpreters", note="added")
    return form_page("office/interpreter.html", form, interpreter=None)


@counter.route("/office/interpreters/<string:public_id>", methods=["GET", "POST"])
def interpreter(public_id: str) -> Any:
    """Change an interpreter."""
    found, known = voices.interpreter_called(public_id), voices.interpreted()
    form = InterpreterForm(known=known, data=interpreter_as_typed(found, known))
    refused = ""
    if form.validate_on_submit():
        try:
            with told(form):
                voices.change_interpreter(public_id, form.values(), seen=form.seen, by=current_actor())
                return see_other("organiser.interpreters", note="saved")
        except NotNow as refusal:
            refused, form.revision.data = refusal.sentence, found.revision
    return form_page("office/interpreter.html", form, interpreter=found, refused=refused)


@counter.route("/office/interpreters/<string:public_id>/remove", methods=["GET", "POST"])
def remove_interpreter(public_id: str) -> Any:
    """Ask once more, then take an interpreter off the list."""
    found = voices.interpreter_called(public_id)
    if request.method == "POST":
        voices.remove_interpreter(public_id, by=current_actor())
        return see_other("organiser.interpreters", note="removed")
    return render_template("office/remove_interpreter.html", interpreter=found)
