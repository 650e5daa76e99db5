"""The safety contact's counter: what waits to be settled, and what people say in person."""

from typing import Any

from flask import Blueprint, render_template, request

from webapp.errors import BadInput
from webapp.forms.apart import InPersonForm, TakeBackForm
from webapp.operations.guests import safety
from webapp.signin import current_actor
from webapp.views.page import see_other

counter = Blueprint("safety", __name__, url_prefix="/safety")


@counter.get("")
def entries() -> str:
    """What waits, and the forms for what people say in person."""
    return _page(InPersonForm(formdata=None), TakeBackForm(formdata=None, prefix="back"))


@counter.post("")
def keep_apart() -> Any:
    """Enter what somebody has said in person."""
    form = InPersonForm()
    if form.validate_on_submit():
        try:
            safety.keep_apart(form.who.data or "", form.whom.data or "", by=current_actor())
            return see_other("safety.entries", note="added")
        except BadInput as refusal:
            form[str(refusal.field)].errors = [refusal.sentence]
    return _page(form, TakeBackForm(formdata=None, prefix="back")), 422


@counter.post("/back")
def take_back() -> Any:
    """Take back what somebody wrote or had entered; the answer is the same whether there was anything."""
    form = TakeBackForm(prefix="back")
    if form.validate_on_submit():
        try:
            safety.take_back(form.who.data or "", form.whom.data or "", by=current_actor())
            return see_other("safety.entries", note="forgotten")
        except BadInput as refusal:
            form[str(refusal.field)].errors = [refusal.sentence]
    return _page(InPersonForm(formdata=None), form), 422


@counter.get("/entry/<string:public_id>")
def entry(public_id: str) -> str:
    """One entry that waits: who wrote what, whom it fits, and a search for whoever else may be meant."""
    return _entry(public_id)


@counter.post("/entry/<string:public_id>")
def settle(public_id: str) -> Any:
    """Say who is meant."""
    try:
        safety.settle(public_id, request.form.getlist("meant"), by=current_actor())
    except BadInput as refusal:
        return _entry(public_id, refused=refusal.sentence), 422
    return see_other("safety.entries", note="settled")


@counter.post("/entry/<string:public_id>/aside")
def set_aside(public_id: str) -> Any:
    """Let go of an entry: nobody is meant."""
    safety.set_aside(public_id, by=current_actor())
    return see_other("safety.entries", note="removed")


def _page(form: InPersonForm, back: TakeBackForm) -> str:
    waiting = safety.waiting(by=current_actor())
    return render_template("safety/entries.html", waiting=waiting, form=form, back=back)


def _entry(public_id: str, *, refused: str = "") -> str:
    one, typed = safety.waiting_called(public_id, request.args.get("q"), by=current_actor())
    return render_template("safety/entry.html", one=one, typed=typed, refused=refused)
