"""WeasyPrint, held at arm's length: loaded late, given named assets only, one set of fonts kept per process."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from reports.darken import darkened
from reports.errors import AssetRefused, GlyphsMissing, PdfEngineMissing
from reports.fonts import Fonts, font_css

LOCK = threading.RLock()
"""Pango's font map is not made for two threads: whoever lays out or writes holds this."""
_LOG = logging.getLogger("weasyprint")
_NOTDEF = ".notdef glyph rendered"
_UNREADABLE = ("Failed to load", "Relative URI", "Unsupported stylesheet", "Failed to get")


def weasyprint() -> Any:
    """The library. Raises PdfEngineMissing, naming the one command that helps, where Pango is not installed."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            import weasyprint as library  # noqa: PLC0415  (a machine without Pango must run everything else)
    except (ImportError, OSError) as error:
        raise PdfEngineMissing(str(error)) from error
    return library


class Styled(Protocol):
    """A kind of sheet with a name of its own and the style sheets it is laid out with."""

    @property
    def name(self) -> str:
        """Tells its style sheets from those of others."""

    @property
    def styles(self) -> tuple[Path, ...]:
        """The style sheets, the later ones stronger."""


class Engine:
    """Lays out and writes papers with one cast of fonts."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self._library = weasyprint()
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self._font_config = FontConfiguration()
        faces = {f"font:{asset}": file.data() for asset, (_, file) in fonts.faces.items()}
        with listening():
            self._faces = self._css(font_css(fonts), faces)
        self._sheets: dict[str, list[Any]] = {}

    def lay_out(self, html: str, form: Styled, images: Mapping[str, bytes], cache: dict[str, Any]) -> Any:
        """A laid-out document. Raises AssetRefused when it asked for anything but `images`."""
        with LOCK, listening():
            source = self._library.HTML(string=html, url_fetcher=_fetcher({f"image:{k}": v for k, v in images.items()}))
            return source.render(font_config=self._font_config, stylesheets=self._styles(form), cache=cache)

    def write(self, documents: Sequence[Any], identifier: bytes) -> bytes:
        """The pages of several documents as one PDF. The same input gives the same bytes."""
        with LOCK, listening(), _still_clock():
            pages = [page for document in documents for page in document.pages]
            pdf: bytes = (
                documents[0]
                .copy(pages)
                .write_pdf(finisher=self._finish, pdf_identifier=identifier, optimize_images=False)
            )
            return pdf

    def _styles(self, form: Styled) -> list[Any]:
        if form.name not in self._sheets:
            texts = [path.read_text("utf-8") for path in form.styles]
            self._sheets[form.name] = [self._faces, *(self._css(text, {}) for text in texts)]
        return self._sheets[form.name]

    def _css(self, text: str, assets: Mapping[str, bytes]) -> Any:
        return self._library.CSS(string=text, font_config=self._font_config, url_fetcher=_fetcher(assets))

    def _finish(self, document: Any, pdf: Any) -> None:
        import pydyf  # type: ignore[import-untyped]  # noqa: PLC0415  (comes with WeasyPrint)

        # Margins are measured on paper: a viewer must not shrink the page to what it thinks fits.
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"PrintScaling": "/None"})
        names = frozenset(
            font.hash.encode() for font in document.fonts.values() if font.family in self.fonts.dark_families
        )
        for item in pdf.objects if names else ():
            if isinstance(item, pydyf.Stream) and not item.extra:
                item.stream[:] = darkened([_bytes(operator) for operator in item.stream], names)


@lru_cache(maxsize=3)
def engine(fonts: Fonts) -> Engine:
    """The engine for a cast of fonts; the last few are kept, for loading one costs tens of megabytes."""
    with LOCK:
        return Engine(fonts)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Hear what WeasyPrint complains of; what would spoil a paper is raised as a fault of ours."""
    heard: list[str] = []
    handler = _Ear(heard)
    _LOG.addHandler(handler)
    try:
        yield heard
    finally:
        _LOG.removeHandler(handler)
    for message in heard:
        if message.startswith(_NOTDEF):
            raise GlyphsMissing([message.split('"')[1]])
        if message.startswith(_UNREADABLE):
            raise AssetRefused(because=message)


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


def _fetcher(assets: Mapping[str, bytes]) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class NamedAssets(URLFetcher):  # type: ignore[misc]
        """Serves what it was given by name. No network, no files, no data URLs."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ARG002
            if url not in assets:
                raise ValueError(f"not an asset of this paper: {url[:200]}")
            return URLFetcherResponse(url, assets[url])

    return NamedAssets(allowed_protocols=())


@contextlib.contextmanager
def _still_clock() -> Iterator[None]:
    """Fonts cut down without libharfbuzz-subset carry the time of cutting, unless told another."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = before or "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]


def _bytes(operator: object) -> bytes:
    if isinstance(operator, bytes):
        return operator
    data = getattr(operator, "data", None)  # an array or dictionary object of pydyf
    return data if isinstance(data, bytes) else str(operator).encode("latin-1")
