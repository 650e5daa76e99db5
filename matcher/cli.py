"""The door to the study's commands: `rondo match`, `check`, `repair`, `explain`; also `python -m matcher.cli`."""

import click

from matcher.commands.check import check
from matcher.commands.explain import explain
from matcher.commands.match import match
from matcher.commands.repair import repair

commands: tuple[click.Command, ...] = (match, check, repair, explain)


@click.group(commands=list(commands))
def main() -> None:
    """Plan timed rounds from files, without the web."""


if __name__ == "__main__":
    main(prog_name="rondo")
