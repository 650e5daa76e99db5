"""Binding: several PDFs as one, in which each part can be found again."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

from pypdf import PdfWriter


@dataclass(frozen=True, slots=True)
class Part:
    """One PDF to bind, and what it is called in the list of contents that readers show."""

    title: str
    pdf: bytes


def bind(parts: Iterable[Part], *, title: str) -> bytes:
    """Lay the parts on one another; what is bound says its title, and each part stands among its bookmarks."""
    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part.pdf), outline_item=part.title, import_outline=False)
    writer.add_metadata({"/Title": title})
    bound = io.BytesIO()
    writer.write(bound)
    writer.close()
    return bound.getvalue()
