"""No sentence of the referee is untested: every one is provoked by a spoiled plan, in words that its source has."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

import matcher.check
from matcher.check import breaches
from tests.matcher import test_check, test_check_agreed, test_check_circles, test_check_hosts

ROOM = Path(matcher.check.__file__).parent
TABLES = (
    (test_check.ROOM, test_check.GOOD, test_check.SPOILED),
    (test_check_hosts.CLINIC, test_check_hosts.AT_CLINIC, test_check_hosts.CLINICS),
    (test_check_hosts.TOOLS, test_check_hosts.AT_TOOLS, test_check_hosts.STATIONS),
    (test_check_hosts.GROUPS, test_check_hosts.ROTATED, test_check_hosts.ROTATIONS),
    (test_check_circles.CIRCLES, test_check_circles.AT_TABLES, test_check_circles.SPOILED),
    (test_check_agreed.AGREED, test_check_agreed.HELD, test_check_agreed.CHOSEN),
    (test_check_agreed.BABEL, test_check_agreed.SPOKEN, test_check_agreed.INTERPRETED),
)


def sentences(source: str) -> list[str]:
    """Every sentence that is yielded, as a pattern: what is filled in may be anything."""
    yielded = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Yield)]
    choices = [[one.body, one.orelse] if isinstance(one, ast.IfExp) else [one] for one in yielded]
    return [_pattern(one) for one in chain.from_iterable(choices) if isinstance(one, ast.JoinedStr | ast.Constant)]


def _pattern(text: ast.expr) -> str:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in parts)


KINDS = [(path.name, kind) for path in sorted(ROOM.glob("*.py")) for kind in sentences(path.read_text("utf-8"))]


@pytest.fixture(scope="module")
def provoked() -> list[str]:
    return [
        sentence
        for problem, plan, table in TABLES
        for _, spoil, _ in table
        for sentence in breaches(problem, spoil(plan))
    ]


@pytest.mark.parametrize(("file", "kind"), KINDS)
def test_every_sentence_is_provoked(file, kind, provoked):
    assert any(re.fullmatch(kind, sentence) for sentence in provoked), f"{file}: no spoiled plan makes it say {kind}"


def test_the_reader_of_sentences_finds_them():
    source = "def f():\n yield f'{a} is away'\n yield 'no' if x else f'round {r} (twice)'\n yield other, 1\n"
    assert sentences(source) == [".*\\ is\\ away", "no", "round\\ .*\\ \\(twice\\)"]
    assert len(KINDS) > 60
