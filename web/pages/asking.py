"""Asking the books: which moves make a number, and what lay where at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request

from supplyops.kernel.clock import instant
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places import queries as places
from supplyops.stock import as_of_queries
from supplyops.stock.as_of_queries import AsOf, StockClock
from supplyops.stock.statement_queries import statement
from supplyops.stock.views import PAGE
from web import view
from web.lists import ALL_ROWS
from web.lists.asking import ITEMS_THEN, LOTS_THEN, STATEMENT
from web.pages.stock import TIERS, active_filters, filter_from_query
from web.paging import page_of
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/stock/statement", view_func=stock_statement)
    pages.add_url_rule("/stock/as-of", view_func=stock_as_of)
    pages.add_url_rule("/stock/as-of/items", view_func=stock_items_as_of)


def as_of_from_query() -> AsOf:
    """The moment that the address names, in Beijing time; now, where it names none. Raises InvalidInput."""
    text = request.args.get("moment", "").strip()
    by = request.args.get("by", "")
    if not text:
        moment = view.runtime().clock()
    else:
        try:
            moment = instant(datetime.fromisoformat(text))
        except ValueError:
            raise InvalidInput(fields=(FieldError("moment", "not_a_moment", {"value": text[:40]}),)) from None
    return AsOf(moment, StockClock(by) if by in set(StockClock) else StockClock.RECORDED)


def before_from_query() -> int | None:
    """Where a page of moves begins."""
    text = request.args.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


@signed_in
def stock_statement() -> Any:
    """A number and the moves that make it."""
    where = filter_from_query()
    if file := STATEMENT.file_of(lambda: view.read(statement, where, limit=ALL_ROWS).rows):
        return file
    return view.page(
        "stock/statement.html",
        account=view.read(statement, where, before_from_query()),
        where=where,
        active=active_filters(where),
    )


@signed_in
def stock_as_of() -> Any:
    """Stock lot by lot as it was at a moment."""
    where, as_of = filter_from_query(), as_of_from_query()
    if file := LOTS_THEN.file_of(lambda: view.read(as_of_queries.stock_rows_as_of, where, as_of, limit=ALL_ROWS)):
        return file
    total = view.read(as_of_queries.count_stock_rows_as_of, where, as_of)
    page, pages = page_of(total)
    return view.page(
        "stock/as_of.html",
        rows=view.read(as_of_queries.stock_rows_as_of, where, as_of, offset=(page - 1) * PAGE),
        total=total,
        page=page,
        pages=pages,
        **_shared(where, as_of),
    )


@signed_in
def stock_items_as_of() -> Any:
    """Stock item by item as it was at a moment."""
    where, as_of = filter_from_query(), as_of_from_query()
    rows = view.read(as_of_queries.item_stock_as_of, where, as_of)
    if file := ITEMS_THEN.file_of(rows):
        return file
    return view.page("stock/items_as_of.html", rows=rows, **_shared(where, as_of))


def _shared(where: Any, as_of: AsOf) -> dict[str, Any]:
    return {
        "where": where,
        "as_of": as_of,
        "clocks": list(StockClock),
        "tiers": TIERS,
        "sites": view.read(places.sites),
        "active": active_filters(where),
    }
