"""Reading what was done, what is to be mended, who is on duty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.tables import Lot
from supplyops.upkeep.rules import DutyState, IntervalInput, SamplingGroup, UpkeepKind, UpkeepResult
from supplyops.upkeep.tables import DutyHandover, UpkeepFinding, UpkeepInterval, UpkeepRound, UpkeepRoundLot


@dataclass(frozen=True, slots=True)
class RoundLotRow:
    """A lot of a round."""

    lot_number: str
    location_code: str
    location_name: str
    sampled: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something to be mended."""

    id: UUID
    round_number: str
    kind: UpkeepKind
    site_code: str
    site_name: str
    organisation_id: UUID
    description: str
    responsible: str
    due_on: date
    is_overdue: bool
    closed_at: datetime | None
    closed_by_name: str
    closing_note: str


@dataclass(frozen=True, slots=True)
class RoundRow:
    """Something that was done."""

    id: UUID
    number: str
    kind: UpkeepKind
    result: UpkeepResult
    site_code: str
    site_name: str
    done_at: datetime
    recorded_at: datetime
    done_by_name: str
    helpers: str
    readings: str
    remark: str
    sampling_group: SamplingGroup | None
    laboratory: str
    report_number: str
    lots: tuple[RoundLotRow, ...]
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class DutyRow:
    """Duty going from one person to another."""

    id: UUID
    number: str
    state: DutyState
    site_code: str
    site_name: str
    organisation_id: UUID
    outgoing_id: UUID
    outgoing_name: str
    incoming_id: UUID
    incoming_name: str
    open_matters: str
    keys: str
    readings: str
    note: str
    offered_at: datetime
    taken_at: datetime | None
    taking_note: str
    ended_because: str


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """How often one store does something."""

    site_code: str
    site_name: str
    kind: UpkeepKind
    interval_days: int
    starts_on: date | None
    note: str


