"""Why-not in sentences: the codes and figures of a gap with the names of stores, contracts, requests and moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import beijing
from supplyops.planning.naming import contract_numbers
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.wording.labels import LABELS
from supplyops.wording.why import WHY

SOURCES_SHOWN = 3
LINES_SHOWN = 4


class Explainer:
    """Knows what the codes of one plan's problem stand for."""

    def __init__(self, ctx: Context, problem: Mapping[str, Any], starts_at: datetime) -> None:
        self._starts_at = starts_at
        self._sites = {site["id"]: site["name"] for site in problem["sites"]}
        self._items = {item["id"]: item["name"] for item in problem["items"]}
        self._units = dict(ctx.session.execute(select(Item.sku, Item.unit).where(Item.sku.in_(self._items))).all())
        self._source_items = {each["id"]: each["item_id"] for each in (*problem["lots"], *problem["contracts"])}
        self._source_sites = {each["id"]: each["site_id"] for each in problem["lots"]}
        self._line_items = {line["id"]: line["item_id"] for line in problem["lines"]}
        self._contracts = contract_numbers(ctx, [each["id"] for each in problem["contracts"]])
        self._requests, self._due = _request_lines(ctx, list(self._line_items))

    def sentence(self, line_id: str, reason: Mapping[str, Any]) -> str:
        """One reason of one line as people say it. An unknown code is shown as it is: nothing is hidden."""
        params = reason["params"]
        template = WHY.get(reason["code"])
        if template is None:
            return f"{reason['code']} {params}" if params else str(reason["code"])
        sources = params.get("sources") or ([params] if "source_id" in params else [])
        sku = self._source_items.get(sources[0]["source_id"], "") if sources else ""
        unit = params.get("unit") or self._units.get(sku or self._line_items.get(line_id, ""), "")
        mode = params.get("mode", "")
        packs = {each["pack"] for each in sources if "pack" in each}
        shown = {
            **{name: value for name, value in params.items() if isinstance(value, str)},
            "items": "、".join(self._items.get(item, item) for item in params.get("item_ids", [])) or "物资",
            "where": self._where(sources),
            "unit": unit,
            "amount": self._amount(params, unit),
            "earliest": self._moment(params.get("earliest_at")),
            "due": self._due.get(line_id) or self._moment(params.get("due_at")),
            "lines": self._lines(params.get("lines", [])),
            "minimum_fill": f"{params.get('minimum_fill', 0):,}",
            "pack": f" {packs.pop():,} {unit}" if len(packs) == 1 else "",
            "mode": LABELS["LockMode"].get(mode, mode),
            "wanted": "" if mode == "forbid" else f" {params.get('quantity', 0):,} {unit}",
            "given": f"{params.get('given', 0):,}",
        }
        return template.format_map(_Blank(shown))

    def _amount(self, params: Mapping[str, Any], unit: str) -> str:
        """How much; of several kinds of goods each by itself, with its name."""
        kinds = params.get("by_item") or {}
        named = [f"{self._items.get(sku, sku)} {count:,} {self._units.get(sku, '')}" for sku, count in kinds.items()]
        return "、".join(named) or f"{params.get('quantity', 0):,} {unit}"

    def sentences(self, line_id: str, reasons: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Every reason of a line, the binding ones first, none twice."""
        return tuple(dict.fromkeys(self.sentence(line_id, reason) for reason in reasons))

    def name_of(self, source: str) -> str:
        """The store or contract a source is known by; nothing for none."""
        return self._name(source).strip() if source else ""

    def contract_number(self, source: str) -> str:
        """A contract's number, for its line's source."""
        return self._contracts.get(source, "")

    def item_of(self, source: str) -> str:
        """The item of a source of the problem; empty for another."""
        return str(self._source_items.get(source, ""))

    def due_of(self, line_id: str) -> str:
        """By when a line was asked for."""
        return self._due.get(line_id, "")

    def _where(self, sources: Sequence[Mapping[str, Any]]) -> str:
        names = list(dict.fromkeys(self._name(each["source_id"]) for each in sources))
        more = f"等 {len(names)} 处" if len(names) > SOURCES_SHOWN else ""
        return "、".join(names[:SOURCES_SHOWN]) + more

    def _name(self, source: str) -> str:
        if source in self._contracts:
            return f"合同 {self._contracts[source]} "
        return str(self._sites.get(self._source_sites.get(source, ""), source))

    def _lines(self, lines: Sequence[Mapping[str, Any]]) -> str:
        if not lines:
            return ""
        named = [f"{self._requests.get(each['line_id'], '')} {each['quantity']:,}" for each in lines[:LINES_SHOWN]]
        more = "等" if len(lines) > LINES_SHOWN else ""
        return f"({'、'.join(named)}{more})"

    def _moment(self, seconds: int | None) -> str:
        if seconds is None:
            return ""
        return f"{beijing(self._starts_at + timedelta(seconds=seconds)):%m-%d %H:%M}"


class _Blank(dict[str, Any]):
    """Figures that a reason may leave out."""

    def __missing__(self, key: str) -> str:
        return ""


def _request_lines(ctx: Context, line_ids: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What each line is called, and by when it was asked for: a problem knows no moment before its own start."""
    rows = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest.number)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(SupplyRequestLine.id.in_([UUID(line_id) for line_id in line_ids])),
            "the plan names them",
        )
    )
    found = {str(line.id): (f"{number} 第{line.line_no}行", line.latest_arrival_at) for line, number in rows}
    called = {line_id: name for line_id, (name, _) in found.items()}
    return called, {line_id: f"{beijing(due_at):%m-%d %H:%M}" for line_id, (_, due_at) in found.items()}
