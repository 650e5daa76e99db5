"""What costs much and is the same for all processes of a run: made by one of them, and read by the others."""

import os
import pickle
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

PATIENCE = 300.0
NOTHING = object()
Made = TypeVar("Made")


def of_all_workers(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of this run that all its processes see; of this process alone where there is one."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    folder.mkdir(exist_ok=True)
    return folder


def once(folder: Path, names: Sequence[str], make: Callable[[str], Made]) -> dict[str, Made]:
    """Give what `make` gives for each name: what no other process has begun is made here, the rest is waited for.

    What another fails to make, or takes too long over, is made here too.
    """
    found: dict[str, Made] = {}
    for name in names:
        if _begin(folder / f"{name}.begun"):
            found[name] = _make(folder / name, partial(make, name))
    for name in names:
        if name not in found:
            kept = _wait(folder / name)
            found[name] = make(name) if kept is NOTHING else kept
    return found


def _begin(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _make(place: Path, make: Callable[[], Made]) -> Made:
    try:
        made = make()
        half = place.with_suffix(".half")
        half.write_bytes(pickle.dumps(made))
    except BaseException:
        place.with_suffix(".failed").touch()
        raise
    half.replace(place.with_suffix(".made"))
    return made


def _wait(place: Path) -> Any:
    """What another process makes, or `NOTHING`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not place.with_suffix(".failed").exists():
        if place.with_suffix(".made").exists():
            return pickle.loads(place.with_suffix(".made").read_bytes())
        time.sleep(0.1)
    return NOTHING
