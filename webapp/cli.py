"""The command line `rondo`: the engine's own commands, and those of the web application where it is installed."""

from importlib import import_module
from pathlib import Path

import click

from matcher.cli import commands as engine_commands
from matcher.commands.words import Refusal


class LazyGroup(click.Group):
    """Loads the web application's commands when one of them is asked for, so that the engine's work without it."""

    def _web(self) -> dict[str, click.Command]:
        return {command.name or "": command for command in import_module("webapp.commands").commands}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; without Flask those of the engine."""
        try:
            return [*super().list_commands(ctx), *self._web()]
        except ModuleNotFoundError:
            return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, None where there is none."""
        engine = super().get_command(ctx, cmd_name)
        if engine is not None:
            return engine
        try:
            return self._web().get(cmd_name)
        except ModuleNotFoundError as error:
            raise Refusal(
                f"`rondo {cmd_name}` needs the web application, and {error.name} is not installed: pip install rondo"
            ) from None


@click.group(cls=LazyGroup, commands=list(engine_commands))
@click.version_option(package_name="rondo")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the database (also RONDO_DATA).")
@click.pass_context
def main(context: click.Context, data: Path | None) -> None:
    """Rondo brings the right people together in timed rounds.

    Start with `rondo demo`. Each command explains itself: `rondo COMMAND --help`.
    """
    context.obj = data


if __name__ == "__main__":
    main(prog_name="rondo")
