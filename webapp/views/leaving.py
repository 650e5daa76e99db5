"""Leaving, in each of its ways, and what this house holds of a person; a page each, and one press."""

from datetime import UTC, datetime

from flask import Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from webapp.errors import NotFound
from webapp.operations.deletion import leaving as ways
from webapp.operations.deletion import own_data
from webapp.operations.event import programme
from webapp.policy import shows
from webapp.signin import current_actor, let_out_at_once
from webapp.views.page import see_other
from webapp.views.participant import counter


@counter.get("/me/leaving")
def leaving() -> str:
    """All the ways there are."""
    return render_template("participant/leaving.html", whole=ways.parts_of(current_actor(), now=datetime.now(UTC)))


@counter.route("/me/leaving/session/<string:slug>", methods=["GET", "POST"])
def withdraw(slug: str) -> str | Answer:
    """Withdraw from one session, or take that back."""
    by, now = current_actor(), datetime.now(UTC)
    if request.method == "POST":
        back = bool(request.form.get("back"))
        (ways.come_back if back else ways.withdraw)(slug, by=by, now=now)
        answer: Answer = see_other("participant.leaving", note="back" if back else "withdrawn")
        return answer
    whole, part = ways.part_of(slug, by=by, now=now)
    return render_template("participant/withdraw.html", whole=whole, part=part)


@counter.route("/me/leaving/event", methods=["GET", "POST"])
def leave() -> str | Answer:
    """Leave the event, or come back."""
    by, now = current_actor(), datetime.now(UTC)
    if request.method == "POST":
        back = bool(request.form.get("back"))
        (ways.return_to_event if back else ways.leave)(by=by, now=now)
        answer: Answer = see_other("participant.leaving", note="returned" if back else "gone")
        return answer
    return render_template("participant/leave.html", whole=ways.parts_of(by, now=now))


@counter.route("/me/leaving/everything", methods=["GET", "POST"])
def delete() -> str | Response:
    """Delete everything at once; the page that answers is the last one of this person."""
    by = current_actor()
    if request.method == "POST":
        try:
            return _all_gone(ways.delete_all(by=by))
        except NotFound:
            answer = deleted_before()
            if answer is None:
                raise
            return answer
    event = programme.the_event()
    if event is None:
        raise NotFound
    return render_template("participant/delete.html", event=event, pledge=ways.pledge(by))


def deleted_before() -> Response | None:
    """Return the last page once more to whoever presses twice; nothing for anybody who is not deleted."""
    if request.method != "POST" or request.endpoint != "participant.delete":
        return None
    try:
        receipt = ways.deleted_before(request.form.get("pledge", ""))
    except RequestEntityTooLarge:
        return None
    return None if receipt is None else _all_gone(receipt)


def _all_gone(receipt: ways.Receipt) -> Response:
    let_out_at_once()
    answer = Response(render_template("participant/deleted.html", receipt=receipt))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@counter.get("/me/held")
def held() -> str:
    """What this house holds of me."""
    found = own_data.holding_of(current_actor(), now=datetime.now(UTC))
    return render_template("participant/held.html", held=found)


@counter.get("/me/held.json")
def held_json() -> Response:
    """The same as a file for machines."""
    found = own_data.holding_of(current_actor(), now=datetime.now(UTC))
    return _file(found, own_data.as_json(found), "application/json", "json")


@counter.get("/me/held.txt")
def held_text() -> Response:
    """The same as a file to read."""
    found = own_data.holding_of(current_actor(), now=datetime.now(UTC))
    return _file(found, own_data.as_text(found), "text/plain; charset=utf-8", "txt")


def _file(found: own_data.Holding, content: str, kind: str, ending: str) -> Response:
    name = "held" if shows("name", to="calendar", preset=found.event.preset) else "notes"
    headers = {"Content-Disposition": f"attachment; filename={name}.{ending}"}
    return Response(content, content_type=kind, headers=headers)
