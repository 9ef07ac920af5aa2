"""Reading what is due back, what came back, and the limits in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.places.tables import Location, Site
from supplyops.recoveries.dues import Due, dues
from supplyops.recoveries.rules import DueKind, RecoveryCondition, RecoveryLimitInput
from supplyops.recoveries.tables import Recovery, RecoveryLimit, RecoveryLine, RecoveryRepair
from supplyops.runtime import Context, also_showing, query
from supplyops.scraps.tables import Scrap
from supplyops.stock.tables import Lot


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Which dues are asked for; empty fields do not narrow. Without `include_back` only what is still out."""

    document_number: str = ""
    text: str = ""
    sku: str = ""
    only_overdue: bool = False
    due_within_days: int | None = None
    include_back: bool = False


@dataclass(frozen=True, slots=True)
class RecoveryLineRow:
    """So much of one lot that came back."""

    line_no: int
    due_kind: DueKind
    due_id: UUID
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    location_name: str
    condition: RecoveryCondition
    quantity: int
    repaired: int
    condemned: int

    @property
    def to_repair(self) -> int:
        """What still waits to be mended."""
        return self.quantity - self.repaired - self.condemned if self.condition is RecoveryCondition.REPAIR else 0


@dataclass(frozen=True, slots=True)
class RepairRow:
    """One repair record."""

    line_no: int
    repaired: int
    condemned: int
    cost_fen: int
    repaired_by: str
    note: str
    recorded_at: datetime
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """Goods of one issue or delivery that came back."""

    id: UUID
    number: str
    organisation_id: UUID
    site_code: str
    site_name: str
    source_kind: str
    source_number: str
    holder: str
    returned_by: str
    is_cleaned: bool
    is_disinfected: bool
    note: str
    recovered_at: datetime
    recorded_at: datetime
    recorded_by_name: str
    taken_back_at: datetime | None
    taken_back_by_name: str | None
    taken_back_because: str | None
    scraps: tuple[str, ...]
    lines: tuple[RecoveryLineRow, ...]
    repairs: tuple[RepairRow, ...]

    @property
    def to_repair(self) -> int:
        """How many pieces still wait to be mended."""
        if self.taken_back_at is not None:
            return 0
        return sum(line.to_repair for line in self.lines)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """How long an item may be out, from a day on."""

    sku: str
    item_name: str
    months: int
    effective_from: date
    source_mark: str
    note: str


@query(Permission.STOCK_SEE)
def recovery_dues(ctx: Context, where: DueFilter = DueFilter()) -> list[Due]:
    """What is out and has to come back, the first to be due first."""
    return [due for due in dues(ctx, where.document_number) if _wanted(due, where)]


def _wanted(due: Due, where: DueFilter) -> bool:
    soon = due.days_left is not None and where.due_within_days is not None and due.days_left <= where.due_within_days
    words = (due.document_number, due.holder, due.item_name, due.sku, due.lot_number, due.site_name)
    return (
        (bool(due.outstanding) or (where.include_back and not where.only_overdue))
        and (due.is_overdue or not where.only_overdue)
        and (where.due_within_days is None or soon)
        and (not where.sku or due.sku == where.sku)
        and (not where.text or any(where.text in word for word in words))
    )


