"""Papers to PDF: one paper with all its copies, or many papers in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from reports.errors import UnknownForm
from reports.fonts import Fonts, default_fonts
from reports.forms import copy_labels, default_copies, form_named
from reports.press import LaidOut, Press, saved, written
from supplyops.papers.contents import Content, PaperStamp

CHUNK_PAGES = 60
"""Pages laid out before they are written: memory stays flat however many papers are printed together."""


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
    laid_out = _laid_out(press, paper)
    with written([laid_out], press.engine, identity([paper]), duplex=duplex) as pdf:
        return saved(pdf)


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
    titles: list[tuple[str, int]] = []
    with pikepdf.new() as merged:
        for chunk, pdf in _chunks(press, papers, duplex=duplex):
            start = len(merged.pages)
            titles += [(_outline_title(paper), start + page) for paper, page in chunk]
            merged.pages.extend(pdf.pages)
            pdf.close()
            if on_progress is not None:
                on_progress(len(titles))
        if not titles:
            raise ValueError("no papers to print")
        with merged.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, page) for title, page in titles)
        merged.Root.ViewerPreferences = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"))
        merged.Root.PageMode = pikepdf.Name("/UseOutlines")
        merged.Root.Lang = pikepdf.String("zh-CN")
        return saved(merged)


def identity(papers: Sequence[PaperToPrint]) -> str:
    """What tells one file from another: what is printed (by its hash), and which printing of it."""
    return "\n".join(f"{paper.form}|{paper.stamp}|{paper.copies}" for paper in papers)


def _laid_out(press: Press, paper: PaperToPrint) -> LaidOut:
    form = form_named(paper.form)
    if not isinstance(paper.content, form.content):
        raise UnknownForm(form=paper.form, content=type(paper.content).__name__)
    copies = default_copies(form, paper.content) if paper.copies is None else paper.copies
    if not copies:
        raise ValueError("a paper is printed in at least one copy")
    return press.lay_out(form, paper.content, paper.stamp, copy_labels(form, copies))


def _chunks(
    press: Press, papers: Iterable[PaperToPrint], *, duplex: bool
) -> Iterator[tuple[list[tuple[PaperToPrint, int]], pikepdf.Pdf]]:
    """Papers written some pages at a time, each with the page it begins on within its chunk."""
    chunk: list[tuple[PaperToPrint, LaidOut]] = []
    engine = press.engine

    def write() -> tuple[list[tuple[PaperToPrint, int]], pikepdf.Pdf]:
        begins, page = [], 0
        for paper, laid_out in chunk:
            begins.append((paper, page))
            sheets = laid_out.page_count + (laid_out.page_count % 2 if duplex else 0)
            page += sheets * laid_out.copies
        pdf = written([each for _, each in chunk], engine, identity([paper for paper, _ in chunk]), duplex=duplex)
        chunk.clear()
        press.forget_images()
        return begins, pdf

    for paper in papers:
        laid_out = _laid_out(press, paper)
        pages = sum(each.page_count for _, each in chunk)
        if chunk and (pages >= CHUNK_PAGES or press.engine is not engine):
            yield write()
        engine = press.engine
        chunk.append((paper, laid_out))
    if chunk:
        yield write()


def _outline_title(paper: PaperToPrint) -> str:
    number = paper.stamp.document_number or paper.stamp.number
    return f"{form_named(paper.form).title} {number}"
