"""The facts that advice on a reserve rests on, read at one moment in the reach of whoever asked."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from supplyops.fleet.tables import VehicleType
from supplyops.kernel.access import Permission
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import Conflict
from supplyops.norms.targets import Targets
from supplyops.people.rules import Level
from supplyops.people.tables import Organisation
from supplyops.planning.reserve_answers import Case, Goods, Key, ReserveFacts, Store
from supplyops.planning.reserving_problem import Read, read_problem
from supplyops.planning.reserving_rules import ReserveAdviceInput
from supplyops.planning.tables import ReserveAdvice, ReserveScenario
from supplyops.runtime import Context, query


@query(Permission.STOCK_SEE)
def reserve_facts(ctx: Context, advice_id: UUID) -> ReserveFacts:
    """What the worker works on, as it is now. Raises Conflict `no_reserve_scenarios`, and what `read_problem` does."""
    row = ctx.get(ReserveAdvice, advice_id)
    wanted = from_json(ReserveAdviceInput, row.options)
    body = ctx.session.get_one(Organisation, row.organisation_id)
    statement = select(ReserveScenario).where(ReserveScenario.organisation_id == body.id)
    scenarios = ctx.session.scalars(statement.order_by(ReserveScenario.code)).all()
    if not scenarios:
        raise Conflict("no_reserve_scenarios", organisation=body.name)
    read = read_problem(ctx, body, scenarios, wanted.budget_fen, wanted.need_class, wanted.rounds)
    total = sum(one.probability_permille for one in scenarios)
    types = {kind.code: kind for kind in ctx.session.scalars(select(VehicleType))}
    return ReserveFacts(
        problem=read.problem,
        goods={sku: Goods(item.name, item.unit, item.unit_volume_cm3) for sku, item in read.items.items()},
        stores={code: Store(site.name, site.level, site.area_code) for code, site in read.sites.items()},
        cases=tuple(
            Case(
                one.code, one.name, one.probability_permille * 1000 // total, sum(each["persons"] for each in one.persons)
            )
            for one in scenarios
        ),
        contracts=read.contracts,
        norms=_norms(ctx, read),
        vehicles=tuple(
            (code, types[kind].name, types[kind].volume_cm3 * (wanted.rounds or 1))
            for code in sorted(read.fleets)
            for kind in sorted(read.fleets[code])
        ),
    )  # fmt: skip


def _norms(ctx: Context, read: Read) -> dict[Key, tuple[int, int]]:
    """By store and item: the norm of its place, and what the place's first store lacks for it."""
    targets = Targets(ctx)
    there: dict[Key, int] = defaultdict(int)
    for row in read.problem.held:
        there[row.site_id, row.item_id] += row.quantity
    stores: dict[tuple[Level, str], list[str]] = defaultdict(list)
    for code, site in read.sites.items():
        stores[site.level, site.area_code].append(code)
    found: dict[Key, tuple[int, int]] = {}
    for (level, area), codes in stores.items():
        for item in read.problem.items:
            target = targets.of(level, area, read.items[item.id].id)
            if target is not None:
                lacking = max(target.quantity - sum(there[code, item.id] for code in codes), 0)
                for place, code in enumerate(codes):
                    found[code, item.id] = (target.quantity, lacking if place == 0 else 0)
    return found
