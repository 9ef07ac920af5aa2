"""Static files from memory: named by content, compressed once, cached for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

FOLDER = Path(__file__).parent / "static"
COMPRESSIBLE = (".css", ".js", ".svg", ".json", ".txt")
YEAR_S = 31_536_000


@dataclass(frozen=True, slots=True)
class File:
    """One static file, ready to send."""

    body: bytes
    compressed: bytes | None
    kind: str
    fingerprint: str


def set_up(app: Flask) -> None:
    """Read every file once and serve it; `asset(name)` in templates gives an address that changes with the content."""
    files = {path.relative_to(FOLDER).as_posix(): _read(path) for path in _files()}

    @app.get("/static/<path:name>", endpoint="static")
    def serve(name: str) -> Response:
        file = files.get(name)
        if file is None:
            abort(404)
        packed = file.compressed is not None and request.accept_encodings.quality("gzip") > 0
        response = Response(file.compressed if packed and file.compressed else file.body, mimetype=file.kind)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        named = request.args.get("v") == file.fingerprint
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if named else "public, max-age=300"
        return response

    @app.template_global()
    def asset(name: str) -> str:
        file = files[name]
        return url_for("static", name=name, v=file.fingerprint)


def _files() -> list[Path]:
    """Every file below the folder; folders may be links, since a site can keep the browser libraries elsewhere."""
    return sorted(Path(folder) / name for folder, _, names in os.walk(FOLDER, followlinks=True) for name in names)


def _read(path: Path) -> File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = gzip.compress(body, 6) if path.suffix in COMPRESSIBLE else None
    return File(body, compressed, kind, hashlib.sha256(body).hexdigest()[:12])
