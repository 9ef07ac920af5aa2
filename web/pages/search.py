"""One box to find anything by; without scripts a page, with them a list under the box while one types."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from supplyops.insight.search import SHOWN, TEXT_MAX, SearchHit, SearchKind, search
from supplyops.kernel.errors import Unauthenticated
from web import view
from web.navigation import exists
from web.view import signed_in

SUGGESTED = 12
_K = SearchKind
PAGES: dict[SearchKind, tuple[str, str]] = {
    _K.ITEM: ("item", "sku"),
    _K.LOT: ("stock_lot", "number"),
    _K.ASSET: ("asset", "number"),
    _K.SITE: ("site", "code"),
    _K.LOCATION: ("stock_lots", "location"),
    _K.STOCK_DOCUMENT: ("stock_document", "number"),
    _K.CONSIGNMENT: ("orders_consignment", "number"),
    _K.INSTRUCTION: ("orders_instruction", "number"),
    _K.REQUEST: ("request_", "number"),
    _K.LETTER: ("letter", "number"),
    _K.INCIDENT: ("incident", "number"),
    _K.MISSION: ("teams_mission", "number"),
    _K.CALL_OFF: ("contracts_call_off", "number"),
    _K.CONTRACT: ("contracts_contract", "number"),
    _K.ASSET_LOAN: ("asset_loan", "number"),
    _K.TRANSFER: ("transfer", "number"),
    _K.ARRIVAL: ("arrival", "number"),
    _K.COUNT: ("counts_count", "number"),
    _K.RECOVERY: ("recovery", "number"),
    _K.SCRAP: ("scrap", "number"),
    _K.ROTATION: ("rotation", "number"),
    _K.KIT_WORK: ("kit_work", "number"),
    _K.OBLIGATION: ("obligation", "number"),
    _K.TEAM: ("teams_team", "code"),
}
"""Where each kind is shown, and what its address is made of."""


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/search", view_func=search_)
    pages.add_url_rule("/search/suggest", view_func=search_suggest)


def address_of(hit: SearchHit) -> str:
    """The page of what was found; empty where it has none."""
    endpoint, name = PAGES.get(hit.kind, ("", ""))
    made_of: dict[str, Any] = {name: hit.key}
    return url_for(f"pages.{endpoint}", **made_of) if endpoint and exists(endpoint) else ""


def _asked() -> str:
    return request.args.get("text", "").strip()[:TEXT_MAX]


@signed_in
def search_() -> str:
    """What fits, by kind, best first."""
    text = _asked()
    groups: dict[SearchKind, list[tuple[SearchHit, str]]] = {}
    for hit in view.read(search, text, limit=5 * SHOWN):
        groups.setdefault(hit.kind, []).append((hit, address_of(hit)))
    return view.page("search/results.html", text=text, groups=groups)


def search_suggest() -> Response:
    """The best of it for the list under the box."""
    if view.actor().user_id is None:
        raise Unauthenticated("sign_in_required")
    hits = view.read(search, _asked(), limit=SHOWN)[:SUGGESTED]
    rows: list[dict[str, Any]] = [
        {"kind": view.word(hit.kind), "title": hit.title, "detail": hit.detail, "address": address_of(hit)}
        for hit in hits
    ]
    answer = jsonify(rows)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