@query(Permission.STOCK_SEE)
def recoveries(
    ctx: Context, text: str = "", only_to_repair: bool = False, offset: int = 0, limit: int | None = None
) -> list[RecoveryRow]:
    """What came back, newest first; all of it where no limit is said."""
    order = Recovery.recorded_at.desc(), Recovery.number.desc()
    return _rows(ctx, _narrowed(text, only_to_repair).order_by(*order).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_recoveries(ctx: Context, text: str = "", only_to_repair: bool = False, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = _narrowed(text, only_to_repair)
    return int(ctx.session.scalar(also_showing(counted(rows, most), Site)) or 0)


def _narrowed(text: str, only_to_repair: bool) -> Any:
    statement = _statement()
    if text:
        named = (Recovery.number, Recovery.source_number, Recovery.holder, Site.name)
        statement = statement.where(or_(*(column.contains(text, autoescape=True) for column in named)))
    if only_to_repair:
        waits = (RecoveryLine.condition == RecoveryCondition.REPAIR) & (
            RecoveryLine.quantity > RecoveryLine.repaired + RecoveryLine.condemned
        )
        statement = statement.where(
            Recovery.taken_back_at.is_(None),
            select(RecoveryLine.id).where(RecoveryLine.recovery_id == Recovery.id, waits).exists(),
        )
    return statement


@query(Permission.STOCK_SEE)
def recovery(ctx: Context, number: str) -> RecoveryRow:
    """One recovery by number."""
    found = _rows(ctx, _statement().where(Recovery.number == number))
    if not found:
        raise NotFound("recovery", reference=number)
    return found[0]


@query(Permission.STOCK_SEE)
def recovery_by_id(ctx: Context, recovery_id: UUID) -> RecoveryRow:
    """One recovery by id."""
    found = _rows(ctx, _statement().where(Recovery.id == recovery_id))
    if not found:
        raise NotFound("recovery")
    return found[0]


@query(Permission.SIGNED_IN)
def recovery_limits(ctx: Context) -> list[LimitRow]:
    """Every limit that was ever said, by item and day."""
    rows = ctx.session.execute(
        select(RecoveryLimit, Item)
        .join(Item, Item.id == RecoveryLimit.item_id)
        .order_by(Item.sku, RecoveryLimit.effective_from, RecoveryLimit.seq)
    )
    return [
        LimitRow(item.sku, item.name, row.months, row.effective_from, row.source_mark, row.note) for row, item in rows
    ]


@query(Permission.SIGNED_IN)
def limit_inputs(ctx: Context) -> list[RecoveryLimitInput]:
    """The limits as they count: of each item and day the one said last."""
    last = {
        (row.sku, row.effective_from): RecoveryLimitInput(
            row.sku, row.months, row.effective_from, row.source_mark, row.note
        )
        for row in recovery_limits(ctx)
    }
    return list(last.values())


def _statement() -> Any:
    return select(Recovery, Site).join(Site, Site.id == Recovery.site_id)


def _rows(ctx: Context, statement: Any) -> list[RecoveryRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole(ctx: Context, found: Sequence[Any]) -> list[RecoveryRow]:
    ids = [row.id for row, _ in found]
    lines, repairs = _lines(ctx, ids), _repairs(ctx, ids)
    applications: dict[str, list[str]] = {}
    for number, cause in ctx.session.execute(
        select(Scrap.number, Scrap.cause_number)
        .where(Scrap.cause_number.in_([row.number for row, _ in found]))
        .order_by(Scrap.number)
    ):
        applications.setdefault(cause, []).append(number)
    taken = {"site_code", "site_name", "scraps", "lines", "repairs"}
    own = [name for name in RecoveryRow.__dataclass_fields__ if name not in taken]
    return [
        RecoveryRow(
            **{name: getattr(row, name) for name in own},
            site_code=site.code,
            site_name=site.name,
            scraps=tuple(applications.get(row.number, ())),
            lines=tuple(lines.get(row.id, ())),
            repairs=tuple(repairs.get(row.id, ())),
        )
        for row, site in found
    ]


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[RecoveryLineRow]]:
    found: dict[UUID, list[RecoveryLineRow]] = {}
    for line, lot_number, item, place in ctx.session.execute(
        select(RecoveryLine, Lot.number, Item, Location.name)
        .join(Lot, Lot.id == RecoveryLine.lot_id)
        .join(Item, Item.id == RecoveryLine.item_id)
        .join(Location, Location.id == RecoveryLine.location_id)
        .where(RecoveryLine.recovery_id.in_(ids))
        .order_by(RecoveryLine.recovery_id, RecoveryLine.line_no)
    ):
        found.setdefault(line.recovery_id, []).append(
            RecoveryLineRow(
                line.line_no,
                line.due_kind,
                line.due_id,
                item.sku,
                item.name,
                item.spec,
                item.unit,
                lot_number,
                place,
                line.condition,
                line.quantity,
                line.repaired,
                line.condemned,
            )
        )
    return found


def _repairs(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[RepairRow]]:
    found: dict[UUID, list[RepairRow]] = {}
    for row, recovery_id, line_no in ctx.session.execute(
        select(RecoveryRepair, RecoveryLine.recovery_id, RecoveryLine.line_no)
        .join(RecoveryLine, RecoveryLine.id == RecoveryRepair.line_id)
        .where(RecoveryLine.recovery_id.in_(ids))
        .order_by(RecoveryRepair.recorded_at, RecoveryRepair.id)
    ):
        found.setdefault(recovery_id, []).append(
            RepairRow(
                line_no,
                row.repaired,
                row.condemned,
                row.cost_fen,
                row.repaired_by,
                row.note,
                row.recorded_at,
                row.recorded_by_name,
            )
        )
    return found
