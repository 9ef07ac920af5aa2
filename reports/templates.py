"""From values to HTML: autoescaped, and nothing undefined ever prints as nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from reports.errors import PaperDataMissing
from reports.filters import FILTERS
from reports.forms import FOLDER, Form, default_copies
from reports.marks import QrMark, strip_marks, watermark
from reports.titles import title_lines
from supplyops.papers.contents import PaperStamp
from supplyops.papers.contents.counts import count_sums
from supplyops.papers.contents.parts import known_amount
from supplyops.papers.contents.release import allocation_sums
from supplyops.papers.contents.reserves import purchase_sums
from supplyops.papers.contents.store import issue_sums, receipt_sums


@dataclass(frozen=True, slots=True)
class Part:
    """The rows that one page shows, each with its running number."""

    rows: tuple[tuple[int, Any], ...]
    is_last: bool
    has_subtotal: bool

    @property
    def lines(self) -> tuple[Any, ...]:
        """The rows without their numbers."""
        return tuple(line for _, line in self.rows)

    @property
    def amount_fen(self) -> int:
        """What the rows cost, as far as known."""
        return known_amount(self.lines)


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a long table breaks. `starts` are the numbers of the first rows of the pages after the first.

    While `is_measured`, rows and the end of the text carry anchors and every page of a table carries a subtotal, so
    that the room for it is known. A document that `is_tight` has its lines closer together.
    """

    starts: tuple[int, ...] = ()
    is_measured: bool = False
    is_tight: bool = False

    def parts(self, lines: Sequence[Any]) -> list[Part]:
        """The lines page by page."""
        numbered = list(enumerate(lines, start=1))
        edges = [1, *self.starts, len(numbered) + 1]
        parts = [tuple(numbered[a - 1 : b - 1]) for a, b in pairwise(edges)]
        several = self.is_measured or len(parts) > 1
        return [Part(rows, place == len(parts) - 1, several) for place, rows in enumerate(parts)]


@cache
def environment() -> Environment:
    """The one template environment of this process."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    env.filters.update(FILTERS)
    env.globals.update(
        title_lines=title_lines,
        allocation_sums=allocation_sums,
        receipt_sums=receipt_sums,
        issue_sums=issue_sums,
        count_sums=count_sums,
        purchase_sums=purchase_sums,
    )
    return env


def page_html(
    form: Form,
    content: object,
    stamp: PaperStamp,
    *,
    qr: QrMark | None,
    paging: Paging = Paging(),
    notes: Sequence[str] | None = None,
    env: Environment | None = None,
) -> str:
    """A paper as HTML, without the labels of its copies; `notes` make it a preview.

    Raises PaperDataMissing where a template asks for what is not there.
    """
    try:
        return (
            (env or environment())
            .get_template(form.template)
            .render(
                c=content,
                s=stamp,
                form=form,
                copies=default_copies(form, content),
                marks=strip_marks(stamp),
                watermark=watermark(stamp) if notes is None else "预览",
                qr=qr,
                paging=paging,
                notes=notes,
            )
        )
    except UndefinedError as error:
        raise PaperDataMissing(form=form.name, because=str(error)) from error


def label_html(labels: Sequence[str]) -> str:
    """A page for each copy that bears its label and nothing else."""
    return environment().get_template("label.html").render(labels=labels)
