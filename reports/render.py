"""Papers to PDF: one paper with all its copies, or many papers in one file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context

import pikepdf

from reports.errors import UnknownForm
from reports.fonts import Fonts, default_fonts
from reports.forms import copy_labels, default_copies, form_named
from reports.press import LaidOut, Press, saved, written
from supplyops.kernel.memory import collect_seldom
from supplyops.papers.contents import Content, PaperStamp

CHUNK_PAGES = 60
"""Pages laid out before they are written: memory stays flat however many papers are printed together."""

Titles = list[tuple[str, int]]
"""For the outline: what a paper is called and the page it begins on."""


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
    chunks = _chunks(Press(fonts or default_fonts()), papers, duplex=duplex)
    return _bound(
        (([(_outline_title(paper), page) for paper, page in chunk], pdf) for chunk, pdf in chunks), on_progress
    )


def render_shared(
    papers: Sequence[PaperToPrint], *, processes: int, fonts: Fonts | None = None, duplex: bool = False
) -> bytes:
    """As `render_many`, the papers shared out among processes in runs of their order. Worth it from some dozens on.

    The same papers and number of processes give the same bytes. Raises as `render_many`.
    """
    size = -(-len(papers) // max(processes, 1))
    shares = [papers[place : place + size] for place in range(0, len(papers), size or 1)]
    if len(shares) < 2:
        return render_many(papers, fonts=fonts, duplex=duplex)
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn"), initializer=collect_seldom) as pool:
        written_shares = pool.map(_share, shares, repeat(fonts), repeat(duplex))
        return _bound((titles, pikepdf.open(io.BytesIO(body))) for titles, body in written_shares)


def _share(papers: Sequence[PaperToPrint], fonts: Fonts | None, duplex: bool) -> tuple[Titles, bytes]:
    """One process's run of papers: a file without an outline, and where each paper begins in it."""
    titles: Titles = []
    with pikepdf.new() as merged:
        for chunk, pdf in _chunks(Press(fonts or default_fonts()), papers, duplex=duplex):
            titles += [(_outline_title(paper), len(merged.pages) + page) for paper, page in chunk]
            merged.pages.extend(pdf.pages)
            pdf.close()
        return titles, saved(merged)


def _bound(parts: Iterable[tuple[Titles, pikepdf.Pdf]], on_progress: Callable[[int], None] | None = None) -> bytes:
    """Files bound into one, with an outline over all. Raises ValueError without any."""
    titles: Titles = []
    with pikepdf.new() as merged:
        for part, pdf in parts:
            titles += [(title, len(merged.pages) + page) for title, page in part]
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
        press.forget()
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
