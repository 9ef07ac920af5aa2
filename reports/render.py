"""Papers to PDF: one paper with all its copies, or many papers in one file."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import pikepdf
from jinja2 import Environment

from reports.engine import Engine, engine
from reports.errors import GlyphsMissing, UnknownForm
from reports.fonts import Fonts, default_fonts, font_css
from reports.forms import Form, Sheet, copy_labels, default_copies, form_named
from reports.marks import qr_mark
from reports.paging import paged, tightened
from reports.templates import Paging, page_html
from supplyops.papers.contents import Content, PaperStamp

CHUNK_PAGES = 60
"""Pages laid out before they are written: memory stays flat however many papers are printed together."""
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class PaperToPrint:
    """One paper of a file of many. `copies` as in `render`."""

    form: str
    content: Content
    stamp: PaperStamp
    copies: Sequence[str] | None = None


def render(
    form: str,
    content: Content,
    stamp: PaperStamp,
    *,
    copies: Sequence[str] | None = None,
    fonts: Fonts | None = None,
    duplex: bool = False,
) -> bytes:
    """A paper as PDF, its copies (联) one after another.

    `copies` names those wanted, in order; None means all of the form. With `duplex` every copy starts on a new sheet.
    The same input gives the same bytes. Raises UnknownForm, PaperDataMissing, GlyphsMissing, PdfEngineMissing.
    """
    paper = PaperToPrint(form, content, stamp, copies)
    press = Press(fonts or default_fonts())
    documents = press.laid_out(paper, duplex=duplex)
    return press.write(documents, identifier([paper], press.fonts))


def render_many(
    papers: Iterable[PaperToPrint],
    *,
    fonts: Fonts | None = None,
    duplex: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> bytes:
    """Papers in the given order as one PDF with an outline by number. Each paper keeps its own page numbers.

    `on_progress` is told how many papers are done. Raises ValueError without papers, else as `render`.
    """
    press = Press(fonts or default_fonts())
    seen: list[PaperToPrint] = []
    with pikepdf.new() as merged:
        places: list[tuple[str, int]] = []
        for papers_done, chunk in _chunks(press, papers, duplex=duplex):
            start = len(merged.pages)
            for paper, page in papers_done:
                places.append((f"{paper.stamp.number} {form_named(paper.form).title}", start + page))
                seen.append(paper)
            with pikepdf.open(io.BytesIO(chunk)) as part:
                merged.pages.extend(part.pages)
            if on_progress is not None:
                on_progress(len(seen))
        if not seen:
            raise ValueError("no papers to print")
        with merged.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, page) for title, page in places)
        merged.Root.ViewerPreferences = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"))
        merged.Root.PageMode = pikepdf.Name("/UseOutlines")
        merged.Root.Lang = pikepdf.String("zh-CN")
        out = io.BytesIO()
        merged.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


class Press:
    """The steps from paper to document with one cast of fonts, joined by others when a rare character asks for it."""

    def __init__(self, fonts: Fonts, environment: Environment | None = None) -> None:
        self.fonts = fonts
        self._environment = environment
        self._images: dict[str, Any] = {}

    @property
    def engine(self) -> Engine:
        return engine(self.fonts)

    def laid_out(self, paper: PaperToPrint, *, duplex: bool = False) -> list[Any]:
        """The copies of a paper as laid-out documents, blank backs included where asked for."""
        form = form_named(paper.form)
        if not isinstance(paper.content, form.content):
            raise UnknownForm(form=paper.form, content=type(paper.content).__name__)
        names = default_copies(form, paper.content) if paper.copies is None else paper.copies
        if not names:
            raise ValueError("a paper is printed in at least one copy")
        documents: list[Any] = []
        paging: Paging | None = None
        for label in copy_labels(form, names):
            document, paging = self.copy(form, paper.content, paper.stamp, label, paging)
            documents.append(document)
            if duplex and len(document.pages) % 2:
                documents.append(self._blank(document.pages[-1]))
        return documents

    def copy(
        self,
        form: Form,
        content: object,
        stamp: PaperStamp,
        label: str,
        paging: Paging | None = None,
        preview_notes: Sequence[str] | None = None,
        retouch: Callable[[str], str] | None = None,
    ) -> tuple[Any, Paging]:
        """One copy laid out, with its breaks; those of another copy of the paper are taken as they are.

        `retouch` changes the page before its characters are checked.
        """
        qr = qr_mark(stamp.qr_text) if stamp.qr_text else None
        images = {qr.asset: qr.png} if qr else {}

        def lay_out(breaks: Paging) -> Any:
            html = page_html(
                form,
                content,
                stamp,
                copy_label=label,
                qr=qr,
                paging=breaks,
                preview_notes=preview_notes,
                env=self._environment,
            )
            if retouch is not None:
                html = retouch(html)
            self._cover(html)
            return self.engine.lay_out(html, form, images, self._images)

        if paging is not None:
            return lay_out(paging), paging
        if form.sheet is Sheet.DOCUMENT:
            return tightened(lay_out)
        return paged(lay_out, len(getattr(content, form.lines)) if form.lines else 0)

    def write(self, documents: Sequence[Any], identifier: bytes) -> bytes:
        """The documents as one PDF."""
        return self.engine.write(documents, identifier)

    def forget_images(self) -> None:
        """Let go of the QR marks of papers already written."""
        self._images = {}

    def _cover(self, html: str) -> None:
        text = set(unescape(_MARKUP.sub("", html)))
        if not self.fonts.missing(text):
            return
        wider = self.fonts.covering(text)
        if lacking := wider.missing(text):
            raise GlyphsMissing(lacking)
        self.fonts = wider

    def _blank(self, like: Any) -> Any:
        """The empty back of a sheet."""
        style = f"@page {{ size: {like.width}px {like.height}px; margin: 0 }}"
        return self.engine.blank(f"<style>{style}</style><body></body>")


def _chunks(
    press: Press, papers: Iterable[PaperToPrint], *, duplex: bool
) -> Iterator[tuple[list[tuple[PaperToPrint, int]], bytes]]:
    """Papers written some pages at a time, each with the page it begins on within its chunk."""
    done: list[tuple[PaperToPrint, int]] = []
    documents: list[Any] = []
    pages = 0
    writer = press.engine
    for paper in papers:
        laid_out = press.laid_out(paper, duplex=duplex)
        if documents and (pages >= CHUNK_PAGES or press.engine is not writer):
            yield done, writer.write(documents, identifier([each for each, _ in done], writer.fonts))
            done, documents, pages = [], [], 0
            press.forget_images()
        writer = press.engine
        done.append((paper, pages))
        documents += laid_out
        pages += sum(len(document.pages) for document in laid_out)
    if documents:
        yield done, writer.write(documents, identifier([each for each, _ in done], writer.fonts))


def identifier(papers: Sequence[PaperToPrint], fonts: Fonts) -> bytes:
    """The identity of a file: what is printed, which printing of it, with which fonts."""
    text = "\n".join(f"{paper.form}|{paper.stamp}|{paper.copies}" for paper in papers) + font_css(fonts)
    return hashlib.sha256(text.encode()).digest()[:16]
