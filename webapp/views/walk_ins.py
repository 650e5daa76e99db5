"""The facilitator's pages for people who were not on the list, and for those who come instead of somebody."""

from typing import Any

from flask import render_template, request

from webapp.forms.walk_in import WalkInForm
from webapp.models import Session
from webapp.operations.guests import people
from webapp.operations.plans import planning
from webapp.operations.reception import checkin
from webapp.operations.rounds import standing_in, walk_ins
from webapp.signin import current_actor
from webapp.views.checkin import now
from webapp.views.facilitator import counter
from webapp.views.office import form_page, told
from webapp.views.page import see_other


@counter.route("/<string:slug>/walk-in", methods=["GET", "POST"])
def walk_in(slug: str) -> Any:
    """Add somebody who is here and was not on the list; then show the number, and the empty form again."""
    held = planning.find_session(slug)
    form = WalkInForm(held.event, walk_ins.topics(), data={"instead": request.args.get("instead", "")})
    answer = None
    if form.validate_on_submit():
        with told(form):
            if not form.instead.data or request.form.get("how") == "seatless":
                sure = bool(form.sure.data)
                added = walk_ins.add(held.id, form.values(), sure=sure, by=current_actor(), now=now())
                return see_other("facilitator.walk_in", slug=slug, added=added)
            answer = _bring(held, form)
            if answer.letter:
                return see_other("facilitator.session", slug=slug, note="published", q=answer.number)
    board = checkin.board(held)
    asked = request.args.get("added", "")
    added_one = next((one for one in board.guests if one.person.public_id == asked), None)
    gone = next((one for one in board.guests if one.person.public_id == form.instead.data), None)
    known = {"published": planning.find_plan(held.id, "published"), "organisations": people.organisation_names()}
    return form_page("desk/walk_in.html", form, session=held, added=added_one, gone=gone, answer=answer, **known)


def _bring(held: Session, form: WalkInForm) -> standing_in.Instead:
    gone = checkin.board(held).called(form.instead.data or "").person.public_id
    return standing_in.bring(
        held.id,
        form.values(),
        gone,
        known=bool(form.sure.data),
        sure=request.form.get("how") == "anyway",
        by=current_actor(),
        now=now(),
    )


@counter.get("/<string:slug>/instead/<string:public_id>")
def instead(slug: str, public_id: str) -> Any:
    """Choose who comes instead of somebody: a person without seats, or somebody new."""
    held = planning.find_session(slug)
    board, seats = checkin.board(held), standing_in.seats_left(held, now())
    gone = board.called(public_id)
    typed = request.args.get("q", "")
    free = [one for one in board.found(typed) if one.person.id not in seats and one is not gone]
    return render_template(
        "desk/instead.html",
        session=held,
        gone=gone,
        seats=seats.get(gone.person.id, 0),
        typed=typed,
        found=free[: checkin.LONGEST_LIST],
        letter=_letter(held),
    )


@counter.post("/<string:slug>/instead/<string:public_id>")
def take_over(slug: str, public_id: str) -> Any:
    """Let who was chosen take over the seats."""
    held = planning.find_session(slug)
    checkin.board(held).called(public_id)
    who = request.form.get("who", "")
    if not who:
        return see_other("facilitator.instead", slug=slug, public_id=public_id)
    return _take_over(held, who, public_id, sure=request.form.get("sure") == "yes")


def _take_over(held: Session, who: str, gone: str, *, sure: bool = False) -> Any:
    answer = standing_in.take_over(held.id, who, gone, sure=sure, by=current_actor(), now=now())
    if answer.letter:
        return see_other("facilitator.session", slug=held.slug, note="published", q=answer.number)
    board = checkin.board(planning.find_session(held.slug))
    pair = {"who": board.called(who), "gone": board.called(gone)}
    return render_template("desk/against.html", session=board.session, answer=answer, **pair), 422


def _letter(held: Session) -> str:
    plan = planning.find_plan(held.id, "published")
    return plan.letter if plan else ""
