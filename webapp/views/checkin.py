"""The facilitator's pages on which people are ticked: one by one, a whole organisation, all who are missing."""

from datetime import UTC, datetime
from typing import Any

from flask import render_template, request

from webapp import jobs
from webapp.db import db
from webapp.models import Session
from webapp.operations.guests import finding
from webapp.operations.plans import planning, presence
from webapp.operations.plans.clock import begun
from webapp.operations.reception import checkin, desk
from webapp.operations.reception.checkin import Board
from webapp.operations.rounds import floor, standing_in
from webapp.operations.rounds.floor import Mark
from webapp.signin import current_actor
from webapp.views.facilitator import counter
from webapp.views.page import see_other

MOMENT = "%Y%m%dT%H%M%S.%f"
MOST_DIGITS = 18
LONGEST_KEPT = 10
KEPT = ("show", "letter", "scan")
"""What of an address stays when a page comes back to it."""


def now() -> datetime:
    """The time, on the clock that tests set."""
    return datetime.now(UTC)


def shown(board: Board) -> dict[str, Any]:
    """What the address asks to see of a session's guests, and what it says was just ticked."""
    asked = request.args
    typed, scan = asked.get("q", ""), asked.get("scan") == "on"
    name = asked.get("show", "")
    listed = board.on(name) if name in checkin.LISTS else []
    initials = checkin.letters(listed) if len(listed) > checkin.LONGEST_LIST else []
    letter = asked.get("letter", "")
    if initials:
        listed = [one for one in listed if one.letter == letter]
    hits = board.found(typed)
    return {
        "board": board,
        "typed": typed,
        "scan": scan,
        "show": name if name in checkin.LISTS and not typed.strip() else "",
        "letter": letter if initials else "",
        "initials": initials,
        "listed": listed[: checkin.LONGEST_LIST],
        "hits": hits[: checkin.LONGEST_LIST],
        "found": len(hits),
        "exact": board.numbered(typed) is not None,
        "done": _done(board),
        "kept": {key: asked[key] for key in KEPT if asked.get(key)},
    }


def _done(board: Board) -> dict[str, Any] | None:
    """What was just ticked, as far as it is still so."""
    asked = request.args
    at = _moment(asked.get("batch", ""))
    if at is not None:
        count, state = floor.ticked_at(board.session.id, at, by=current_actor())
        return {"count": count, "state": state, "batch": asked["batch"]} if count else None
    was = Mark.read(asked.get("was", ""))
    guest = next((one for one in board.guests if one.person.public_id == asked.get("done", "")), None)
    return None if was is None or guest is None else {"guest": guest, "was": was, "same": was == guest.mark}


@counter.get("/<string:slug>")
def session(slug: str) -> Any:
    """A session's desk: who has come, a search, and the next step."""
    held = planning.find_session(slug)
    there = presence.expected(db.session(), held)
    at_work = next((job for kind in ("plan", "try", "anew") if (job := jobs.under_way(held.id, kind))), None)
    seen = shown(checkin.board(held, there))
    return render_template("desk/session.html", room=desk.room(held, there, now=now()), job=at_work, **seen)


@counter.get("/<string:slug>/counts")
def counts(slug: str) -> str:
    """The bar alone, for pages that ask for it again and again."""
    return render_template("desk/bar.html", board=checkin.board(planning.find_session(slug)))


@counter.post("/<string:slug>/tick")
def tick(slug: str) -> Any:
    """Tick somebody; which button was pressed says how, and its value whom."""
    held = planning.find_session(slug)
    state = next((name for name in floor.STATES if request.form.get(name)), "")
    if not state:
        return see_other("facilitator.session", slug=slug, **_kept())
    return _tick(held, request.form[state], state)


@counter.post("/<string:slug>/scan")
def scan(slug: str) -> Any:
    """Tick whoever has exactly the number that was typed or scanned; anything else is looked for."""
    held = planning.find_session(slug)
    typed = request.form.get("q", "")
    guest = checkin.board(held).numbered(typed)
    if guest is None:
        looked = finding.number_in(typed) or ("" if "://" in typed else typed[: finding.LONGEST_SEARCH])
        return see_other("facilitator.session", slug=slug, q=looked.replace("\x00", "") or None, scan="on")
    return _tick(held, guest.person.public_id, "here", scan="on")


