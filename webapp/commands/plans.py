"""The commands for a session's plan: plan, publish, sheets, guide; and the worker that the pages start."""

import os
from contextlib import suppress
from pathlib import Path

import click

from matcher.commands.words import Refusal
from webapp import jobs
from webapp.commands.house import house, operator, progress, session_id, with_data
from webapp.i18n import LANGUAGES, force_locale
from webapp.operations.paper import guides, printing
from webapp.operations.plans import planning


@click.command(epilog="Example: rondo plan speed-dating --seed 1")
@with_data
@click.argument("session")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Decides between equals.")
def plan(session: str, seed: int) -> None:
    """Plan the rounds of SESSION as a draft (`rondo publish` makes it count)."""
    with house():
        make_plan(session_id(session), seed=seed)
        click.echo(f"Planned {session}. Look at the draft on its desk page, then: rondo publish {session}")


@click.command(epilog="Example: rondo publish speed-dating")
@with_data
@click.argument("session")
def publish(session: str) -> None:
    """Publish the draft of SESSION as its next version."""
    with house():
        letter = planning.publish(session_id(session), by=operator())
        click.echo(f"Published version {letter} of {session}.")


@click.command(epilog="Example: rondo sheets speed-dating --kind pack --out pack.pdf")
@with_data
@click.argument("session")
@click.option("--kind", type=click.Choice(list(printing.KINDS)), help="What to print; pack is everything.")
@click.option(
    "--changed-since",
    "since",
    metavar="VERSION",
    help="Only the cards that have changed since this version (A or 1), and a list to deliver them by.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.pdf")
@click.option(
    "--language",
    type=click.Choice(printing.TONGUES),
    default=printing.OWN,
    show_default=True,
    help="Of the paper; own is cards and specialists' sheets in their holders' languages and all else in English.",
)
@click.option("--paper", type=click.Choice(printing.PAPERS), default="a4", show_default=True)
def sheets(session: str, *, kind: str | None, since: str | None, out: Path, language: str, paper: str) -> None:
    """Write the printed sheets of SESSION as a PDF file."""
    wanted = kind or ("changed" if since else None)
    if wanted is None:
        raise Refusal("name what to print: --kind pack (everything), another --kind, or --changed-since VERSION")
    if since and wanted != "changed":
        raise Refusal(f"--changed-since goes with --kind changed, not with --kind {wanted}")
    with house(), progress() as tell:
        tell(0.1, "read")
        content = printing.sheet(session_id(session), wanted, paper=paper, language=language, since=since)
        tell(1.0, "write")
    write_file(out, content)


@click.command(epilog="Example: rondo guide --out guide.pdf")
@with_data
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.pdf")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@click.option("--paper", type=click.Choice(printing.PAPERS), default="a4", show_default=True)
def guide(out: Path, language: str, paper: str) -> None:
    """Write the facilitator's guide: a page to work by, and a page to read aloud in the event's languages."""
    with house(), force_locale(language):
        content = guides.facilitators_guide(paper=paper)
    write_file(out, content)


def write_file(out: Path, content: bytes) -> None:
    """Write a file whole or not at all, and say so."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Refusal(f"{out}: cannot be written: {error.strerror}") from None
    click.echo(f"Written to {out} ({len(content) / 1024:.0f} kB).")


@click.command(hidden=True)
@with_data
@click.argument("job")
def worker(job: str) -> None:
    """Do one piece of background work (started by the web pages)."""
    with house():
        jobs.run(job)


def make_plan(held: int, *, seed: int = 0) -> None:
    """Plan a session as its draft, with a bar."""
    with progress() as tell:
        planning.make_plan(held, by=operator(), seed=seed, progress=tell)
