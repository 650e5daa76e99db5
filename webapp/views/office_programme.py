"""The organiser's pages about sessions."""

from typing import Any

from flask import render_template, request

from webapp.errors import NotNow
from webapp.forms.sessions import SessionForm, arithmetic, session_as_typed
from webapp.forms.tables import TablesForm
from webapp.forms.titles import as_told, as_typed
from webapp.models import Session
from webapp.models.programme import HOSTED
from webapp.operations.event import areas, programme
from webapp.operations.event.tables import in_words
from webapp.operations.guests import hosts
from webapp.operations.plans import sums
from webapp.operations.words import titles
from webapp.signin import current_actor
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other

SPOKEN = ("title", "summary")


@counter.get("/office/sessions")
def sessions() -> str:
    """The programme."""
    listed = programme.sessions()
    return render_template(
        "office/sessions.html",
        sessions=listed,
        may_come=programme.audiences(listed, programme.everybody()),
        published=programme.published_versions(),
    )


@counter.route("/office/sessions/new", methods=["GET", "POST"])
def new_session() -> Any:
    """Add a session."""
    event = programme.the_event()
    if event is None:
        return see_other("organiser.event")
    usual = session_as_typed(None, first_day=event.starts_on)
    form = SessionForm(event=event, known=list(programme.regions()), data=usual)
    if form.validate_on_submit():
        with told(form):
            slug = programme.add_session(form.values(), by=current_actor(), told=as_told(form, *SPOKEN))
            return see_other("organiser.session", note="added", slug=slug)
    return form_page("office/session.html", form, session=None, languages=titles.languages_in_order(event))


@counter.route("/office/sessions/<string:slug>", methods=["GET", "POST"])
def session(slug: str) -> Any:
    """Change a session."""
    found = programme.session_called(slug)
    typed = session_as_typed(found, first_day=found.event.starts_on)
    typed |= as_typed({name: titles.others(getattr(found, name)) for name in SPOKEN})
    form = SessionForm(event=found.event, known=list(programme.regions()), data=typed)
    if form.validate_on_submit():
        with told(form):
            programme.change_session(slug, form.values(), by=current_actor(), told=as_told(form, *SPOKEN))
            return see_other("organiser.session", note="saved", slug=slug)
    return form_page("office/session.html", form, session=found, **_standing(found))


def _standing(found: Session) -> dict[str, Any]:
    """Return what follows from how the session is set up."""
    may_come = programme.audiences([found], programme.everybody())[found.slug]
    guests = may_come - {host.person_id for host in found.hosts if found.format in HOSTED}
    return {
        "languages": titles.languages_in_order(found.event),
        "count": len(may_come),
        "sums": sums.sums(found, len(guests)),
        "there": len(found.tables),
        "hosts": hosts.how_many(found) if found.format in HOSTED else None,
        "tables": in_words(table.name for table in found.tables),
        "arithmetic": arithmetic(found.starts, found.timing) if found.rounds else "",
        "version": programme.published_versions().get(found.slug),
        "draft": programme.has_draft(found),
    }


@counter.route("/office/sessions/<string:slug>/tables", methods=["GET", "POST"])
def tables(slug: str) -> Any:
    """Say where the tables of a session stand and what they are like."""
    found, form = programme.session_called(slug), TablesForm()
    if form.validate_on_submit():
        with told(form):
            areas.describe_tables(slug, form.which.data, form.values(), by=current_actor())
            return see_other("organiser.tables", note="saved", slug=slug)
    zones = sorted({table.zone for table in found.tables if table.zone})
    return form_page("office/tables.html", form, session=found, areas=areas.areas(found.tables), zones=zones)


@counter.route("/office/sessions/<string:slug>/remove", methods=["GET", "POST"])
def remove_session(slug: str) -> Any:
    """Ask once more, then take a session off the programme."""
    found, refused = programme.session_called(slug), ""
    if request.method == "POST":
        try:
            programme.remove_session(slug, by=current_actor())
            return see_other("organiser.sessions", note="removed")
        except NotNow as refusal:
            refused = refusal.sentence
    version = programme.published_versions().get(slug)
    page = render_template("office/remove_session.html", session=found, version=version, refused=refused)
    return page, 409 if refused else 200
