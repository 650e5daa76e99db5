"""What every page is given: who asks, one sentence about what was just done."""

from io import BytesIO
from typing import IO, Any
from urllib.parse import urlencode

from flask import Flask, Request, redirect, request, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from webapp.errors import TooSoon
from webapp.exchange.spreadsheet import MOST_BYTES
from webapp.exchange.vcard import way_to_reach
from webapp.i18n import lazy_gettext as _
from webapp.i18n import ngettext
from webapp.models.rounds import letters
from webapp.operations.guests.finding import number_in
from webapp.operations.words import titles
from webapp.policy import shows
from webapp.signin import current_actor

# After a redirect the address carries one of these words; never a sentence, so nobody can put words in our mouth.
NOTES = {
    "saved": _("Saved."),
    "answered": _("Noted, thank you. Nobody is shown it; it is only counted."),
    "exchange": _("Noted. Nobody is told before all answers are opened; and of a no, nobody ever."),
    "theirs": _("You are signed in. What was typed before is somebody else's, so it is not shown here."),
    "noted": _("Noted."),
    "added": _("Added."),
    "removed": _("Removed."),
    "settled": _("Settled. They are kept apart from now on."),
    "forgotten": _("Taken back, as far as there was anything."),
    "ended": _("Ended. From now on that phone can tick nobody in."),
    "all-ended": _("Ended for all. From now on their phones can tick nobody in."),
    "published": _("Published. Everybody sees this version from now on."),
    "taken": _("Taken over. The session has these rules now, and this is its draft."),
    "left": _("Left as it is. What was tried is gone."),
    "undone": _("Undone. Everything stands as it did before."),
    "overtaken": _("Somebody was quicker, so nothing was done twice. This is how things stand now."),
    "moved": _("Moved. The screen, everybody's pages and calendars show the new times."),
    "connected": _("Connected. The screen shows this session until its day ends."),
    "reissued": _("Published. Whoever has other tables now sees that on their page. Print the cards that changed."),
    "taken_back": _("Taken back. The tables of the version before hold again, as a new version."),
    "withdrawn": _("You have withdrawn. Nothing else has changed."),
    "back": _("You are in again. Go by what stands under My rounds."),
    "gone": _("You have left the event. You can come back here, or delete everything."),
    "returned": _("Welcome back. Look at your sessions below."),
    "stopped": _("Stopped. Nothing was changed."),
    "imported": _("Stored. All that was in the file is here now."),
    "ways-taken-back": _("Taken back. From now on nothing lets this person in until you give a new code."),
    "all-taken-back": _("Taken back from everybody. Print new slips, or send new links."),
    "cancelled": _("The file is gone. Nothing of it was kept."),
}

SEARCHES = ("q", "number")
"""The fields of addresses into which somebody types or scans a number."""

LETTER_BOX = "organiser.imports"
"""The one door that takes files."""

LARGEST_FILE = MOST_BYTES + 64 * 1024
LARGEST_FIELD = 96 * 1024


class Letter(Request):
    """A request whose files are held in memory: nothing that somebody sends is put on the disk as it came."""

    def _get_file_stream(self, *_told: object, **_more: object) -> IO[bytes]:
        return BytesIO()


def widen_letter_box() -> None:
    """Let more in at the one door that takes files."""
    if request.endpoint == LETTER_BOX and request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_FILE
        # a file is read in pieces of 64 kB, each with what was left of the one before
        request.max_form_memory_size = LARGEST_FIELD


def described_by(field: Any, hint: object = None) -> str | None:
    """Return the ids of what explains a field, for screen readers."""
    ids = [f"{field.id}-error"] * bool(field.errors) + [f"{field.id}-hint"] * bool(hint)
    return " ".join(ids) or None


def see_other(endpoint: str, note: str | None = None, **values: Any) -> Any:
    """Answer a finished form: go and look at `endpoint` (303), with one of `NOTES`."""
    return redirect(url_for(endpoint, note=note, **values), 303)


def came_from() -> str:
    """Return the address a request came from, as far as the proxies in front can be trusted; it is kept nowhere."""
    return request.remote_addr or ""


def wait_for(refusal: TooSoon) -> str:
    """Say how long to wait after too many wrong tries."""
    return ngettext(
        "There were too many wrong tries. Wait %(num)s second, then try again.",
        "There were too many wrong tries. Wait %(num)s seconds, then try again.",
        refusal.seconds,
    )


def refuse_strange_requests() -> None:
    """Refuse NUL characters in the address, and bodies that no page sends, before anything reads them."""
    if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
        raise BadRequest
    if request.is_json or (request.files and request.endpoint != LETTER_BOX):
        # forms would read either as if it had been typed
        raise UnsupportedMediaType


def keep_what_signs_in_out_of_addresses() -> Any:
    """Ask again by the number alone where a scanner read a card or a slip into a search: that would stay in history."""
    asked = list(request.args.items())
    scanned = any("://" in value for name, value in asked if name in SEARCHES)
    if request.endpoint is None or request.method not in {"GET", "HEAD"} or not scanned:
        return None
    kept = [(name, number_in(value) if name in SEARCHES and "://" in value else value) for name, value in asked]
    page = url_for(request.endpoint, **(request.view_args or {}))
    return redirect(f"{page}?{urlencode([pair for pair in kept if pair[1]])}", 303)


def register(app: Flask) -> None:
    """Offer all this to the templates."""
    app.before_request(refuse_strange_requests)
    app.before_request(keep_what_signs_in_out_of_addresses)
    app.jinja_env.globals.update(described_by=described_by, letters=letters, shows=shows)
    app.jinja_env.filters.update(titled=titles.titled, way_to_reach=way_to_reach)
    app.context_processor(
        lambda: {"actor": current_actor(), "note": NOTES.get(request.args.get("note", "")) if request else None}
    )
