"""Which branches of the engine no test takes: few, and each named with its reason in `uncovered.toml`.

`python -m tests.uncovered REPORT.json` reads a report of `coverage json`, made with branches, says how many branches
are taken, and prints those without a reason, ready to be pasted there. The exit status is 1 where there are any, or
where too few are taken. A branch is told by its file and the text of its two lines, so that it keeps its name when
other lines come or go; branches that are told alike share their reason.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

TOP = Path(__file__).parent.parent
NAMES = Path(__file__).with_suffix(".toml")
ROOM, LEAST, END = "matcher", 0.97, "(end)"

Report = Mapping[str, Any]
Branch = tuple[str, str]


def named(path: Path = NAMES) -> dict[Branch, str]:
    """The reason of each branch, told as (file, way)."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {(file, way): why for file, parts in tables.items() for part in parts for way, why in part.items()}


def missed(report: Report, top: Path = TOP) -> Iterator[Branch]:
    """The branches of the engine that were not taken."""
    for file, found in report["files"].items():
        if PurePath(file).parts[0] != ROOM:
            continue
        lines = [END, *(line.strip() for line in (top / file).read_text(encoding="utf-8").split("\n"))]
        for start, end in found["missing_branches"]:
            yield PurePath(file).as_posix(), f"{lines[start]} -> {lines[max(end, 0)]}"


def share(report: Report) -> tuple[int, int]:
    """How many branches of the engine were taken, and of how many."""
    parts = [found["summary"] for file, found in report["files"].items() if PurePath(file).parts[0] == ROOM]
    return sum(part["covered_branches"] for part in parts), sum(part["num_branches"] for part in parts)


def entries(branches: Iterable[Branch]) -> str:
    """Branches as they stand in `uncovered.toml`, their reasons to be filled in."""
    files: dict[str, dict[str, None]] = {}
    for file, way in branches:
        files.setdefault(file, {})[way] = None
    tables = ("".join(f'{quoted(way)} = ""\n' for way in ways) for ways in files.values())
    return "\n".join(f"[[{quoted(file)}]]\n{table}" for file, table in zip(files, tables, strict=True))


def quoted(text: str) -> str:
    """A key of TOML, as plain as its quotation marks allow."""
    return json.dumps(text, ensure_ascii=False) if "'" in text or '"' not in text else f"'{text}'"


def judged(report: Report, reasons: Mapping[Branch, str], top: Path = TOP) -> tuple[bool, str]:
    """Whether enough branches are taken and the others named, and what there is to say about it."""
    taken, every = share(report)
    left = dict.fromkeys(missed(report, top))
    unnamed = [branch for branch in left if not reasons.get(branch)]
    enough = taken >= LEAST * every > 0
    said = [f"{taken} of {every} branches of {ROOM}/ are taken: {taken / max(every, 1):.2%} (at least {LEAST:.0%})"]
    if now := [f"{file}: {way}" for file, way in reasons if (file, way) not in left]:
        said += ["Taken now, though they stand in the list:", *now]
    if unnamed:
        said += [f"Without a reason in {NAMES.name}:", entries(unnamed)]
    return enough and not unnamed, "\n".join(said)


def main() -> int:
    """Judge the report that the command names."""
    good, said = judged(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), named())
    print(said)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
