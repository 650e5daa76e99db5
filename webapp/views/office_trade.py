"""The organiser's pages about files: what comes in, step by step, and what goes out."""

from typing import Any

from flask import Response, render_template, request, url_for

from webapp.errors import BadInput, NotFound, NotNow
from webapp.exchange.ledger import KIND_OF_FILE
from webapp.exchange.spreadsheet import ENCODINGS
from webapp.forms.importing import CharactersForm, FileForm, StoreForm, about_of, columns_form
from webapp.models import WaitingFile
from webapp.models.programme import HOSTED
from webapp.operations.door import step_up
from webapp.operations.event import programme
from webapp.operations.files import exporting
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file import trading as event_files
from webapp.operations.files.event_file import waiting as whole_files
from webapp.operations.files.importing import waiting
from webapp.operations.files.importing.judging import kind_of, preview
from webapp.signin import browser_cookie, current_actor
from webapp.views.keeping import first_confirm
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other


@counter.route("/office/import", methods=["GET", "POST"])
def imports() -> Any:
    """Choose a file; what is in it, and what it would change, comes on the next pages."""
    by = current_actor()
    visited = [session for session in programme.sessions() if session.format in HOSTED]
    asked = next((about_of(one) for one in visited if one.slug == request.args.get("session")), None)
    described = programme.the_event() is not None
    form = FileForm(visited=visited, described=described, data={"about": asked})
    if form.validate_on_submit():
        with told(form):
            if form.whole:
                public_id = whole_files.receive(form.content(), by=by)
                return see_other("organiser.import_event", public_id=public_id)
            public_id = waiting.receive(form.content(), form.session, by=by)
            return see_other("organiser.import_columns", public_id=public_id)
    return form_page("office/import.html", form, described=described, waits=waiting.waiting_of(by))


@counter.route("/office/import/<string:public_id>/columns", methods=["GET", "POST"])
def import_columns(public_id: str) -> Any:
    """Say what each column is."""
    by = current_actor()
    found = waiting.waiting_called(public_id, by=by)
    if found.whole:
        return see_other("organiser.import_event", public_id=public_id)
    kind, sheet = kind_of(found.session), waiting.incoming_of(found).sheet
    form = columns_form(kind, sheet, found.columns, found.usual_role)
    if form.validate_on_submit():
        with told(form):
            waiting.say_columns(public_id, form.chosen(), str(form.usual_role.data), by=by)
            return see_other("organiser.import_preview", public_id=public_id)
    return form_page(
        "office/import_columns.html",
        form,
        waits=found,
        kind=kind,
        sheet=sheet,
        characters=CharactersForm(data={"encoding": sheet.encoding}, formdata=None),
        encoding=ENCODINGS.get(sheet.encoding, ""),
    )


@counter.post("/office/import/<string:public_id>/characters")
def import_characters(public_id: str) -> Any:
    """Read the file with other characters."""
    waiting.read_as(public_id, request.form.get("encoding", ""), by=current_actor())
    return see_other("organiser.import_columns", public_id=public_id)


@counter.route("/office/import/<string:public_id>", methods=["GET", "POST"])
def import_preview(public_id: str) -> Any:
    """Show all that the file would change, or all that is wrong with it; store it when that is pressed."""
    by = current_actor()
    found = waiting.waiting_called(public_id, by=by)
    if found.whole:
        return see_other("organiser.import_event", public_id=public_id)
    form, refused = StoreForm(), ""
    if form.validate_on_submit():
        into = {"slug": found.session.slug} if found.session else {}
        try:
            waiting.finish(public_id, digest=str(form.digest.data), keep=form.keep.data == "theirs", by=by)
            return see_other("organiser.hosts" if into else "organiser.people", note="imported", **into)
        except NotNow as refusal:
            refused = refusal.sentence
    try:
        return _preview_page(found, form, refused)
    except BadInput:
        # what its columns are has not been said yet
        return see_other("organiser.import_columns", public_id=public_id)


def _preview_page(found: WaitingFile, form: StoreForm, refused: str) -> tuple[str, int]:
    shown = preview(waiting.incoming_of(found), by=current_actor())
    form.digest.data = shown.digest
    values = {"waits": found, "kind": kind_of(found.session), "preview": shown, "refused": refused}
    return form_page("office/import_preview.html", form, **values)


@counter.route("/office/import/<string:public_id>/event", methods=["GET", "POST"])
def import_event(public_id: str) -> Any:
    """Show what a file of a whole event would change, or all that is wrong with it; store it when that is pressed."""
    by = current_actor()
    found, form, refused = waiting.waiting_called(public_id, by=by), StoreForm(), ""
    if not found.whole:
        return see_other("organiser.import_columns", public_id=public_id)
    if form.validate_on_submit():
        try:
            whole_files.finish(public_id, digest=str(form.digest.data), by=by)
            return see_other("organiser.checklist", note="imported")
        except NotNow as refusal:
            refused = refusal.sentence
    shown = event_files.preview(found.content, by=by)
    form.digest.data = shown.digest
    return form_page("office/import_event.html", form, waits=found, preview=shown, refused=refused)


@counter.post("/office/import/<string:public_id>/cancel")
def cancel_import(public_id: str) -> Any:
    """Let go of the file."""
    waiting.cancel(public_id, by=current_actor())
    return see_other("organiser.imports", note="cancelled")


@counter.get("/office/export")
def exports() -> str:
    """All that can be taken out as a file."""
    return render_template(
        "office/export.html",
        sessions=exporting.whats_there(),
        columns=exporting.COLUMNS,
        sheets=[(sheet.name, sheet.header) for sheet in book.SHEETS],
        described=programme.the_event() is not None,
        taken=step_up.taken_so_far(),
        fresh=step_up.is_fresh(browser_cookie()),
    )


@counter.get("/office/export/<string:what>.<string:ending>")
def export(what: str, ending: str) -> Response:
    """Figures or the programme as a file, with no person in them."""
    if what in step_up.LABELS:
        raise NotFound
    paper = request.args.get("paper", "a4")
    return _file(exporting.file_of(what, ending, by=current_actor(), paper=paper), what, ending)


@counter.post("/office/files/<string:what>.<string:ending>")
def take_out(what: str, ending: str) -> Any:
    """The whole event or its people as a file: noted, and only where the sign-in is fresh."""
    if what not in step_up.LABELS:
        raise NotFound
    by = current_actor()

    def content() -> bytes:
        whole = (what, ending) == ("event", "xlsx")
        return event_files.event_file(by=by) if whole else exporting.file_of(what, ending, by=by)

    return first_confirm(url_for("organiser.exports")) or _taken(content(), what, ending)


@counter.post("/office/files/<string:slug>/<string:what>.<string:ending>")
def take_out_of(slug: str, what: str, ending: str) -> Any:
    """What is kept of one session as a file: noted, and only where the sign-in is fresh."""
    return first_confirm(url_for("organiser.exports")) or _taken(
        exporting.file_of_session(slug, what, ending, by=current_actor()), what, ending
    )


def _taken(content: bytes, what: str, ending: str) -> Response:
    step_up.note_taken(what, by=current_actor())
    return _file(content, what, ending)


def _file(content: bytes, what: str, ending: str) -> Response:
    # both are words that the operation knows, or it would have refused
    headers = {"Content-Disposition": f"attachment; filename={what}.{ending}"}
    return Response(content, content_type=f"{KIND_OF_FILE[ending]}; charset=utf-8", headers=headers)
