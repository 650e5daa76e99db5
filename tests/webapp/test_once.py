"""What one process of a run makes, the others read; what it fails to make, they make themselves."""

from pathlib import Path

import pytest

from tests.webapp.once import once


def _refused(name: str) -> str:
    raise ZeroDivisionError(name)


def test_what_is_made_is_made_once_and_read_by_the_next(tmp_path: Path) -> None:
    first = once(tmp_path, ["a", "b"], str.upper)
    assert first == once(tmp_path, ["a", "b"], _refused) == {"a": "A", "b": "B"}


def test_what_another_has_begun_is_left_to_it(tmp_path: Path) -> None:
    once(tmp_path, ["a"], lambda _name: "of another")
    assert once(tmp_path, ["a", "b"], str.upper) == {"a": "of another", "b": "B"}


def test_what_fails_is_waited_for_by_nobody(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        once(tmp_path, ["a"], _refused)
    assert once(tmp_path, ["a"], str.upper) == {"a": "A"}
