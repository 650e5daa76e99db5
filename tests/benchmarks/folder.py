"""The report as a folder: one page, its style, its pictures."""

import os
import platform
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.benchmarks.drawing import HEIGHT, WIDTH, drawn
from tests.benchmarks.section import Section

HERE = Path(__file__).parent
PACKAGES = ("numpy", "scipy", "networkx", "rustworkx", "ortools")


def machine(took: float, load: float | None) -> list[tuple[str, str]]:
    """Say where and when was measured; `load` is how many processes wanted a core before it began."""
    facts = [
        ("date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("cores", str(os.cpu_count() or "unknown")),
        ("machine", f"{platform.system()} {platform.machine()}"),
        ("Python", platform.python_version()),
        *((name, version) for name in PACKAGES if (version := _version(name))),
        ("the whole run", f"{took:.0f} s"),
    ]
    return facts if load is None else [*facts, ("load before it", f"{load:.1f}")]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def write(folder: Path, sections: Sequence[Section], facts: Sequence[tuple[str, str]]) -> Path:
    """Write the report; return its page.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rooms = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = rooms.get_template("page.jinja").render(
        sections=sections,
        facts=facts,
        faults=[fault for section in sections for fault in section.faults],
        width=WIDTH,
        height=HEIGHT,
    )
    for chart in (chart for section in sections for chart in section.charts if chart.labels):
        (folder / f"{chart.name}.svg").write_bytes(drawn(chart))
    shutil.copyfile(HERE / "report.css", folder / "report.css")
    page = folder / "index.html"
    page.write_text(text, encoding="utf-8")
    return page
