"""Commands that carry files in and out: `rondo import` and `rondo export`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from matcher.commands.words import Refusal
from webapp.commands.house import house, operator, session_id, with_data
from webapp.commands.plans import write_file
from webapp.db import db
from webapp.errors import BadInput
from webapp.exchange.columns import FIELDS
from webapp.exchange.spreadsheet import MOST_BYTES
from webapp.models import Event, Session
from webapp.operations.deletion import purge
from webapp.operations.door import step_up
from webapp.operations.files import exporting
from webapp.operations.files.event_file import trading as event_files
from webapp.operations.files.importing import judging
from webapp.operations.files.importing.lines import Change, Line, Preview, Problem

EVENT = "event"
KINDS = (*FIELDS, EVENT)
MOST_LINES = 50
WHOLE = (EVENT, "people", "numbers", "programme")
OF_SESSIONS = ("specialists", "tools", "plan", "problem")


def meaning(_context: click.Context, _option: click.Parameter, typed: tuple[str, ...]) -> dict[str, str]:
    """Read HEADER=FIELD; a FIELD of nothing leaves the column out."""
    if any("=" not in one for one in typed):
        raise click.BadParameter("write HEADER=FIELD, like 'Your name=name'")
    return {header.strip(): field.strip() for header, _sign, field in (one.rpartition("=") for one in typed)}


@click.command("import", epilog="Example: rondo import people.csv --kind people --yes")
@with_data
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the rows of FILE are.")
@click.option("--session", metavar="SESSION", help="Whose specialists or tool tables they are.")
@click.option("--column", "columns", multiple=True, metavar="HEADER=FIELD", callback=meaning,
              help="What a column is, where its name does not tell; can be given several times.")  # fmt: skip
@click.option("--keep/--take", default=True, show_default=True, help="Keep what people saved, or take the file's.")
@click.option("--yes", is_flag=True, help="Store it; without this only what would change is shown.")
def bring_in(file: Path, *, kind: str, session: str | None, columns: dict[str, str], keep: bool, yes: bool) -> None:
    """Bring in people, specialists, tool tables or a whole event from FILE (CSV or XLSX): all of it, or nothing."""
    with house():
        _refuse_where_all_is_deleted()
        if kind == EVENT:
            _bring_in_event(_content(file), file, plain=session is None and not columns, yes=yes)
            return
        incoming = _incoming(file, kind, session, columns)
        shown = judging.preview(incoming, by=operator())
        _show(shown)
        if shown.problems:
            raise Refusal(f"{file}: nothing was stored; put these {len(shown.problems)} right first")
        if not yes:
            click.echo("Nothing was stored. Store it with --yes.")
            return
        judging.store(incoming, digest=shown.digest, keep=keep, by=operator())
        click.echo("Stored.")


def _refuse_where_all_is_deleted() -> None:
    event = db.session.get(Event, 1)
    if event is not None and (event.deleted_at is not None or purge.under_way(purge.folder())):
        raise Refusal("everything about this event was deleted; bring the file into a folder of its own: --data DIR")


def _content(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise Refusal(f"{file}: is larger than 2 megabytes")
    return file.read_bytes()


def _bring_in_event(content: bytes, file: Path, *, plain: bool, yes: bool) -> None:
    if not plain:
        raise Refusal("--session and --column do not go with --kind event")
    shown = event_files.preview(content, by=operator())
    for problem in shown.problems[:MOST_LINES]:
        click.echo(f"sheet {problem.sheet}, {_place(problem)}: {problem.sentence}")
    if shown.problems:
        raise Refusal(f"{file}: nothing was stored; put these {len(shown.problems)} right first")
    for sheet in shown.sheets:
        _lines(
            f"{sheet.name}: changed", sheet.changed, lambda change: f"{change.field}: {change.before} -> {change.after}"
        )
        click.echo(f"{sheet.name}: {len(sheet.new)} new, {len(sheet.changed)} changed, {sheet.unchanged} as they are, "
                   f"{len(sheet.missing)} here and not in the file (they stay).")  # fmt: skip
    for note in shown.notes:
        click.echo(note)
    click.echo(f"{shown.new} new, {shown.changed} changed. Keep-apart pairs, codes and drafts are in no such file.")
    if not yes:
        click.echo("Nothing was stored. Store it with --yes.")
        return
    event_files.store(content, digest=shown.digest, by=operator())
    click.echo("Stored.")


def _incoming(file: Path, kind: str, session: str | None, columns: dict[str, str]) -> judging.Incoming:
    if (session is not None) != (kind != "people"):
        raise Refusal("--session goes with --kind specialists or tools, and is needed there")
    content = _content(file)
    held = db.session.get(Session, session_id(session)) if session else None
    if held is not None and judging.KINDS.get(held.format) != kind:
        raise Refusal(f"{session} has no {kind}: its format is {held.format}")
    incoming = judging.Incoming(content, session or "")
    sheet = incoming.sheet
    unknown = sorted(columns.keys() - set(sheet.header))
    if unknown:
        raise Refusal(f"{file}: there is no column {unknown[0]!r}; there are: {', '.join(sheet.header)}")
    found = [columns.get(name, field) for name, field in zip(sheet.header, judging.guessed(kind, sheet), strict=True)]
    try:
        judging.refuse_columns(kind, found, sheet)
    except BadInput as refusal:
        fields = ", ".join(FIELDS[kind])
        raise Refusal(f"{file}: {refusal.sentence} Name columns with --column HEADER=FIELD; fields: {fields}") from None
    return replace(incoming, columns=tuple(found))


def _show(shown: Preview) -> None:
    for problem in shown.problems[:MOST_LINES]:
        click.echo(f"{_place(problem)}: {problem.sentence}")
    _lines("new", shown.new, lambda change: f"{change.field}: {change.after}")
    _lines("changed", shown.changed, lambda change: f"{change.field}: {change.before} -> {change.after}")
    changed = sum(bool(line.changes) for line in shown.changed)
    click.echo(
        f"{len(shown.new)} new, {changed} changed, {shown.unchanged} as they are, {shown.kept} with something that "
        f"people saved themselves, {len(shown.missing)} here and not in the file (they stay)."
    )


def _place(problem: Problem) -> str:
    return f"row {problem.row}" + (f", column {problem.column} ({problem.header})" if problem.column else "")


def _lines(what: str, lines: tuple[Line, ...], said: Callable[[Change], str]) -> None:
    for line in lines[:MOST_LINES]:
        note = f" [{line.note}]" if line.note else ""
        click.echo(f"row {line.row}: {what}: {line.name} {line.number}".rstrip() + note)
        for change in line.changes:
            click.echo(f"    {said(change)}")
        for change in line.kept:
            click.echo(f"    saved by the person: {said(change)}")
    if len(lines) > MOST_LINES:
        click.echo(f"... and {len(lines) - MOST_LINES} more {what}")


@click.command("export", epilog="Example: rondo export people --out people.xlsx")
@with_data
@click.argument("kind", type=click.Choice((*WHOLE, *OF_SESSIONS)))
@click.option("--session", metavar="SESSION", help="Of which session.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
              help="Its ending says how: csv, xlsx, pdf (numbers), ics (programme), json (plan, problem).")  # fmt: skip
def take_out(kind: str, session: str | None, out: Path) -> None:
    """Write the whole event, people, hosts, figures, the programme, a plan or the engine's problem as a file.

    No file holds codes or keep-apart pairs.
    """
    if (session is not None) != (kind in OF_SESSIONS):
        raise Refusal(f"--session goes with {', '.join(OF_SESSIONS)}, and is needed there")
    ending = out.suffix.lstrip(".").lower()
    with house():
        what = "hosts" if kind in ("specialists", "tools") else kind
        if session is None:
            fitting = _fitting(kind, ending)
            content = (
                event_files.event_file(by=operator())
                if kind == EVENT
                else exporting.file_of(kind, fitting, by=operator())
            )
        else:
            session_id(session)
            content = exporting.file_of_session(session, what, _fitting(kind, ending), by=operator())
        if what in step_up.LABELS:
            step_up.note_taken(what, by=operator())
    write_file(out, content)


def _fitting(kind: str, ending: str) -> str:
    others = {
        EVENT: ("xlsx",), "programme": ("ics",), "problem": ("json",), "plan": ("csv", "xlsx", "json"),
        "numbers": ("csv", "xlsx", "pdf"),
    }  # fmt: skip
    fit = others.get(kind, ("csv", "xlsx"))
    if ending not in fit:
        raise Refusal(f"{kind} can be written as {' or '.join(fit)}: end the file's name with .{fit[0]}")
    return ending
