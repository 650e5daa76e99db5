"""Files of the commands: read with a clear refusal, written all or none."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from matcher.commands.words import Refusal

file_argument = click.Path(path_type=Path)


def read(path: Path) -> bytes:
    """Return what a file holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from None


def refuse_outputs(inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Say so before the work begins where a file cannot be written."""
    places = [path.resolve() for path in (*inputs, *outputs)]
    if len(set(places)) < len(places):
        raise Refusal("the same file is named twice; give every file a name of its own")
    for path in outputs:
        if path.is_dir():
            raise Refusal(f"{path}: is a folder; name a file")
        if not path.parent.is_dir():
            raise Refusal(f"{path}: the folder {path.parent} does not exist; create it first")
        if not os.access(path.parent, os.W_OK) and not path.exists():
            raise Refusal(f"{path}: the folder {path.parent} cannot be written to")


def write(texts: Mapping[Path, str]) -> None:
    """Write all or none: into neighbours first, which then take the names; a device is written to as it is."""
    ready: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            special = path.exists() and not path.is_file()
            ready[path] = path if special else path.with_name(f".{path.name}.{os.getpid()}.part")
            ready[path].write_text(text, encoding="utf-8", newline="\n")
        for path, part in ready.items():
            if part != path:
                part.replace(path)
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        for path, part in ready.items():
            if part != path:
                part.unlink(missing_ok=True)
