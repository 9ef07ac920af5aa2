"""What the codes of a plan's problem are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.planning.rules import SourceKind, source_parts
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot

BECAUSE = "who may see a plan sees what it names"


class Names:
    """Names of sites, items and request lines, looked up once."""

    def __init__(self, ctx: Context, problem: Mapping[str, Any]) -> None:
        self._sites = {site["id"]: site["name"] for site in problem["sites"]}
        self._items = {item["id"]: item["name"] for item in problem["items"]}
        self._lines = {line["id"]: line for line in problem["lines"]}
        self._units = dict(ctx.session.execute(select(Item.sku, Item.unit).where(Item.sku.in_(self._items))).all())
        lines = (
            select(SupplyRequestLine.id, SupplyRequest.number, SupplyRequestLine.line_no)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(SupplyRequestLine.id.in_([UUID(line_id) for line_id in self._lines]))
        )
        rows = ctx.session.execute(unscoped(lines, BECAUSE))
        self._requests = {str(line_id): (number, line_no) for line_id, number, line_no in rows}

    def site(self, code: str) -> str:
        """A site's name."""
        return str(self._sites.get(code, code))

    def item(self, sku: str) -> str:
        """An item's name."""
        return str(self._items.get(sku, sku))

    def unit(self, sku: str) -> str:
        """An item's base unit."""
        return self._units.get(sku, "")

    def request(self, line_id: str) -> tuple[str, int]:
        """Number of the request and of its line."""
        return self._requests.get(line_id, (line_id, 0))

    def asked(self, line_id: str) -> tuple[str, str]:
        """Name and unit of what a line asks for."""
        sku = self._lines[line_id]["item_id"]
        return self.item(sku), self.unit(sku)

    def delivery(self, line_id: str) -> str:
        """Name of the place a line is for."""
        return self.site(self._lines[line_id]["site_id"])


def contract_numbers(ctx: Context, sources: Iterable[str]) -> dict[str, str]:
    """The contract's number for each source that is a contract's line."""
    ids = {source_parts(source)[2]: source for source in sources if source_parts(source)[0] is SourceKind.CONTRACT}
    found = (
        select(ContractLine.id, Contract.number)
        .join(Contract, Contract.id == ContractLine.contract_id)
        .where(ContractLine.id.in_(ids))
    )
    return {ids[line_id]: number for line_id, number in ctx.session.execute(unscoped(found, BECAUSE))}


def lot_numbers(ctx: Context, sources: Iterable[str]) -> dict[str, str]:
    """The lot's number for each source that is a lot at a place."""
    ids = {source: source_parts(source)[2] for source in sources if source_parts(source)[0] is SourceKind.LOT}
    found = unscoped(select(Lot.id, Lot.number).where(Lot.id.in_(set(ids.values()))), BECAUSE)
    numbers = dict(ctx.session.execute(found).all())
    return {source: numbers[lot_id] for source, lot_id in ids.items() if lot_id in numbers}
