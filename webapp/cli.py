"""The command line. The web is imported inside the commands that need it, so that the engine's work without it."""

import click

from matcher.cli import commands


@click.group()
@click.version_option(package_name="rondo")
def main() -> None:
    """Rondo brings the right people together in timed rounds."""


for command in commands:
    main.add_command(command)
