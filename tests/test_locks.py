"""The locks: exact versions pinned by hash, no address, and every part named with the extras that others ask for."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = Path(__file__).parent.parent / ".ci" / "locks"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^]]*)\])?==", re.MULTILINE)


def pinned(lock: str) -> dict[str, set[str]]:
    """The parts that a lock names, each with its extras."""
    return {canonicalize_name(name): set(filter(None, extras.split(","))) for name, extras in PINNED.findall(lock)}


def bare(lock: str) -> Iterator[str]:
    """Parts that another part of the lock asks for with an extra, and the lock names without it.

    Pip takes such a lock only as long as the pinned version is the newest there is.
    """
    named = pinned(lock)
    for name, chosen in named.items():
        try:
            wants = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue
        for want in wants:
            asked = want.marker is None or any(want.marker.evaluate({"extra": extra}) for extra in chosen | {""})
            if asked and not want.extras <= named.get(canonicalize_name(want.name), set()):
                yield f"{name} asks for {want.name}[{','.join(sorted(want.extras))}]"


def test_locks_pin_by_hash_and_name_no_host() -> None:
    locks = sorted(LOCKS.glob("*.txt"))
    assert [lock.name for lock in locks] == ["bench.txt", "run.txt", "test.txt"]
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) == len(
            re.findall(r"==[^\n]*\\\n +--hash=sha256:", text)
        )


def test_locks_name_the_extras_that_parts_ask_of_each_other() -> None:
    test = (LOCKS / "test.txt").read_text(encoding="utf-8")
    assert {"coverage", "pytest-cov"} <= set(pinned(test))
    assert not list(bare(test))
    assert not list(bare((LOCKS / "run.txt").read_text(encoding="utf-8")))


def test_a_missing_extra_would_be_noticed() -> None:
    test = (LOCKS / "test.txt").read_text(encoding="utf-8").replace("coverage[toml]==", "coverage==")
    assert list(bare(test)) == ["pytest-cov asks for coverage[toml]"]
