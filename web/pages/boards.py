"""The first page: the boards of the duties a person has. Every number opens the rows it counts."""

from __future__ import annotations

from flask import Blueprint, url_for

from supplyops.catalogue import queries as catalogue
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.insight import queries
from supplyops.insight.rows import WorkRow
from supplyops.notices import queries as notices
from supplyops.wording.labels import DUTIES, TILES
from web import view
from web.language import gettext as _
from web.navigation import exists
from web.pages.notices import told
from web.view import signed_in

NOTICES_SHOWN = 5
ADDRESSES = {
    "consignment": "orders_consignment",
    "transfer": "transfer",
    "obligation": "obligation",
    "scrap": "scrap",
    "plan": "plan",
    "instruction": "orders_instruction",
    "call_off": "contracts_call_off",
    "contract": "contracts_contract",
    "mission": "teams_mission",
    "acceptance": "stock_document",
    "arrival": "arrival",
    "rotation": "rotation",
    "late_permit": "late_permits",
    "purchase_plan": "purchase_plan",
}
"""The page of one thing of a kind, found by its number; without one the row stands alone."""


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/", view_func=home)
    pages.add_url_rule("/duties/<code>", view_func=work)


@signed_in
def home() -> str:
    """Everybody starts where their work is."""
    sections = view.read(queries.board)
    ranks = {str(row.rank): row.name for row in view.read(catalogue.need_classes)}
    open_incidents = view.read(incidents.incidents, IncidentState.OPEN) if view.may("incidents.see") else []
    return view.page(
        "home/board.html",
        notices=told(view.read(notices.notices, limit=NOTICES_SHOWN)),
        sections=sections,
        duties=DUTIES,
        tiles=TILES,
        ranks=ranks,
        incidents=open_incidents,
    )


@signed_in
def work(code: str) -> str:
    """The rows behind a number that no list of its own shows."""
    rows = view.read(queries.work, code)
    return view.page("home/work.html", rows=rows, title=_(TILES[code]), address=_address)


def _address(row: WorkRow) -> str | None:
    endpoint = ADDRESSES[row.kind]
    return url_for(f"pages.{endpoint}", number=row.number) if exists(endpoint) else None
