"""The organiser's pages about the end: delete everything now, and the receipt."""

from contextlib import suppress
from typing import Any

from flask import Response, render_template, url_for

from webapp.errors import NotFound, NotNow
from webapp.forms.deleting import DeleteForm
from webapp.forms.speech import add_error
from webapp.i18n import gettext as _
from webapp.models import Event
from webapp.operations.deletion import purge
from webapp.operations.deletion import receipt as receipts
from webapp.operations.event import programme
from webapp.operations.words.spelling import same_words
from webapp.signin import current_actor
from webapp.views.keeping import first_confirm
from webapp.views.office import counter, form_page
from webapp.views.page import see_other


@counter.route("/office/delete", methods=["GET", "POST"])
def delete_everything() -> Any:
    """Delete everything at once: for whoever has just shown who they are and types the event's title."""
    event, form = _event(), DeleteForm()
    asked = first_confirm(url_for("organiser.delete_everything"))
    if asked is not None:
        return asked
    if form.validate_on_submit():
        if same_words(form.typed.data or "", event.title):
            return _deleted()
        add_error(form.typed, _("This is not the title of the event. Nothing was deleted."))
    return form_page("office/delete.html", form, event=event)


def _deleted() -> Any:
    # where it is not finished yet, the page that stands for all others says so
    with suppress(NotNow):
        purge.purge("office", by=current_actor())
    return see_other("organiser.receipt")


@counter.get("/office/receipt")
def receipt() -> str:
    """What was deleted and what is left; before that, when it will be."""
    event = _event()
    return render_template("office/receipt.html", event=event, parts=receipts.parts(event))


@counter.get("/office/receipt.txt")
def receipt_file() -> Any:
    """The receipt as a file; before there is one, the page that says when there will be."""
    event = _event()
    if not event.receipt:
        return see_other("organiser.receipt")
    headers = {"Content-Disposition": "attachment; filename=receipt.txt"}
    return Response(receipts.as_text(event), content_type="text/plain; charset=utf-8", headers=headers)


def _event() -> Event:
    event = programme.the_event()
    if event is None:
        raise NotFound
    return event
