"""What keeps the house: a backup now, the guide on paper, and the password once more before files with names leave."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from webapp.errors import NotFound, TooSoon
from webapp.forms.account import ConfirmForm
from webapp.i18n import gettext as _
from webapp.operations.door import step_up
from webapp.operations.paper import guides
from webapp.operations.plans import backups
from webapp.signin import browser_cookie, current_actor
from webapp.views.page import came_from, see_other, wait_for
from webapp.views.public import safe_path

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


def first_confirm(back: str) -> Answer | None:
    """Lead to the page that asks for the password, and from there to `back`; nowhere where the sign-in is fresh.

    A view says `return first_confirm(…) or …`.
    """
    if step_up.is_fresh(browser_cookie()):
        return None
    answer: Answer = see_other("keeping.confirm", back=back)
    return answer


@counter.route("/confirm", methods=["GET", "POST"])
def confirm() -> tuple[str, int] | Answer:
    """Ask for the password of whoever is signed in, and go back to where it was asked for."""
    by, form, failed, status = current_actor(), ConfirmForm(), "", 200
    if form.is_submitted():
        status = 422
        try:
            if form.validate():
                step_up.confirm(browser_cookie(), form.password.data or "", address=came_from(), by=by)
                return redirect(safe_path(request.args.get("back", "")), 303)
        except TooSoon as refusal:
            failed, status = wait_for(refusal), 429
        except NotFound:
            failed = _("This is not the password of your account.")
    known = step_up.has_password(by)
    return render_template("confirm.html", form=form, failed=failed, known=known, fresh=step_up.FRESH_FOR), status
