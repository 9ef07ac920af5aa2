"""What changed between the plan people work by and the one made near it: goods, visits, and what the calm costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import from_json
from optimizer.model import Problem
from optimizer.replan import Change, delta
from optimizer.solution import Solution
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.planning.nearness import proposed, stability_in
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.saving import unbooked
from supplyops.planning.tables import Plan
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, query, unscoped

BECAUSE = "who may see a plan sees what it names"


@dataclass(frozen=True, slots=True)
class GoodsChange:
    """One source for one request line, before and after."""

    what: Change
    request_number: str
    request_line_no: int
    item_name: str
    unit: str
    origin_site_name: str
    delivery_site_name: str
    quantity_before: int
    quantity_after: int
    plate_before: str
    plate_after: str
    arrives_before: datetime | None
    arrives_after: datetime | None
    is_forced: bool
    """It could not stay as it was; else the change was chosen for what it buys."""


@dataclass(frozen=True, slots=True)
class VisitChange:
    """One vehicle at one delivery site, before and after."""

    what: Change
    plate: str
    site_name: str
    trip_before: int | None
    trip_after: int | None
    arrives_before: datetime | None
    arrives_after: datetime | None


@dataclass(frozen=True, slots=True)
class Calm:
    """A plan's figures beside those of others: ‰ served by class, person-hours waited, fen."""

    served_permille: dict[str, int]
    waiting_person_h: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class Gains:
    """A plan's figures less those of what is left of the older one if only what has to be is changed."""

    served_permille: dict[str, int]
    """By class, those alone that differ."""
    waiting_person_h: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """Two plans, every change, and how the newer one compares with what was left of the older and with a freer one."""

    before: PlanHead
    after: PlanHead
    assignments: int
    changed: int
    changed_permille: int
    forced: int | None
    """Of the changed: had to change, because the road, the vehicle, the goods or the request is not what it was. None where unknown."""
    forced_permille: int | None
    chosen: int | None
    """Of the changed: could have stayed, and were changed for what it buys: `reached` beside `left`."""
    chosen_permille: int | None
    gains: Gains | None
    """What the changes by choice, and what was added, buy."""
    counts: dict[str, int]
    """How many assignments were frozen, kept, moved, changed, made more, added, dropped."""
    issued: tuple[str, ...]
    """Owners whose part of the older plan is under orders: it goes on unchanged."""
    goods: tuple[GoodsChange, ...]
    visits: tuple[VisitChange, ...]
    left: Calm | None
    """Of the older plan, less what became impossible."""
    reached: Calm | None
    free: Calm | None
    """Of what is found when changes cost nothing."""
    free_changed_permille: int | None


@query(Permission.PLANS_SEE)
def changes(ctx: Context, reference: str) -> PlanChanges:
    """What a plan changes in the one it is based on. Raises NotFound for a plan that is based on none or has no result."""
    after_head = head(ctx, reference)
    after = ctx.session.get(Plan, after_head.id, execution_options={"unscoped": True})
    if after is None or not after.solution or not after.options.get("based_on"):
        raise NotFound("plan_changes", reference=after_head.number)
    before_head = head(ctx, str(after.options["based_on"]))
    before = ctx.session.get(Plan, before_head.id, execution_options={"unscoped": True})
    if before is None or not before.solution:
        raise NotFound("plan_changes", reference=after_head.number)
    stability = stability_in(after.options)
    issued = list(after.options.get("issued", []))
    problem = from_json(Problem, after.problem)
    solution = from_json(Solution, unbooked(after.solution))
    calm: dict[str, Any] = after.summary.get("calm", {})
    shift_s = int((after.starts_at - before.starts_at).total_seconds())
    found = delta(
        proposed(before, issued),
        solution,
        shift_s=shift_s,
        tolerance_s=stability.tolerance_s,
        standing=problem.standing,
        forced=[(source_id, line_id, vehicle) for source_id, line_id, vehicle in calm.get("forced", ())],
    )
    is_told = "forced" in calm
    left, reached = _calm(calm.get("incumbent")), _calm(calm.get("stable"))
    names = _Names(ctx, before, after)
    owners = select(Organisation.name).where(Organisation.code.in_(issued)).order_by(Organisation.code)
    counts = Counter(row.what.value for row in found.allocations)
    return PlanChanges(
        before_head,
        after_head,
        found.assignments,
        found.changed,
        found.changed_permille,
        found.forced if is_told else None,
        found.forced_permille if is_told else None,
        found.chosen if is_told else None,
        found.chosen_permille if is_told else None,
        _gains(left, reached),
        {what.value: counts[what.value] for what in Change},
        tuple(ctx.session.scalars(unscoped(owners, BECAUSE))),
        tuple(
            GoodsChange(
                row.what, *names.request(row.line_id), *names.item(row.item_id), names.origin(row.source_id),
                names.delivery(row.line_id), row.quantity_before, row.quantity_after, row.vehicle_before, row.vehicle_after,
                names.at(row.arrives_before), names.at(row.arrives_after), row.is_forced,
            )
            for row in found.allocations
        ),
        tuple(
            VisitChange(
                row.what, row.vehicle_id, names.site(row.site_id), row.trip_before, row.trip_after,
                names.at(row.arrives_before), names.at(row.arrives_after),
            )
            for row in found.visits
        ),
        left,
        reached,
        _calm(calm.get("free")),
        calm.get("free_changed_permille"),
    )  # fmt: skip


def _calm(plain: dict[str, Any] | None) -> Calm | None:
    return Calm(plain["served_permille"], plain["waiting_person_h"], plain["cost_fen"]) if plain else None


def _gains(left: Calm | None, reached: Calm | None) -> Gains | None:
    if left is None or reached is None:
        return None
    served = {
        rank: reached.served_permille[rank] - had
        for rank, had in sorted(left.served_permille.items())
        if reached.served_permille.get(rank, had) != had
    }
    return Gains(served, reached.waiting_person_h - left.waiting_person_h, reached.cost_fen - left.cost_fen)


class _Names:
    """What the codes of two problems stand for."""

    def __init__(self, ctx: Context, before: Plan, after: Plan) -> None:
        self._starts_at = after.starts_at
        self._sites = _by_id(before, after, "sites", "name")
        self._items = _by_id(before, after, "items", "name")
        self._origins = _by_id(before, after, "lots", "site_id") | _by_id(before, after, "contracts", "site_id")
        self._places = _by_id(before, after, "lines", "site_id")
        units = select(Item.sku, Item.unit).where(Item.sku.in_(self._items))
        self._units = dict(ctx.session.execute(units).all())
        lines = (
            select(SupplyRequestLine.id, SupplyRequest.number, SupplyRequestLine.line_no)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(SupplyRequestLine.id.in_([UUID(line_id) for line_id in self._places]))
        )
        rows = ctx.session.execute(unscoped(lines, BECAUSE))
        self._requests = {str(line_id): (number, line_no) for line_id, number, line_no in rows}

    def at(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self._starts_at + timedelta(seconds=seconds)

    def request(self, line_id: str) -> tuple[str, int]:
        return self._requests[line_id]

    def item(self, sku: str) -> tuple[str, str]:
        return self._items[sku], self._units[sku]

    def site(self, code: str) -> str:
        return self._sites[code]

    def origin(self, source_id: str) -> str:
        return self._sites[self._origins[source_id]]

    def delivery(self, line_id: str) -> str:
        return self._sites[self._places[line_id]]


def _by_id(before: Plan, after: Plan, kind: str, field: str) -> dict[str, str]:
    return {row["id"]: row[field] for plan in (before, after) for row in plan.problem[kind]}
