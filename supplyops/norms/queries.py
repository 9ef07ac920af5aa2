"""Reading norms and parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import or_, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.norms.rules import DayRule, Driver, Norm, ReserveMethod, Season
from supplyops.norms.tables import NeedNorm, Parameter, ReserveNorm, Threshold
from supplyops.people.rules import Level
from supplyops.runtime import Context, query


@dataclass(frozen=True, slots=True)
class NeedNormRow:
    """A need norm as kept."""

    code: str
    sku: str
    item_name: str
    season: Season
    driver: Driver
    amount_numerator: int
    amount_denominator: int
    day_rule: DayRule
    hazards: tuple[str, ...]
    minimum: int
    elevation_min_m: int | None
    source_mark: str
    valid_from: date | None
    valid_to: date | None
    note: str


@dataclass(frozen=True, slots=True)
class ReserveNormRow:
    """A reserve norm as kept."""

    code: str
    sku: str
    item_name: str
    level: Level
    quantity_per_thousand: int
    floor_permille: int
    method: ReserveMethod | None
    fixed_quantity: int
    summer_permille: int
    winter_permille: int
    source_mark: str
    note: str


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One criterion of a response level."""

    response_level: int
    criterion: str
    minimum: int
    source_mark: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter in force."""

    key: str
    name: str
    value: str
    unit: str
    source_mark: str
    effective_from: date
    editable_by: str
    note: str


@query(Permission.SIGNED_IN)
def need_norms(ctx: Context) -> list[NeedNormRow]:
    """All need norms by code."""
    rows = ctx.session.execute(select(NeedNorm, Item).join(Item, Item.id == NeedNorm.item_id).order_by(NeedNorm.code))
    taken = {"sku", "item_name", "hazards"}
    return [
        NeedNormRow(
            **{name: getattr(norm, name) for name in NeedNormRow.__dataclass_fields__ if name not in taken},
            sku=item.sku,
            item_name=item.name,
            hazards=tuple(norm.hazards),
        )
        for norm, item in rows
    ]


@query(Permission.SIGNED_IN)
def norms_in_force(ctx: Context, season: Season, hazard: str, day: date) -> list[Norm]:
    """The need norms that hold for a season, a hazard and a day."""
    rows = ctx.session.execute(
        select(NeedNorm, Item)
        .join(Item, Item.id == NeedNorm.item_id)
        .where(
            NeedNorm.season.in_([season, Season.ALL]),
            or_(NeedNorm.valid_from.is_(None), NeedNorm.valid_from <= day),
            or_(NeedNorm.valid_to.is_(None), NeedNorm.valid_to >= day),
        )
        .order_by(NeedNorm.code)
    )
    return [
        Norm(
            item.sku,
            norm.driver,
            Fraction(norm.amount_numerator, norm.amount_denominator),
            norm.day_rule,
            norm.minimum,
            norm.elevation_min_m,
            item.content_quantity,
            item.pack_quantity,
            norm.source_mark,
        )
        for norm, item in rows
        if not norm.hazards or hazard in norm.hazards
    ]


@query(Permission.SIGNED_IN)
def reserve_norms(ctx: Context) -> list[ReserveNormRow]:
    """All reserve norms by code."""
    rows = ctx.session.execute(
        select(ReserveNorm, Item).join(Item, Item.id == ReserveNorm.item_id).order_by(ReserveNorm.code)
    )
    return [
        ReserveNormRow(
            norm.code,
            item.sku,
            item.name,
            norm.level,
            norm.quantity_per_thousand,
            norm.floor_permille,
            norm.method,
            norm.fixed_quantity,
            norm.summer_permille,
            norm.winter_permille,
            norm.source_mark,
            norm.note,
        )
        for norm, item in rows
    ]


@query(Permission.SIGNED_IN)
def thresholds(ctx: Context) -> list[ThresholdRow]:
    """Response thresholds, the gravest level first."""
    rows = ctx.session.scalars(select(Threshold).order_by(Threshold.response_level, Threshold.criterion))
    return [ThresholdRow(row.response_level, row.criterion, row.minimum, row.source_mark) for row in rows]


@query(Permission.SIGNED_IN)
def parameter_versions(ctx: Context) -> list[ParameterRow]:
    """Every parameter with all its values over time, by key and first day."""
    rows = ctx.session.scalars(select(Parameter).order_by(Parameter.key, Parameter.effective_from))
    return [ParameterRow(**{name: getattr(row, name) for name in ParameterRow.__dataclass_fields__}) for row in rows]


@query(Permission.SIGNED_IN)
def parameters(ctx: Context, day: date | None = None) -> list[ParameterRow]:
    """The parameters in force on a day, by key."""
    on = day or business_day(ctx.now)
    in_force: dict[str, Parameter] = {}
    for row in ctx.session.scalars(
        select(Parameter).where(Parameter.effective_from <= on).order_by(Parameter.key, Parameter.effective_from)
    ):
        in_force[row.key] = row
    return [
        ParameterRow(**{name: getattr(row, name) for name in ParameterRow.__dataclass_fields__})
        for row in in_force.values()
    ]
