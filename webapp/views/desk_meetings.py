"""The facilitator's pages about the meetings of a draft: see them, lock and unlock, move somebody, swap tables."""

from typing import Any

from flask import render_template, request

from webapp.db import db
from webapp.models import Plan
from webapp.operations.guests import people
from webapp.operations.plans import editing, objections, planning, seating
from webapp.operations.plans.editing import Answer, Draft
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.page import see_other

LONGEST_NUMBER = 6


@counter.get("/<string:slug>/draft/meetings")
def meetings(slug: str) -> Any:
    """Who sits where in a round of the draft."""
    held = planning.find_session(slug)
    plan = planning.find_plan(held.id, "draft")
    if plan is None:
        return see_other("facilitator.session", slug=slug)
    typed = request.args.get("q", "")
    return render_template(
        "desk/meetings.html",
        session=held,
        plan=plan,
        round=seating.round_of(plan, _looked_at(plan), typed),
        typed=typed,
        lost=objections.lost_locks(db.session(), plan),
    )


@counter.post("/<string:slug>/draft/meetings/lock")
def lock(slug: str) -> Any:
    """Lock a meeting of the draft that was looked at."""
    answer = editing.lock(_seen(slug), _number(), _field("table"), by=current_actor())
    return _answered(slug, answer, "lock")


@counter.post("/<string:slug>/draft/meetings/unlock")
def unlock(slug: str) -> Any:
    """Unlock a meeting of the draft that was looked at."""
    answer = editing.unlock(_seen(slug), _number(), _field("table"), sure=_sure(), by=current_actor())
    return _answered(slug, answer, "unlock", table=_field("table"))


@counter.post("/<string:slug>/draft/meetings/swap")
def swap(slug: str) -> Any:
    """Let two tables of a round change places."""
    tables = (_field("table"), _field("other"))
    return _answered(slug, editing.swap(_seen(slug), _number(), tables, by=current_actor()), "swap")


@counter.route("/<string:slug>/draft/move/<string:public_id>", methods=["GET", "POST"])
def move(slug: str, public_id: str) -> Any:
    """Choose where somebody goes in a round, then let them go there."""
    held, person = planning.find_session(slug), people.person_called(public_id)
    if request.method == "POST":
        kind, _, goal = _field("to").partition(":")
        verb = editing.trade if kind == "person" else editing.move_to
        answer = verb(_seen(slug), (_number(), public_id), goal, sure=_sure(), by=current_actor())
        return _answered(slug, answer, "move", public_id=public_id, to=_field("to"))
    plan = planning.find_plan(held.id, "draft")
    if plan is None:
        return see_other("facilitator.session", slug=slug)
    number = _looked_at(plan)
    return render_template(
        "desk/move.html",
        session=held,
        plan=plan,
        number=number,
        person=person,
        choices=seating.choices(plan, number, person),
    )


def _answered(slug: str, answer: Answer, verb: str, **again: str) -> Any:
    """Go back to the round where it is done; else tell what stands against it, and offer what can be done."""
    number = _number()
    if answer.done:
        at = f"place-{_field('at')}" if _field("at").isdecimal() else None
        return see_other(
            "facilitator.meetings", slug=slug, round=number, q=_field("q") or None, note="saved", _anchor=at
        )
    page = render_template(
        "desk/objections.html",
        session=planning.find_session(slug),
        number=number,
        answer=answer,
        verb=verb,
        draft=_field("draft"),
        again=again,
    )
    return page, 422


def _seen(slug: str) -> Draft:
    return Draft(planning.find_session(slug).id, _field("draft"))


def _field(name: str) -> str:
    return request.form.get(name, "")


def _sure() -> bool:
    return _field("sure") == "yes"


def _number() -> int:
    return _read(_field("round"))


def _looked_at(plan: Plan) -> int:
    """The round of the address, as far as there is one."""
    return min(max(_read(request.args.get("round", "")), 1), max(plan.rounds, 1))


def _read(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
