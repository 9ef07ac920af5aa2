"""Where a long table breaks, so that each page can carry the sums of its own rows (本页小计).

A paper is laid out once. If it fits one page that is all. Otherwise it is laid out again with an anchor at every row
and room for a subtotal on every page; the anchors tell which rows each page holds, and the third layout states the
breaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reports.templates import Paging

_KEPT_WITH_SIGNATURES = 2
"""Rows carried over so that no page holds signatures alone."""
_SURELY_LONG = 30
"""With so many rows no form fits one page, so trying is a waste of a layout."""

LayOut = Callable[[Paging], Any]


def paged(lay_out: LayOut, lines: int) -> Any:
    """The laid-out document. Falls back to a table without page sums if the breaks do not come out."""
    if lines < _SURELY_LONG:
        plain = lay_out(Paging())
        if len(plain.pages) == 1 or not lines:
            return plain
    measured = lay_out(Paging(is_measured=True))
    starts = row_starts([_rows(page) for page in measured.pages])
    document = lay_out(Paging(starts=starts))
    return document if len(document.pages) == len(starts) + 1 else lay_out(Paging())


def tightened(lay_out: LayOut) -> Any:
    """The laid-out document of running text, its lines closer where else the imprint alone would fill the last page."""
    measured = lay_out(Paging(is_measured=True))
    return lay_out(Paging(is_tight="end" not in measured.pages[-1].anchors))


def row_starts(rows_by_page: list[list[int]]) -> tuple[int, ...]:
    """The first row of each page after the first. A last page without rows takes the last two of the page before."""
    starts = [rows[0] for rows in rows_by_page[1:] if rows]
    if not rows_by_page[-1]:
        last = max(row for rows in rows_by_page for row in rows)
        first_of_last_page = starts[-1] if starts else 1
        carried = max(first_of_last_page + 1, last - _KEPT_WITH_SIGNATURES + 1)
        if carried <= last:
            starts.append(carried)
    return tuple(starts)


def _rows(page: Any) -> list[int]:
    return sorted(int(anchor.removeprefix("row-")) for anchor in page.anchors if anchor.startswith("row-"))
