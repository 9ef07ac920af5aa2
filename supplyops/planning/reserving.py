"""Scenarios of a body, and what its reserve should hold for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from optimizer.model import ProblemError
from optimizer.reserve import Outcome, Valued, advise_reserve, evaluate
from supplyops.catalogue.tables import Item
from supplyops.fleet.tables import VehicleType
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound
from supplyops.norms.rules import Season
from supplyops.norms.targets import Targets
from supplyops.people.rules import Level
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Road, Site
from supplyops.planning.reserving_problem import BECAUSE, Read, read_problem
from supplyops.planning.reserving_rules import AreaPersons, ReserveAdviceInput, ReserveScenarioInput
from supplyops.planning.tables import ReserveScenario
from supplyops.reserves.plan_rules import PurchasePlanLineInput
from supplyops.runtime import Context, command, query, unscoped


@dataclass(frozen=True, slots=True)
class ReserveScenarioRow:
    """A scenario of a body. `share_permille`: its probability among all of them."""

    id: UUID
    organisation_code: str
    organisation_name: str
    code: str
    name: str
    probability_permille: int
    share_permille: int
    hazard: str
    season: Season
    within_hours: int
    persons: tuple[AreaPersons, ...]
    lost_site_codes: tuple[str, ...]
    closed_road_codes: tuple[str, ...]
    note: str

    @property
    def people(self) -> int:
        """Everybody who has to be looked after."""
        return sum(row.persons for row in self.persons)


@dataclass(frozen=True, slots=True)
class AdvisedLine:
    """An item at a store: what lies there, what to add, what the norm of the place asks for, what one unit more is worth."""

    site_code: str
    site_name: str
    level: Level
    area_code: str
    sku: str
    item_name: str
    unit: str
    today: int
    more: int
    total: int
    norm: int | None
    """For the whole place (area and level) that the store belongs to; None without a norm."""
    cost_fen: int
    volume_cm3: int
    next_unit_e6: int


@dataclass(frozen=True, slots=True)
class AdvisedTier:
    """A tier's share of the advice."""

    level: Level
    lines: int
    cost_fen: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class AdvisedContract:
    """A contract the advice counts on, and for how much."""

    number: str
    item_name: str
    unit: str
    quantity: int
    most: int


@dataclass(frozen=True, slots=True)
class AdvisedOutcome:
    """A scenario with the stock of today, with the norms fulfilled, and with the advice: weighted persons unmet, millionths."""

    code: str
    name: str
    share_permille: int
    persons: int
    today_e6: int
    norm_e6: int
    advised_e6: int


@dataclass(frozen=True, slots=True)
class AdvisedVehicle:
    """What one vehicle more of a type at a store would save, in millionths of weighted persons."""

    site_name: str
    vehicle_type: str
    worth_e6: int


@dataclass(frozen=True, slots=True)
class ReserveAdviceRow:
    """What to hold where within a budget, what that saves, and how far from the best that can be."""

    organisation_code: str
    organisation_name: str
    budget_fen: int
    cost_fen: int
    unmet_e6: int
    bound_e6: int
    today_e6: int
    norm_e6: int
    norm_cost_fen: int
    mean_e6: int
    gap_permille: int
    is_whole_proven: bool
    next_10k_yuan_e6: int
    lines: tuple[AdvisedLine, ...]
    tiers: tuple[AdvisedTier, ...]
    contracts: tuple[AdvisedContract, ...]
    outcomes: tuple[AdvisedOutcome, ...]
    rooms: tuple[tuple[str, int], ...]
    """Stores whose room binds, and what a cubic metre more would save."""
    vehicles: tuple[AdvisedVehicle, ...]