@counter.post("/<string:slug>/undo")
def undo(slug: str) -> Any:
    """Let whoever was ticked last stand as before."""
    held, sent = planning.find_session(slug), request.form
    at = _moment(sent.get("batch", ""))
    was, left = Mark.read(sent.get("was", "")), Mark.read(sent.get("left", ""))
    if at is not None:
        floor.undo_all(held.id, at, by=current_actor())
    elif was is not None and left is not None:
        floor.undo(held.id, sent.get("who", ""), was, left, by=current_actor(), now=now())
    else:
        return see_other("facilitator.session", slug=slug, **_kept())
    return see_other("facilitator.session", slug=slug, note="undone", **_kept())


@counter.get("/<string:slug>/guest/<string:public_id>")
def guest(slug: str, public_id: str) -> str:
    """One person at the desk: what the buttons of a list cannot say."""
    held = planning.find_session(slug)
    board, running = checkin.board(held), begun(held, now())
    found = board.called(public_id)
    seats = standing_in.seats_left(held, now()).get(found.person.id, 0)
    return render_template("desk/guest.html", session=held, board=board, guest=found, running=running, seats=seats)


@counter.post("/<string:slug>/guest/<string:public_id>")
def set_rounds(slug: str, public_id: str) -> Any:
    """Say from which round on somebody comes, or after which one they go."""
    held, sent = planning.find_session(slug), request.form
    first, last = _number(sent.get("first", "")), _number(sent.get("last", ""))
    if first is not None:
        return _tick(held, public_id, "late", first=first)
    if last is not None:
        return _tick(held, public_id, "here", last=last)
    return see_other("facilitator.guest", slug=slug, public_id=checkin.board(held).called(public_id).person.public_id)


@counter.get("/<string:slug>/organisations")
def organisations(slug: str) -> str:
    """Everybody by organisation, with one button for all of one."""
    board = checkin.board(planning.find_session(slug))
    return render_template("desk/organisations.html", session=board.session, board=board, houses=board.houses())


@counter.post("/<string:slug>/organisations")
def all_here(slug: str) -> Any:
    """Tick everybody of an organisation as here who is still expected."""
    held, one = planning.find_session(slug), request.form.get("one", "")
    if not one:
        return see_other("facilitator.organisations", slug=slug)
    done = floor.all_here(held.id, one, by=current_actor(), now=now())
    return see_other("facilitator.session", slug=slug, batch=_word(done.at) if done.before else None)


@counter.get("/<string:slug>/missing")
def missing(slug: str) -> str:
    """Who is still expected, before all of them are ticked as absent."""
    board = checkin.board(planning.find_session(slug))
    return render_template("desk/missing.html", session=board.session, board=board, guests=board.on(floor.EXPECTED))


@counter.post("/<string:slug>/missing")
def all_absent(slug: str) -> Any:
    """Tick everybody as absent who is still expected."""
    held = planning.find_session(slug)
    done = floor.all_absent(held.id, by=current_actor(), now=now())
    return see_other("facilitator.session", slug=slug, batch=_word(done.at) if done.before else None)


def _tick(
    held: Session, public_id: str, state: str, *, first: int | None = None, last: int | None = None, **kept: str
) -> Any:
    rounds = {"first_round": first, "last_round": last}
    done = floor.tick(held.id, [public_id], state, by=current_actor(), now=now(), **rounds)
    before = done.before.get(public_id)
    word = before.word if before is not None else _stands(held, public_id)
    return see_other("facilitator.session", slug=held.slug, done=public_id, was=word, **{**_kept(), **kept})


def _stands(held: Session, public_id: str) -> str:
    """How somebody stands whom a tick has not changed."""
    return checkin.board(held).called(public_id).mark.word


def _kept() -> dict[str, str]:
    return {key: request.form[key][:LONGEST_KEPT] for key in KEPT if request.form.get(key)}


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS else None


def _word(at: datetime) -> str:
    """A moment as an address carries it."""
    return at.strftime(MOMENT)


def _moment(word: str) -> datetime | None:
    try:
        return datetime.strptime(word, MOMENT)  # noqa: DTZ007 rows keep UTC without a zone
    except ValueError:
        return None
