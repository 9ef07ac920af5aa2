"""Advice on a plan with names: what would help, whom and by how much, and which reasons hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.solution import Why
from supplyops.catalogue.tables import Item
from supplyops.people.tables import Organisation
from supplyops.places.tables import Road, Site
from supplyops.planning.queries import PlanHead
from supplyops.planning.tables import Plan
from supplyops.planning.whynot import Explainer
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.wording.helps import HELPS, span

BECAUSE = "who may see a plan sees what would help it"
ROADS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class GainRow:
    """How a request line fares with a change: units more in time (fewer below zero), what comes anyway so much sooner."""

    request_line_id: UUID
    request_number: str
    request_line_no: int
    item_name: str
    unit: str
    delivery_site_name: str
    more: int
    sooner_s: int | None


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One change: what to do, whether solving again has proven it, and what it brings."""

    code: str
    text: str
    proof: str
    is_least: bool
    amount: int
    persons: int
    places: int
    sooner_s: int
    cost_fen: int
    trials: int
    asked_by: tuple[UUID, ...]
    gains: tuple[GainRow, ...]
    losses: tuple[GainRow, ...]

    def helps(self, request_line_id: UUID) -> bool:
        """Is it shown with the line? Proven ones where they help, untried ones where they were asked for."""
        if self.proof == "proven":
            return any(gain.request_line_id == request_line_id for gain in self.gains)
        return self.proof == "unproven" and request_line_id in self.asked_by


@dataclass(frozen=True, slots=True)
class CheckedReason:
    """A reason as people say it and whether it held when it was taken away; units more in time alone and with those before."""

    code: str
    text: str
    standing: str
    alone: int
    together: int


