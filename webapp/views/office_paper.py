"""The organiser's pages about interest forms on paper: printed blank, entered by keyboard."""

from typing import Any

from flask import Response, request

from webapp.errors import NotFound
from webapp.forms.paper_form import PaperForm
from webapp.i18n import LANGUAGES
from webapp.operations.event import programme
from webapp.operations.guests import people as guests
from webapp.operations.paper import paper_forms
from webapp.operations.paper.printing import PAPERS
from webapp.signin import current_actor
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other


@counter.route("/office/paper-form", methods=["GET", "POST"])
def paper_form() -> Any:
    """Enter one sheet; the next page is the empty form again."""
    event, listed = programme.the_event(), paper_forms.topics()
    discreet = event is not None and event.preset == "discreet"
    form = PaperForm(listed=listed, known=programme.regions(), discreet=discreet)
    if form.validate_on_submit():
        with told(form):
            held = paper_forms.enter(form.sheet(), sure=form.sure_about, by=current_actor())
            return see_other("organiser.paper_form", saved=held)
        form.ask_about(paper_forms.asked_about(form.sheet()))
    saved = None if form.is_submitted() else paper_forms.entered(request.args.get("saved", ""))
    known = {"groups": paper_forms.numbered(listed), "organisations": guests.organisation_names()}
    return form_page("office/paper_form.html", form, saved=saved, **known)


@counter.get("/office/paper-form/<string:lang>.pdf")
def blank_form(lang: str) -> Any:
    """The blank form in one language, as PDF."""
    paper = request.args.get("paper", "a4")
    if lang not in LANGUAGES or paper not in PAPERS:
        raise NotFound
    if programme.the_event() is None:
        return see_other("organiser.event")
    content = paper_forms.blank(lang, paper=paper, by=current_actor())
    headers = {"Content-Disposition": f'inline; filename="interest-form-{lang}.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)
