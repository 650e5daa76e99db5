"""Styles, scripts and pictures: compressed once, under names that change with them, kept by browsers for good.

Of pages, only those with long lists to choose from are packed, and only where they say nothing back that an address
could hold: beside a form's token, such words would let a listener on the wire guess it by the length.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from flask import Flask, Response, request, url_for
from werkzeug.exceptions import NotFound

FOLDER = Path(__file__).parents[1] / "static"
KEEP_FOR_A_YEAR = "public, max-age=31536000, immutable"
HASHED = 12
JOINED = {"participant.js": ("profile.js", "countdown.js", "live.js", "copying.js", "exit.js")}
"""Files that are also sent as one, so that a participant's page asks for one only."""

LONG_PAGES = {"participant.profile", "participant.meeting"}


@dataclass(frozen=True)
class Piece:
    """A static file as it is sent."""

    name: str
    body: bytes

    @cached_property
    def fingerprint(self) -> str:
        """What tells this content from any other that the file has had or will have."""
        return hashlib.sha256(self.body).hexdigest()[:HASHED]

    @cached_property
    def public_name(self) -> str:
        """The name with the fingerprint in it: `style.css` as `style.0123456789ab.css`."""
        path = PurePosixPath(self.name)
        return str(path.with_name(f"{path.stem}.{self.fingerprint}{path.suffix}"))

    @cached_property
    def packed(self) -> bytes:
        """The content compressed; the same bytes each time."""
        return gzip.compress(self.body, 9, mtime=0)

    @property
    def kind(self) -> str:
        """The media type."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def pieces(folder: Path = FOLDER) -> Iterator[Piece]:
    """Read every static file, and put together those that are sent as one."""
    held = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for name, path in held.items():
        yield Piece(name, path.read_bytes())
    for name, parts in JOINED.items():
        if all(part in held for part in parts):
            yield Piece(name, b"".join(held[part].read_bytes() for part in parts))


def answer(piece: Piece, *, named: bool) -> Response:
    """Return a file for the browser that asks: compressed where it may be, kept for good under its full name."""
    packs = request.accept_encodings.quality("gzip") > 0 and len(piece.packed) < len(piece.body)
    response = Response(piece.packed if packs else piece.body, mimetype=piece.kind)
    if packs:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    if named:
        response.headers["Cache-Control"] = KEEP_FOR_A_YEAR
    response.set_etag(piece.fingerprint + ("-gzip" if packs else ""))
    response.make_conditional(request)
    return response


def packed_page(page: Response) -> Response:
    """Return a page with long lists as the browser that asks for it can take it: compressed."""
    if request.endpoint in LONG_PAGES and request.method == "GET" and page.status_code == 200:
        page.vary.add("Accept-Encoding")
        if request.accept_encodings.quality("gzip") > 0:
            page.set_data(gzip.compress(page.get_data(), 6, mtime=0))
            page.content_encoding = "gzip"
    return page


def register(app: Flask) -> None:
    """Open the door `static`, offer its addresses to the templates, and pack long pages."""
    held = {piece.name: piece for piece in pieces()}
    named = {piece.public_name: piece for piece in held.values()}
    for piece in held.values():
        _ = piece.packed

    def static(filename: str) -> Response:
        piece = named.get(filename) or held.get(filename)
        if piece is None:
            raise NotFound
        return answer(piece, named=filename in named)

    def asset(name: str) -> str:
        return url_for("static", filename=held[name].public_name)

    app.add_url_rule("/static/<path:filename>", "static", static)
    app.after_request(packed_page)
    app.jinja_env.globals.update(asset=asset)