class Helper:
    """Knows what the codes and ids of an answer stand for."""

    def __init__(self, ctx: Context, plan: PlanHead, answer: Mapping[str, Any]) -> None:
        found = unscoped(select(Plan.problem, Plan.solution).where(Plan.id == plan.id), BECAUSE)
        self._problem, solution = ctx.session.execute(found).one()
        self._answer = answer
        self._explainer = Explainer(ctx, self._problem, plan.starts_at)
        self._gaps = {gap["line_id"]: gap for gap in solution["gaps"]}
        self._minimum = {line["id"]: line["minimum_fill"] for line in self._problem["lines"]}
        self._names = {kind["id"]: kind["name"] for kind in self._problem["vehicle_types"]}
        self._items = {
            sku: (name, unit) for sku, name, unit in ctx.session.execute(select(Item.sku, Item.name, Item.unit))
        }
        self._lines = _lines(ctx, list(self._minimum))
        self._sites = dict(ctx.session.execute(unscoped(select(Site.code, Site.name), BECAUSE)).all())
        self._owners = dict(ctx.session.execute(unscoped(select(Organisation.code, Organisation.name), BECAUSE)).all())
        self._roads = dict(ctx.session.execute(select(Road.code, Road.name)).all())

    def remedies(self) -> tuple[RemedyRow, ...]:
        """Every change tried, in the order of the answer."""
        return tuple(self._remedy(each) for each in self._answer["remedies"])

    def reasons(self, line_id: str) -> tuple[CheckedReason, ...]:
        """The reasons of a line put to the test, in their order; none twice."""
        given = self._gaps.get(line_id, {"reasons": []})["reasons"]
        rows = []
        for check in self._answer["reasons"]:
            if check["line_id"] != line_id:
                continue
            beyond = {"code": check["code"], "params": {"item_ids": [self._item_of(line_id)]}}
            reason = given[check["place"]] if check["place"] < len(given) else beyond
            if reason["code"] == Why.LOCKED.value and reason["params"].get("mode") == "forbid":
                continue  # the house's own locks keep goods from going where they lie
            text = self._explainer.sentence(line_id, reason)
            rows.append(CheckedReason(check["code"], text, check["standing"], check["alone"], check["together"]))
        return tuple(
            {row.text: row for row in reversed(rows)}[text] for text in dict.fromkeys(row.text for row in rows)
        )

    def _item_of(self, line_id: str) -> str:
        return next(str(line["item_id"]) for line in self._problem["lines"] if line["id"] == line_id)

    def _remedy(self, each: Mapping[str, Any]) -> RemedyRow:
        gains = tuple(self._gain(effect) for effect in each["effects"])
        return RemedyRow(
            code=each["code"],
            text=self._text(each),
            proof=each["proof"],
            is_least=each["is_least"],
            amount=each["amount"],
            persons=each["persons"],
            places=len({gain.delivery_site_name for gain in gains if gain.more > 0}),
            sooner_s=max((gain.sooner_s or 0 for gain in gains), default=0),
            cost_fen=each["cost_fen"],
            trials=each["trials"],
            asked_by=tuple(UUID(line_id) for line_id in each["line_ids"]),
            gains=gains,
            losses=tuple(self._gain(effect) for effect in each["losses"]),
        )

    def _gain(self, effect: Mapping[str, Any]) -> GainRow:
        line = self._lines[effect["line_id"]]
        return GainRow(*line, effect["more"], effect["sooner_s"])

    def _text(self, each: Mapping[str, Any]) -> str:
        params = each["params"]
        key = f"{each['code']}.{params['because']}" if each["code"] == "take_offer" else each["code"]
        source = params.get("source_id") or params.get("lot_id") or params.get("contract_id") or ""
        item, unit = self._goods(params, source, each["line_ids"])
        roads = [self._roads.get(code, code) for code in params.get("edge_ids", [])]
        more = f"等 {len(roads)} 段" if len(roads) > ROADS_SHOWN else ""
        line_id = str(params.get("line_id", ""))
        shown = {
            **{name: value for name, value in params.items() if isinstance(value, str)},
            "amount": f"{each['amount']:,}",
            "time": span(each["amount"]),
            "quantity": f"{params.get('quantity', 0):,}",
            "item": item,
            "unit": unit,
            "source": self._explainer.name_of(source),
            "contract": params.get("contract") or self._explainer.contract_number(source),
            "site": self._site(params, source),
            "owner": params.get("owner") or self._owners.get(params.get("owner_id", ""), ""),
            "type": self._names.get(params.get("type_id", ""), ""),
            "vehicle": params.get("vehicle_id", ""),
            "roads": "、".join(roads[:ROADS_SHOWN]) + more,
            "due": self._explainer.due_of(each["line_ids"][0]) if each["line_ids"] else "",
            "minimum_fill": f"{params.get('minimum_fill', 0):,}",
            "was": f"{self._minimum.get(line_id, 0):,}",
        }
        return HELPS[key].format_map(shown)

    def _goods(self, params: Mapping[str, Any], source: str, line_ids: list[str]) -> tuple[str, str]:
        sku = params.get("item_id") or self._explainer.item_of(source)
        sku = sku or (self._item_of(line_ids[0]) if line_ids else "")
        return self._items.get(sku, ("", ""))

    def _site(self, params: Mapping[str, Any], source: str) -> str:
        if params.get("site"):
            return str(params["site"])
        code = params.get("site_id", "")
        return str(self._sites.get(code, code)) if code else self._explainer.name_of(source)


def _lines(ctx: Context, line_ids: list[str]) -> dict[str, tuple[UUID, str, int, str, str, str]]:
    rows = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest.number, Item.name, Item.unit, Site.name)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .join(Item, Item.id == SupplyRequestLine.item_id)
            .join(Site, Site.id == SupplyRequest.delivery_site_id)
            .where(SupplyRequestLine.id.in_([UUID(line_id) for line_id in line_ids])),
            BECAUSE,
        )
    )
    return {str(line.id): (line.id, number, line.line_no, item, unit, site) for line, number, item, unit, site in rows}