@query(Permission.STOCK_SEE)
def rounds(
    ctx: Context, site_code: str = "", kind: UpkeepKind | None = None, offset: int = 0, limit: int | None = None
) -> list[RoundRow]:
    """What was done, newest first; all of it where no limit is said."""
    order = UpkeepRound.done_at.desc(), UpkeepRound.number.desc()
    return _rounds(ctx, _of_rounds(site_code, kind).order_by(*order).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_rounds(ctx: Context, site_code: str = "", kind: UpkeepKind | None = None, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return int(ctx.session.scalar(also_showing(counted(_of_rounds(site_code, kind), most), Site)) or 0)


@query(Permission.STOCK_SEE)
def round_by_id(ctx: Context, round_id: UUID) -> RoundRow:
    """One round by id."""
    found = _rounds(ctx, _of_rounds().where(UpkeepRound.id == round_id))
    if not found:
        raise NotFound("upkeep_round")
    return found[0]


def _of_rounds(site_code: str = "", kind: UpkeepKind | None = None) -> Select[*tuple[Any, ...]]:
    statement = select(UpkeepRound, Site).join(Site, Site.id == UpkeepRound.site_id)
    if site_code:
        statement = statement.where(Site.code == site_code)
    if kind is not None:
        statement = statement.where(UpkeepRound.kind == kind)
    return statement


def _rounds(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[RoundRow]:
    return by_parts(partial(_whole_rounds, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole_rounds(ctx: Context, found: Sequence[Any]) -> list[RoundRow]:
    ids = [row.id for row, _ in found]
    lots: dict[UUID, list[RoundLotRow]] = defaultdict(list)
    for round_lot, lot, place in ctx.session.execute(
        select(UpkeepRoundLot, Lot.number, Location)
        .join(Lot, Lot.id == UpkeepRoundLot.lot_id)
        .join(Location, Location.id == UpkeepRoundLot.location_id)
        .where(UpkeepRoundLot.round_id.in_(ids))
        .order_by(Lot.number)
    ):
        lots[round_lot.round_id].append(RoundLotRow(lot, place.code, place.name, round_lot.sampled))
    mended: dict[str, list[FindingRow]] = defaultdict(list)
    for finding in _findings(ctx, _of_findings().where(UpkeepFinding.round_id.in_(ids))):
        mended[finding.round_number].append(finding)
    own = [name for name in RoundRow.__dataclass_fields__ if name not in {"site_code", "site_name", "lots", "findings"}]
    return [
        RoundRow(
            **{name: getattr(row, name) for name in own},
            site_code=site.code,
            site_name=site.name,
            lots=tuple(lots[row.id]),
            findings=tuple(mended[row.number]),
        )
        for row, site in found
    ]


@query(Permission.STOCK_SEE)
def findings(ctx: Context, site_code: str = "", only_open: bool = True) -> list[FindingRow]:
    """What is to be mended, the first to be due first."""
    statement = _of_findings()
    if site_code:
        statement = statement.where(Site.code == site_code)
    if only_open:
        statement = statement.where(UpkeepFinding.closed_at.is_(None))
    return _findings(ctx, statement)


def _of_findings() -> Select[*tuple[Any, ...]]:
    return (
        select(UpkeepFinding, UpkeepRound, Site)
        .join(UpkeepRound, UpkeepRound.id == UpkeepFinding.round_id)
        .join(Site, Site.id == UpkeepFinding.site_id)
        .order_by(UpkeepFinding.due_on, UpkeepRound.number)
    )


def _findings(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[FindingRow]:
    today = business_day(ctx.now)
    return [
        FindingRow(
            row.id, done.number, done.kind, site.code, site.name, row.organisation_id, row.description, row.responsible,
            row.due_on, row.closed_at is None and row.due_on < today, row.closed_at, row.closed_by_name,
            row.closing_note,
        )
        for row, done, site in ctx.session.execute(also_showing(statement, Site))
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def handovers(
    ctx: Context, site_code: str = "", state: DutyState | None = None, offset: int = 0, limit: int | None = None
) -> list[DutyRow]:
    """Handovers of duty, newest first; all of them where no limit is said."""
    order = DutyHandover.offered_at.desc(), DutyHandover.number.desc()
    return _handovers(ctx, _of_handovers(site_code, state).order_by(*order).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_handovers(ctx: Context, site_code: str = "", most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return int(ctx.session.scalar(also_showing(counted(_of_handovers(site_code), most), Site)) or 0)


def _of_handovers(site_code: str = "", state: DutyState | None = None) -> Select[*tuple[Any, ...]]:
    statement = select(DutyHandover, Site).join(Site, Site.id == DutyHandover.site_id)
    if site_code:
        statement = statement.where(Site.code == site_code)
    if state is not None:
        statement = statement.where(DutyHandover.state == state)
    return statement


def _handovers(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[DutyRow]:
    own = [name for name in DutyRow.__dataclass_fields__ if name not in {"site_code", "site_name"}]
    return [
        DutyRow(**{name: getattr(row, name) for name in own}, site_code=site.code, site_name=site.name)
        for row, site in ctx.session.execute(also_showing(statement, Site))
    ]


@query(Permission.STOCK_SEE)
def handover(ctx: Context, number: str) -> DutyRow:
    """One handover by number or id."""
    found = _handovers(ctx, _of_handovers().where(named(DutyHandover, number)))
    if not found:
        raise NotFound("duty_handover", number=number)
    return found[0]


@query(Permission.STOCK_SEE)
def on_duty(ctx: Context, site_code: str) -> DutyRow | None:
    """The handover by which somebody is on duty there now."""
    return next(iter(handovers(ctx, site_code, DutyState.TAKEN, limit=1)), None)


@query(Permission.STOCK_SEE)
def intervals(ctx: Context, site_code: str = "") -> list[IntervalRow]:
    """Intervals of single stores."""
    statement = (
        select(UpkeepInterval, Site)
        .join(Site, Site.id == UpkeepInterval.site_id)
        .order_by(Site.code, UpkeepInterval.kind)
    )
    if site_code:
        statement = statement.where(Site.code == site_code)
    return [
        IntervalRow(site.code, site.name, row.kind, row.interval_days, row.starts_on, row.note)
        for row, site in ctx.session.execute(also_showing(statement, Site))
    ]


@query(Permission.STOCK_SEE)
def interval_inputs(ctx: Context) -> list[IntervalInput]:
    """Intervals of single stores, as a file has them."""
    return [
        IntervalInput(row.site_code, row.kind, row.interval_days, row.starts_on, row.note) for row in intervals(ctx)
    ]
