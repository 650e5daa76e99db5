"""Typesetting: a template of this package and a value in, a PDF out."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import typst

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=2)
def fonts(*, system: bool) -> typst.Fonts:
    """Return the vendored fonts, with the system's behind them where asked."""
    with as_file(files("webapp.exchange") / "fonts") as folder:
        return typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=[str(folder)])


def press(
    template: str, data: Mapping[str, object], *, printed: datetime, system_fonts: bool = True, strict: bool = False
) -> bytes:
    """Set ``template`` with ``data``; the same call gives the same bytes.

    Data travels as JSON beside the template and is never read as markup; the typesetter's root is the templates'
    folder. ``strict`` (PDF/A) raises typst.TypstError where a character has no glyph in any font.
    """
    with as_file(files("webapp.exchange") / "typst") as root:
        compiler = typst.Compiler(
            str(Path(root) / template), root=str(root), font_paths=fonts(system=system_fonts), ignore_system_fonts=True
        )
        pdf = compiler.compile(
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["a-3u"] if strict else [],
            timestamp=int(printed.timestamp()),
        )
    assert isinstance(pdf, bytes)
    return pdf


def undrawable(words: Sequence[str], *, system_fonts: bool = True) -> tuple[str, ...]:
    """Return those of ``words`` that would print with an empty box, so that somebody can give them another spelling."""
    if not words:
        return ()
    try:
        press("proof.typ", {"lines": list(words)}, printed=EPOCH, system_fonts=system_fonts, strict=True)
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        if len(words) == 1:
            return tuple(words)
        half = len(words) // 2
        return undrawable(words[:half], system_fonts=system_fonts) + undrawable(words[half:], system_fonts=system_fonts)
    return ()
