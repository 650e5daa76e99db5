"""The door of a session on a phone: find somebody, tick them in, take it back."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request
from itsdangerous import BadData, URLSafeSerializer

from webapp.errors import NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Person, Session
from webapp.operations.reception import ticking
from webapp.operations.rounds.floor import Mark
from webapp.signin import current_actor
from webapp.views.page import see_other

counter = Blueprint("tick", __name__, url_prefix="/tick")

SCANNER = "scan"


def now() -> datetime:
    """Return the time at this moment, in UTC."""
    return datetime.now(UTC)


@counter.get("/<string:slug>")
def page(slug: str) -> Any:
    """Search, or scan; and what was just ticked, with a way back."""
    held = ticking.door_of(slug, by=current_actor())
    return _page(held)


@counter.post("/<string:slug>/here")
def here(slug: str) -> Any:
    """Tick in whom the search has found."""
    held = ticking.door_of(slug, by=current_actor())
    try:
        return _ticked(held, ticking.find_by_id(held, request.form.get("person", "")))
    except NotFound as refusal:
        return _page(held, failed=refusal.sentence), 422


@counter.post("/<string:slug>/scan")
def scan(slug: str) -> Any:
    """Tick in at once whose number was scanned or typed."""
    held = ticking.door_of(slug, by=current_actor())
    try:
        return _ticked(held, ticking.find_by_number(held, request.form.get("number", "")))
    except NotFound as refusal:
        return _page(held, failed=refusal.sentence), 422


@counter.post("/<string:slug>/undo")
def undo(slug: str) -> Any:
    """Take back what was ticked in this browser some minutes ago."""
    held = ticking.door_of(slug, by=current_actor())
    done = _read(held, request.form.get("done", ""))
    if done is None:
        raise NotNow(_("This cannot be undone here. Ask at the desk to change it."))
    public_id, before, since = done
    ticking.take_back(held, public_id, before, by=current_actor(), since=since, now=now())
    return see_other("tick.page", note="undone", slug=slug, mode=_mode())


def _mode() -> str | None:
    return SCANNER if request.values.get("mode") == SCANNER else None


def _page(held: Session, failed: str = "") -> str:
    typed, token = request.args.get("q", ""), request.args.get("done", "")
    done, person = _read(held, token), None
    if done is not None:
        try:
            person = ticking.find_by_id(held, done[0])
        except NotFound:
            done = None
    return render_template(
        "tick/page.html",
        door=ticking.look(held, typed),
        typed=typed,
        failed=failed,
        scanner=_mode() == SCANNER,
        person=person,
        before=done[1].state if done else "",
        token=token,
    )


def _ticked(held: Session, person: Person) -> Any:
    public_id = person.public_id
    before = ticking.tick_in(held, person, by=current_actor(), now=now())
    done = [public_id, before.state, before.first_round, before.last_round, now().isoformat()]
    return see_other("tick.page", slug=held.slug, mode=_mode(), done=_seal(held).dumps(done))


def _read(held: Session, token: str) -> tuple[str, Mark, datetime] | None:
    """Return whom this browser's user has ticked, how it stood before and when that was; None where that is no mark."""
    try:
        public_id, state, first, last, since = _seal(held).loads(token)
    except BadData:
        return None
    return public_id, Mark(state, first, last), datetime.fromisoformat(since)


def _seal(held: Session) -> URLSafeSerializer:
    """What was ticked goes through the address under a seal, so that nobody can make up what is said or undone."""
    return URLSafeSerializer(str(current_app.secret_key), salt=f"ticked {held.slug} {current_actor().name}")