@command(Permission.RESERVES_PLAN)
def save_reserve_scenario(ctx: Context, wanted: ReserveScenarioInput) -> UUID:
    """Add a scenario, or change the body's scenario of that code. Raises InvalidInput for codes nobody knows."""
    body = _body(ctx, wanted.organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    _refuse_unknown(ctx, wanted)
    row = ctx.session.scalars(
        select(ReserveScenario).where(ReserveScenario.organisation_id == body.id, ReserveScenario.code == wanted.code)
    ).one_or_none()
    if row is None:
        row = ReserveScenario(id=ctx.new_id(), organisation_id=body.id, code=wanted.code)
        ctx.session.add(row)
    row.name, row.note, row.season, row.within_hours = wanted.name, wanted.note, wanted.season, wanted.within_hours
    row.probability_permille = wanted.probability_permille
    row.hazard = wanted.hazard.value if wanted.hazard else ""
    row.persons = [{"area_code": each.area_code, "persons": each.persons} for each in wanted.persons]
    row.lost_site_codes, row.closed_road_codes = list(wanted.lost_site_codes), list(wanted.closed_road_codes)
    ctx.about("reserve_scenario", row.id, row.code)
    return row.id


def _refuse_unknown(ctx: Context, wanted: ReserveScenarioInput) -> None:
    asked: dict[str, tuple[type[Area] | type[Site] | type[Road], list[str]]] = {
        "persons": (Area, [row.area_code for row in wanted.persons]),
        "lost_site_codes": (Site, list(wanted.lost_site_codes)),
        "closed_road_codes": (Road, list(wanted.closed_road_codes)),
    }
    errors = []
    for name, (table, codes) in asked.items():
        known = set(ctx.session.scalars(unscoped(select(table.code).where(table.code.in_(codes)), BECAUSE)))
        errors += [
            FieldError(
                f"{name}.{place}" + (".area_code" if name == "persons" else ""),
                "unknown_reference",
                {"value": code[:40]},
            )
            for place, code in enumerate(codes)
            if code not in known
        ]
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.RESERVES_PLAN)
def remove_reserve_scenario(ctx: Context, organisation_code: str, code: str) -> None:
    """Take a scenario away. Raises NotFound."""
    body = _body(ctx, organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    row = ctx.session.scalars(
        select(ReserveScenario).where(ReserveScenario.organisation_id == body.id, ReserveScenario.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound("reserve_scenario", value=code[:40])
    ctx.about("reserve_scenario", row.id, row.code)
    ctx.session.delete(row)


@query(Permission.STOCK_SEE)
def reserve_scenarios(ctx: Context, organisation_code: str = "") -> list[ReserveScenarioRow]:
    """Scenarios in reach, body by body."""
    found = ctx.session.execute(
        select(ReserveScenario, Organisation)
        .join(Organisation, Organisation.id == ReserveScenario.organisation_id)
        .order_by(Organisation.path, ReserveScenario.code)
    ).all()
    totals: dict[UUID, int] = defaultdict(int)
    for row, _ in found:
        totals[row.organisation_id] += row.probability_permille
    return [
        ReserveScenarioRow(
            row.id, body.code, body.name, row.code, row.name, row.probability_permille,
            row.probability_permille * 1000 // totals[row.organisation_id], row.hazard, row.season, row.within_hours,
            tuple(AreaPersons(each["area_code"], each["persons"]) for each in row.persons),
            tuple(row.lost_site_codes), tuple(row.closed_road_codes), row.note,
        )
        for row, body in found
        if organisation_code in {"", body.code}
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def reserve_advice(ctx: Context, wanted: ReserveAdviceInput) -> ReserveAdviceRow:
    """What a body and those below it should hold for its scenarios, worked out now. Raises Conflict `no_reserve_scenarios`."""
    body = _body(ctx, wanted.organisation_code)
    scenarios = ctx.session.scalars(
        select(ReserveScenario).where(ReserveScenario.organisation_id == body.id).order_by(ReserveScenario.code)
    ).all()
    if not scenarios:
        raise Conflict("no_reserve_scenarios", organisation=body.name)
    read = read_problem(ctx, body, scenarios, wanted.budget_fen, wanted.need_class, wanted.rounds)
    try:
        advice = advise_reserve(read.problem)
    except ProblemError as error:
        raise Conflict("reserve_problem", faults=";".join(error.faults[:5])) from None
    norms = _norm_gaps(ctx, read)
    options = {option.id: option for option in read.problem.options}
    as_is = {option.id: option.most for option in read.problem.options}
    today, full = (
        evaluate(read.problem, {}, as_is),
        evaluate(read.problem, {k: gap for k, (_, gap) in norms.items()}, as_is),
    )
    lines = _lines_of(
        read, {(a.site_id, a.item_id): (a.quantity, a.cost_fen, a.next_unit_e6) for a in advice.additions}, norms
    )
    types = {row.code: row for row in ctx.session.scalars(select(VehicleType))}
    return ReserveAdviceRow(
        organisation_code=body.code,
        organisation_name=body.name,
        budget_fen=wanted.budget_fen,
        cost_fen=advice.cost_fen,
        unmet_e6=advice.unmet_e6,
        bound_e6=advice.bound_e6,
        today_e6=today.unmet_e6,
        norm_e6=full.unmet_e6,
        norm_cost_fen=full.cost_fen,
        mean_e6=advice.mean_e6,
        gap_permille=advice.gap_permille,
        is_whole_proven=advice.is_whole_proven,
        next_10k_yuan_e6=advice.next_yuan_e6,
        lines=lines,
        tiers=_tiers(lines),
        contracts=tuple(
            AdvisedContract(
                read.contracts[each.option_id], *_named(read.items[options[each.option_id].item_id]), each.quantity,
                options[each.option_id].most,
            )
            for each in advice.agreed
        ),
        outcomes=_outcomes(scenarios, today, full, advice.outcomes),
        rooms=tuple((read.sites[code].name, worth) for code, worth in sorted(advice.next_m3_e6.items())),
        vehicles=tuple(
            AdvisedVehicle(read.sites[code].name, types[kind].name, worth * types[kind].volume_cm3 * (wanted.rounds or 1) // 10**6)
            for code, worth in sorted(advice.next_dispatch_m3_e6.items())
            for kind in sorted(read.fleets.get(code, {}))
        ),
    )  # fmt: skip


def purchase_lines(advice: ReserveAdviceRow, level: Level, area_code: str) -> tuple[PurchasePlanLineInput, ...]:
    """What the advice adds at the stores of one place, as lines of its purchase plan."""
    sums: dict[str, int] = defaultdict(int)
    for line in advice.lines:
        if line.more and (line.level, line.area_code) == (level, area_code):
            sums[line.sku] += line.more
    reason = f"按储备建议,预算 {advice.budget_fen // 100:,} 元"
    return tuple(PurchasePlanLineInput(sku, quantity, reason=reason) for sku, quantity in sorted(sums.items()))


def _body(ctx: Context, code: str) -> Organisation:
    body = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if body is None:
        raise InvalidInput(fields=(FieldError("organisation_code", "unknown_reference", {"value": code[:40]}),))
    return body


def _named(item: Item) -> tuple[str, str]:
    return item.name, item.unit


def _norm_gaps(ctx: Context, read: Read) -> dict[tuple[str, str], tuple[int, int]]:
    """By store and item: the norm of its place, and what the place's first store lacks for it."""
    targets = Targets(ctx)
    there: dict[tuple[str, str], int] = defaultdict(int)
    for row in read.problem.held:
        there[row.site_id, row.item_id] += row.quantity
    stores: dict[tuple[Level, str], list[str]] = defaultdict(list)
    for code, site in read.sites.items():
        stores[site.level, site.area_code].append(code)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for (level, area), codes in stores.items():
        for item in read.problem.items:
            target = targets.of(level, area, read.items[item.id].id)
            if target is not None:
                lacking = max(target.quantity - sum(there[code, item.id] for code in codes), 0)
                for place, code in enumerate(codes):
                    found[code, item.id] = (target.quantity, lacking if place == 0 else 0)
    return found


def _lines_of(
    read: Read, additions: dict[tuple[str, str], tuple[int, int, int]], norms: dict[tuple[str, str], tuple[int, int]]
) -> tuple[AdvisedLine, ...]:
    """Store and item wherever something lies, is to be added, or one more would help."""
    there: dict[tuple[str, str], int] = defaultdict(int)
    for row in read.problem.held:
        there[row.site_id, row.item_id] += row.quantity
    lines = []
    for (code, sku), (more, cost, worth) in additions.items():
        site, item, today = read.sites[code], read.items[sku], there[code, sku]
        if more or today or worth > 0:
            lines.append(
                AdvisedLine(
                    code, site.name, site.level, site.area_code, sku, *_named(item), today, more, today + more,
                    norms.get((code, sku), (None, 0))[0], cost, more * item.unit_volume_cm3, max(worth, 0),
                )
            )  # fmt: skip
    order = list(Level)
    return tuple(sorted(lines, key=lambda row: (order.index(row.level), row.site_code, -row.cost_fen, row.sku)))


def _tiers(lines: Sequence[AdvisedLine]) -> tuple[AdvisedTier, ...]:
    found = {}
    for level in Level:
        mine = [line for line in lines if line.level is level and line.more]
        if mine:
            found[level] = AdvisedTier(level, len(mine), sum(x.cost_fen for x in mine), sum(x.volume_cm3 for x in mine))
    return tuple(found.values())


def _outcomes(
    scenarios: Sequence[ReserveScenario], today: Valued, full: Valued, advised: Sequence[Outcome]
) -> tuple[AdvisedOutcome, ...]:
    total = sum(one.probability_permille for one in scenarios)
    return tuple(
        AdvisedOutcome(
            one.code, one.name, one.probability_permille * 1000 // total, sum(row["persons"] for row in one.persons),
            was.unmet_e6, norm.unmet_e6, now.unmet_e6,
        )
        for one, was, norm, now in zip(scenarios, today.outcomes, full.outcomes, advised, strict=True)
    )  # fmt: skip
