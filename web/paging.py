"""Pages of a list: which one is asked for, how many there are, and how far rows are counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request

from supplyops.database.counting import COUNTED_MAX
from web import view

PAGE = 50


class AtLeast(int):
    """So many rows were counted, and there are more."""

    is_more: ClassVar[bool] = True


def page_asked() -> int:
    """The page that the address names; the first where it names none."""
    asked = request.args.get("page", "1")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else 1


def page_of(total: int, size: int = PAGE) -> tuple[int, int]:
    """(page asked for, pages there are); a page beyond the end is the last one."""
    pages = max(1, -(-total // size))
    return min(max(page_asked(), 1), pages), pages


def counted(count: Any, *narrowed: Any, size: int = PAGE, **named: Any) -> tuple[int, int, int]:
    """(rows, page asked for, pages there are) of a list that grows for ever.

    It is counted as far as is said in numbers, and far enough to know whether another page follows.
    """
    most = max(COUNTED_MAX, page_asked() * size)
    found = view.read(count, *narrowed, **named, most=most)
    return (AtLeast(most) if found > most else found, *page_of(found, size))


def one_page(read: Any, count: Any, *narrowed: Any, size: int = PAGE, **named: Any) -> dict[str, Any]:
    """`rows`, `total`, `page`, `pages` for the template of a list that grows for ever: the page asked for, read by itself."""
    total, page, pages = counted(count, *narrowed, size=size, **named)
    rows = view.read(read, *narrowed, **named, offset=(page - 1) * size, limit=size)
    return {"rows": rows, "total": total, "page": page, "pages": pages}


def page_among(rows: Sequence[Any], size: int = PAGE) -> dict[str, Any]:
    """The same for a list that can only be read whole."""
    page, pages = page_of(len(rows), size)
    return {"rows": rows[(page - 1) * size : page * size], "total": len(rows), "page": page, "pages": pages}
