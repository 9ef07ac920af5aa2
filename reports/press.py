"""The press: a paper is laid out once, whatever the number of its copies, and bound with a label on each."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import pikepdf
from jinja2 import Environment
from pikepdf import Array, Dictionary, Name

from reports.engine import Engine, engine
from reports.errors import GlyphsMissing
from reports.fonts import Fonts, font_css
from reports.forms import Form, Sheet
from reports.marks import qr_mark
from reports.paging import paged, tightened
from reports.templates import Paging, label_html, page_html
from supplyops.papers.contents import PaperStamp

_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A paper ready to be written: its pages once, and a page of labels for each copy."""

    pages: Any
    labels: Any
    copies: int

    @property
    def page_count(self) -> int:
        """Pages of one copy."""
        return len(self.pages.pages)


class Press:
    """Lays papers out with one cast of fonts, joined by others when a rare character asks for it.

    `retouch` changes a page before its characters are checked; `env` replaces the template environment.
    """

    def __init__(
        self, fonts: Fonts, *, env: Environment | None = None, retouch: Callable[[str, Press], str] | None = None
    ) -> None:
        self.fonts = fonts
        self._env = env
        self._retouch = retouch
        self._images: dict[str, Any] = {}
        self._labels: dict[tuple[str, tuple[str, ...]], Any] = {}

    @property
    def engine(self) -> Engine:
        """The engine for the present cast."""
        return engine(self.fonts)

    def lay_out(
        self,
        form: Form,
        content: object,
        stamp: PaperStamp,
        labels: Sequence[str],
        notes: Sequence[str] | None = None,
    ) -> LaidOut:
        """A paper laid out, with one label for each copy; `notes` make it a preview.

        Raises PaperDataMissing, GlyphsMissing, AssetRefused, PdfEngineMissing.
        """
        qr = qr_mark(stamp.qr_text) if stamp.qr_text else None
        images = {qr.asset: qr.png} if qr else {}

        def one_layout(paging: Paging) -> Any:
            return self._document(
                form, page_html(form, content, stamp, qr=qr, paging=paging, notes=notes, env=self._env), images
            )

        if form.sheet is Sheet.DOCUMENT:
            pages = tightened(one_layout)
        else:
            pages = paged(one_layout, len(getattr(content, form.lines)) if form.lines else 0)
        return LaidOut(pages, self._label_pages(form, labels), len(labels))

    def forget(self) -> None:
        """Let go of the QR marks and labels of papers already written."""
        self._images, self._labels = {}, {}

    def _label_pages(self, form: Form, labels: Sequence[str]) -> Any:
        """The pages of labels, laid out once for all papers of a form in the same copies."""
        key = (form.name, tuple(labels))
        if key not in self._labels:
            self._labels[key] = self._document(form, label_html(labels), {})
        return self._labels[key]

    def _document(self, form: Form, html: str, images: dict[str, bytes]) -> Any:
        if self._retouch is not None:
            html = self._retouch(html, self)
        text = set(unescape(_MARKUP.sub("", html)))
        if self.fonts.missing(text):
            self.fonts = self.fonts.covering(text)
            if lacking := self.fonts.missing(text):
                raise GlyphsMissing(lacking)
        return self.engine.lay_out(html, form, images, self._images)


def written(papers: Sequence[LaidOut], press_engine: Engine, identity: str, *, duplex: bool) -> pikepdf.Pdf:
    """The papers, copy after copy, as an open PDF. With `duplex` every copy begins on a new sheet."""
    identifier = hashlib.sha256((identity + font_css(press_engine.fonts)).encode()).digest()[:16]
    labels_once = list({id(paper.labels): paper.labels for paper in papers}.values())
    documents = [*(paper.pages for paper in papers), *labels_once]
    pdf = pikepdf.open(io.BytesIO(press_engine.write(documents, identifier)))
    save_state, restore_state = pdf.make_stream(b"q\n"), pdf.make_stream(b"\nQ\n")
    bound: list[pikepdf.Page] = []
    place = sum(paper.page_count for paper in papers)
    labels_at = {}
    for each in labels_once:
        labels_at[id(each)] = place
        place += len(each.pages)
    place = 0
    for paper in papers:
        sheets = pdf.pages[place : place + paper.page_count]
        labels = pdf.pages[labels_at[id(paper.labels)] :][: paper.copies]
        place += paper.page_count
        for label in labels:
            for sheet in sheets:
                page = Dictionary(sheet.obj)
                page.Contents = Array([save_state, sheet.obj.Contents, restore_state, label.obj.Contents])
                bound.append(pikepdf.Page(pdf.make_indirect(page)))
            if duplex and paper.page_count % 2:
                back = Dictionary(Type=Name.Page, MediaBox=sheets[-1].obj.MediaBox, Resources=Dictionary())
                bound.append(pikepdf.Page(pdf.make_indirect(back)))
    del pdf.pages[:]
    pdf.pages.extend(bound)
    return pdf


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The bytes of a file; the same pages give the same bytes."""
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()
