"""What keeps a room going when something fails: a backup now, the guide on paper."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from webapp.operations import backups, guides
from webapp.signin import current_actor
from webapp.views.page import see_other

counter = Blueprint("keeping", __name__)


@counter.get("/guide.pdf")
def guide() -> Response:
    """The facilitator's guide."""
    content = guides.facilitators_guide(paper=request.args.get("paper", "a4"))
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": "inline; filename=guide.pdf"})


@counter.post("/backup")
def back_up() -> Answer:
    """Leave a backup now."""
    backups.back_up_now(by=current_actor())
    return see_other("facilitator.today")
