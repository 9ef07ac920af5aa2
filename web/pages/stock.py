"""Stock: by tier and item, lot by lot, one lot with its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from supplyops.catalogue import queries as catalogue
from supplyops.kernel.clock import business_day, instant
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.lots import queries as lot_queries
from supplyops.people.rules import Level
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind
from supplyops.reservations import queries as reservations
from supplyops.reservations.queries import HoldFilter
from supplyops.stock import expiry_queries, queries
from supplyops.stock.expiry import EXPIRED, LATER, NO_DATE
from supplyops.stock.expiry_queries import BandRow
from supplyops.stock.rules import LotState, MoveReason
from supplyops.stock.views import PAGE, MoveFilter, StockFilter
from web import view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.stock import ITEMS, LOTS, MOVES
from web.paging import page_asked
from web.view import signed_in

TIERS = (Level.PREFECTURE, Level.CITY, Level.TOWNSHIP, Level.COMMUNITY, Level.OUTSIDE)

PLACES = {
    "shelf": (LocationKind.STORAGE, LocationKind.TEAM),
    "transit": (LocationKind.TRANSIT,),
    "quarantine": (LocationKind.QUARANTINE,),
}
"""Kinds of places as the columns of the list of items name them."""
PLACE_WORDS = {"shelf": "在库", "transit": "在途", "quarantine": "待检"}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/stock", view_func=stock)
    pages.add_url_rule("/stock/lots", view_func=stock_lots)
    pages.add_url_rule("/stock/lots/<number>", view_func=stock_lot)
    pages.add_url_rule("/stock/moves", view_func=stock_moves)


def filter_from_query() -> StockFilter:
    """The filter that the address names; words that are no level do not narrow."""
    args = request.args
    days = args.get("expires_in", "")
    return StockFilter(
        text=args.get("text", "").strip()[:60],
        sku=args.get("sku", ""),
        owner_level=_level("owner_level"),
        site_level=_level("site_level"),
        site_code=args.get("site", ""),
        owner_code=args.get("owner", "")[:40],
        lot_number=args.get("lot", "")[:40],
        location_code=args.get("location", "")[:60],
        place_kinds=PLACES.get(args.get("place", ""), ()),
        include_exercise=bool(args.get("exercise")),
        expires_by=business_day(view.runtime().clock()) + timedelta(days=int(days))
        if days.isdecimal() and len(days) < 5
        else None,
        band=args.get("band", "")[:10],
        lot_state=LotState(args["state"]) if args.get("state", "") in set(LotState) else None,
    )


def asking_links() -> Callable[..., str]:
    """Makes addresses of the moves behind a number of this page, under the filters in force."""
    kept = {name: text for name, text in request.args.items() if text and name not in {"page", "as", "before"}}
    return lambda **more: url_for("pages.stock_statement", **{**kept, **more})


def _level(name: str) -> Level | None:
    value = request.args.get(name, "")
    return Level(value) if value in set(Level) else None


def active_filters(where: StockFilter) -> list[tuple[str, str]]:
    """What narrows the list, as (query field, words)."""
    found = [("text", f"“{where.text}”")] if where.text else []
    found += [("sku", where.sku)] if where.sku else []
    found += (
        [("owner_level", _("物权:{level}").format(level=view.word(where.owner_level)))] if where.owner_level else []
    )
    found += [("site_level", _("存放:{level}").format(level=view.word(where.site_level)))] if where.site_level else []
    found += [("site", _("场所:{code}").format(code=where.site_code))] if where.site_code else []
    found += [("lot", where.lot_number)] if where.lot_number else []
    found += [("location", where.location_code)] if where.location_code else []
    found += [("owner", _("物权:{level}").format(level=where.owner_code))] if where.owner_code else []
    found += [("place", _(PLACE_WORDS[request.args["place"]]))] if where.place_kinds else []
    found += [("expires_in", _("{days}天内到期").format(days=request.args["expires_in"]))] if where.expires_by else []
    found += [("band", band_name(where.band))] if where.band else []
    found += [("state", view.word(where.lot_state))] if where.lot_state else []
    return found


def band_name(code: str) -> str:
    """A band of expiry in words."""
    fixed = {EXPIRED: _("已过期"), LATER: _("更晚到期"), NO_DATE: _("无有效期")}
    return fixed.get(code) or _("{days}天内").format(days=code)


@signed_in
def stock() -> Any:
    """All stock by item, with who owns it and at which level it lies."""
    where = filter_from_query()
    rows = view.read(queries.item_stock, where)
    if file := ITEMS.file_of(rows):
        return file
    return view.page(
        "stock/items.html",
        rows=rows,
        where=where,
        tiers=TIERS,
        active=active_filters(where),
        classes=_classes(),
        bands=bands(where),
        ask=asking_links(),
    )


@signed_in
def stock_lots() -> Any:
    """Stock lot by lot, fifty a page."""
    where = filter_from_query()
    if file := LOTS.file_of(lambda: view.read(queries.stock_rows, where, limit=ALL_ROWS)):
        return file
    found = view.read(queries.stock_page, where, page_asked())
    sites = view.read(places.sites)
    return view.page(
        "stock/lots.html",
        rows=found.rows,
        where=where,
        tiers=TIERS,
        active=active_filters(where),
        page=found.page,
        pages=found.pages,
        total=found.total,
        sites=sites,
        bands=bands(where),
        ask=asking_links(),
    )


def bands(where: StockFilter) -> list[tuple[BandRow, str]]:
    """How the stock on a list is spread over the bands of expiry, each with its words."""
    return [(row, band_name(row.code)) for row in view.read(expiry_queries.expiry_bands, where)]


@signed_in
def stock_lot(number: str) -> Response:
    """One lot: what it is, where it lies, who holds it, everything that happened to it."""
    return lot_page(number, Form())


def lot_page(number: str, form: Form) -> Response:
    """The page of a lot, with what was refused."""
    lot = view.read(queries.lot, number)
    return form.page(
        "stock/lot.html",
        lot=lot,
        statuses=view.read(lot_queries.lot_statuses, number),
        places=view.read(queries.stock_rows, StockFilter(lot_number=number, include_empty=True, include_exercise=True)),
        holds=view.read(reservations.holds, HoldFilter(lot_number=number), limit=500),
        moves=view.read(queries.history, MoveFilter(lot_id=lot.id, limit=200)),
    )


@signed_in
def stock_moves() -> Any:
    """The newest moves that the filters leave, paged backwards by sequence."""
    where = moves_from_query()
    if file := MOVES.file_of(lambda: view.read(queries.history, replace(where, before_seq=None, limit=ALL_ROWS))):
        return file
    rows = view.read(queries.history, replace(where, limit=PAGE + 1))
    return view.page(
        "stock/moves.html",
        moves=rows[:PAGE],
        more=len(rows) > PAGE,
        where=where,
        active=_active_moves(where),
        reasons=list(MoveReason),
        sites=view.read(places.sites),
    )


def moves_from_query() -> MoveFilter:
    """The moves that the address asks for. Raises InvalidInput for a time that is none."""
    args = request.args
    before, reason = args.get("before", ""), args.get("reason", "")
    return MoveFilter(
        sku=args.get("sku", "").strip().upper()[:6],
        lot_number=args.get("lot", "").strip()[:40],
        site_code=args.get("site", "")[:40],
        location_code=args.get("location", "").strip()[:60],
        actor=args.get("actor", "").strip()[:40],
        document_number=args.get("document", "").strip()[:80],
        reason=MoveReason(reason) if reason in set(MoveReason) else None,
        since=_moment("from"),
        until=_moment("to"),
        by_occurred=args.get("by") == "occurred",
        before_seq=int(before) if before.isdecimal() and len(before) < 16 else None,
    )


def _moment(name: str) -> datetime | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidInput(fields=(FieldError(name, "not_a_moment", {"value": text[:40]}),)) from None


def _active_moves(where: MoveFilter) -> list[tuple[str, str]]:
    """What narrows the moves, as (query field, words)."""
    said = (
        ("sku", where.sku),
        ("lot", where.lot_number),
        ("site", where.site_code),
        ("location", where.location_code),
        ("actor", where.actor),
        ("document", where.document_number),
        ("reason", view.word(where.reason) if where.reason else ""),
        ("from", view.moment(where.since)),
        ("to", view.moment(where.until)),
    )
    return [(name, words) for name, words in said if words]


def _classes() -> dict[str, str]:
    return {row.code: row.name for row in view.read(catalogue.need_classes)}
