"""Lists as files to take away: what a page shows, on all its pages, with the same filters, as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, g, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from supplyops.exchange.commands import note_export
from supplyops.exchange.lists import FORMATS, LISTED_MAX, Getter, ListFile
from supplyops.kernel.clock import beijing
from web import view
from web.language import gettext

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ALL_ROWS = LISTED_MAX + 1
"""The limit to ask a paged query for: one more than a file may hold, so that a list that is too long is refused, not cut."""
_NOT_FILTERS = {"as", "page", "before"}


class Listing:
    """A list that can be taken away as a file. Declared once beside its page's view; its name is its address in the API."""

    def __init__(self, name: str, title: str, page: str, columns: Mapping[str, Getter]) -> None:
        self.name, self.title, self.page = name, title, page
        self._list = ListFile(name, title, columns)

    @property
    def headers(self) -> tuple[str, ...]:
        """What stands above its columns."""
        return tuple(self._list.columns)

    def file_of(self, rows: Sequence[Any] | Callable[[], Sequence[Any]]) -> Any:
        """The file, if the address asks for one; None when the page itself is asked for.

        `rows` are all rows that the filters leave: give a function where reading them all costs more than a page of them.
        """
        wanted = g.get("listing_format") or request.args.get("as", "")
        if wanted not in FORMATS:
            return None
        found = rows() if callable(rows) else rows
        narrowed_by = sorted(
            f"{name}={text[:60]}" for name, text in request.args.items() if name not in _NOT_FILTERS and text
        )
        moment = beijing(view.runtime().clock())
        facts = [
            ("列表", self.title),
            ("导出时间", f"{moment:%Y-%m-%d %H:%M}(北京时间)"),
            ("导出人", f"{view.principal().name} {view.organisation_name()}".strip()),
            ("筛选条件", "、".join(narrowed_by) or "无,全部可见的行"),
        ]
        body = self._list.write(found, wanted, facts)
        view.let_go()
        view.runtime().run(note_export, view.actor(), self.name, len(found), wanted, narrowed_by)
        return download(body, f"{self.title}-{len(found)}行-{moment:%Y%m%d-%H%M}", wanted)


LISTINGS: dict[str, Listing] = {}


def listing(name: str, title: str, page: str, columns: Mapping[str, Getter]) -> Listing:
    """Declare a list: its name (that of the noun, in the plural), its Chinese title, its page's view, and its columns."""
    assert name not in LISTINGS, f"two lists are called {name}"
    LISTINGS[name] = Listing(name, title, page, columns)
    return LISTINGS[name]


def download(body: bytes, name: str, format_name: str) -> Response:
    """A file to save under a Chinese name."""
    response = Response(body, content_type=TYPES[format_name])
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"list.{format_name}\"; filename*=UTF-8''{quote(name)}.{format_name}"
    )
    return response


def export_links(total: int | None = None) -> Markup:
    """Links to the list of this page as a file; `total` says how many rows it will have."""
    links = Markup(" ").join(
        Markup('<a href="{}">{}</a>').format(view.here_with(**{"as": name, "page": None, "before": None}), name.upper())
        for name in FORMATS
    )
    said = (
        gettext("导出")
        if total is None
        else gettext("导出全部 {total} 行").format(
            total=view.quantity(total) + ("+" if getattr(total, "is_more", False) else "")
        )
    )
    return Markup('<div class="exports">{}: {}</div>').format(said, links)


def set_up(app: Flask) -> None:
    """Give templates the links."""
    app.jinja_env.globals.update(export_links=export_links)
