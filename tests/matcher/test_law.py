"""The law of the study, read by a machine from its own source; each reader has a twin that shows it can find."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import matcher

STUDY = Path(matcher.__file__).parent
FILES = sorted(STUDY.rglob("*.py"))


def imports(source: str) -> Iterator[str]:
    """Every imported name in full: `from scipy import optimize` is scipy.optimize."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(source: str) -> Iterator[str]:
    """Every called name as it is written: open, random.Random, datetime.now."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def opens_optimisers(source: str) -> list[str]:
    return [name for name in imports(source) if name.startswith(("scipy.optimize", "scipy.sparse.csgraph"))]


def opens_satisfiability(source: str) -> list[str]:
    return [name for name in imports(source) if name.partition(".")[0] == "pysat"]


def reads_a_clock(source: str) -> list[str]:
    clocks = ("time", "datetime.now", "datetime.today", "datetime.utcnow", "date.today")
    return [name for name in imports(source) if name.partition(".")[0] == "time"] + [
        name for name in calls(source) if name.startswith("time.") or name in clocks
    ]


def touches_files(source: str) -> list[str]:
    verbs = ("open", "read_text", "write_text", "read_bytes", "write_bytes")
    return [name for name in calls(source) if name.rpartition(".")[2] in verbs]


def plays_with_chance(source: str) -> list[str]:
    """Chance is a `random.Random` or a generator with a seed, never the one that all share."""
    tree = ast.parse(source)
    unseeded = [
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("random.Random", "np.random.default_rng")
        and not node.args
    ]
    drawn = ("random.random", "random.choice", "random.shuffle", "random.sample", "random.randrange", "random.randint")
    shared = ("np.random.rand", "np.random.seed", "np.random.shuffle", "np.random.permutation", "np.random.choice")
    return unseeded + [name for name in calls(source) if name in drawn + shared]


CLOCKS = {"commands/match.py", "commands/explain.py", "commands/repair.py"}
LAW = [
    (opens_optimisers, {"solver.py"}, "from scipy import optimize\nimport scipy.sparse.csgraph", 2),
    (opens_satisfiability, {"sat.py"}, "import pysat\nfrom pysat.solvers import Glucose4", 2),
    (
        reads_a_clock,
        {"commands/match.py", "commands/explain.py", "commands/repair.py"},
        "import time\nfrom time import monotonic\ntime.time()\ndatetime.now()",
        4,
    ),
    (touches_files, {"commands/files.py", "solver.py"}, "open('a')\nPath('a').read_text()\npath.write_bytes(b'')", 3),
    (plays_with_chance, set(), "random.Random()\nrandom.choice([1])\nnp.random.default_rng()\nnp.random.shuffle(a)", 4),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(STUDY)))
@pytest.mark.parametrize(("reader", "free", "twin", "findings"), LAW, ids=[row[0].__name__ for row in LAW])
def test_the_law_is_kept(path, reader, free, twin, findings):
    assert path.relative_to(STUDY).as_posix() in free or reader(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("reader", "free", "twin", "findings"), LAW, ids=[row[0].__name__ for row in LAW])
def test_the_reader_finds_what_is_forbidden(reader, free, twin, findings):
    assert len(reader(twin)) == findings
    assert all(reader((STUDY / name).read_text(encoding="utf-8")) for name in free)


def test_the_example_on_the_door_runs():
    text = (STUDY / "README.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    assert "breaches(problem, plan)" in code
    exec(compile(code, "README.md", "exec"), {})
