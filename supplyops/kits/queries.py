"""Reading kits: what can be built where, what is in a kit lot, work done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from supplyops.catalogue.queries import KitPartRow, kit_parts
from supplyops.catalogue.tables import Item
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.kits.rules import KitWorkKind, KitWorkState
from supplyops.kits.tables import KitContent, KitWork, KitWorkLine
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.tables import Lot, StockBalance

PAGE = 50


@dataclass(frozen=True, slots=True)
class Buildable:
    """How many kits one store could put together from one owner's parts of one fund source."""

    sku: str
    kit_name: str
    unit: str
    site_code: str
    site_name: str
    owner_code: str
    owner_name: str
    fund_source: str
    quantity: int
    short_of: str
    """The part that is used up first."""


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A part's lot in every kit of a kit lot."""

    sku: str
    item_name: str
    unit: str
    lot_number: str
    quantity: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class KitWorkLineRow:
    """One leg of kit work; `is_out` for what was used up."""

    line_no: int
    sku: str
    item_name: str
    unit: str
    lot_number: str
    location_name: str
    quantity: int
    expires_on: date | None
    is_out: bool


@dataclass(frozen=True, slots=True)
class KitWorkRow:
    """A document of kits built or broken."""

    id: UUID
    number: str
    kind: KitWorkKind
    state: KitWorkState
    organisation_id: UUID
    site_code: str
    site_name: str
    owner_name: str
    fund_source: str
    sku: str
    kit_name: str
    unit: str
    quantity: int
    note: str
    created_at: datetime
    reversed_at: datetime | None
    lines: tuple[KitWorkLineRow, ...]


@query(Permission.STOCK_SEE)
def buildable(ctx: Context, sku: str = "") -> list[Buildable]:
    """Kits that could be built from free stock in reach, by kit and store; where no kit comes out, nothing stands."""
    found = []
    kits: dict[str, list[KitPartRow]] = defaultdict(list)
    for part in kit_parts(ctx, sku):
        kits[part.kit_sku].append(part)
    names = {item.sku: item for item in ctx.session.scalars(select(Item).where(Item.sku.in_(kits)))}
    free = _free(ctx, {part.sku for parts in kits.values() for part in parts})
    for kit_sku, parts in sorted(kits.items()):
        for key, amounts in sorted(free.items()):
            counts = [(amounts.get(part.sku, 0) // part.quantity, part.item_name) for part in parts]
            quantity, short_of = min(counts)
            if quantity:
                kit = names[kit_sku]
                site_code, site_name, owner_code, owner_name, fund = key
                found.append(
                    Buildable(kit_sku, kit.name, kit.unit, site_code, site_name, owner_code, owner_name, fund, quantity, short_of)
                )  # fmt: skip
    return found


def _free(ctx: Context, skus: set[str]) -> dict[tuple[str, ...], dict[str, int]]:
    statement = (
        select(
            Site.code,
            Site.name,
            Organisation.code,
            Organisation.name,
            Lot.fund_source,
            Item.sku,
            func.sum(StockBalance.on_hand - StockBalance.reserved),
        )
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == StockBalance.site_id)
        .join(Organisation, Organisation.id == StockBalance.owner_id)
        .where(
            Item.sku.in_(skus),
            Location.kind == LocationKind.STORAGE,
            Lot.is_exercise.is_(False),
            Lot.restriction == "",
            Lot.restricted_area == "",
            Lot.id.not_in(blocked_lots()),
            or_(Lot.expires_on.is_(None), Lot.expires_on >= business_day(ctx.now)),
        )
        .group_by(Site.code, Site.name, Organisation.code, Organisation.name, Lot.fund_source, Item.sku)
    )
    found: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for *key, sku, quantity in ctx.session.execute(also_showing(statement, Site)):
        found[tuple(key)][sku] = int(quantity)
    return found


@query(Permission.STOCK_SEE)
def contents(ctx: Context, lot_number: str) -> list[ContentRow]:
    """What is in every kit of a lot in reach; empty for a lot that was not built here."""
    kit_lot = select(Lot.id).where(Lot.number == lot_number).scalar_subquery()
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == KitContent.kit_lot_id).exists()
    rows = ctx.session.execute(
        select(KitContent.quantity, Lot, Item)
        .join(Lot, Lot.id == KitContent.part_lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(KitContent.kit_lot_id == kit_lot, visible)
        .order_by(Item.sku, Lot.number)
    )
    return [
        ContentRow(item.sku, item.name, item.unit, lot.number, quantity, lot.expires_on) for quantity, lot, item in rows
    ]


@query(Permission.STOCK_SEE)
def works(ctx: Context, offset: int = 0, limit: int = PAGE) -> list[KitWorkRow]:
    """Kits built and broken in reach, newest first."""
    return _rows(ctx, _all().order_by(KitWork.created_at.desc(), KitWork.number.desc()).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_works(ctx: Context) -> int:
    """How many there are."""
    return int(ctx.session.scalar(select(func.count()).select_from(KitWork)) or 0)


@query(Permission.STOCK_SEE)
def work(ctx: Context, number: str) -> KitWorkRow:
    """One by number."""
    found = _rows(ctx, _all().where(KitWork.number == number))
    if not found:
        raise NotFound("kit_work", number=number)
    return found[0]


@query(Permission.STOCK_SEE)
def work_by_id(ctx: Context, work_id: UUID) -> KitWorkRow:
    """One by id."""
    found = _rows(ctx, _all().where(KitWork.id == work_id))
    if not found:
        raise NotFound("kit_work")
    return found[0]


def _all() -> Any:
    return (
        select(KitWork, Site, Organisation.name, Item)
        .join(Site, Site.id == KitWork.site_id)
        .join(Organisation, Organisation.id == KitWork.owner_id)
        .join(Item, Item.id == KitWork.item_id)
    )


def _rows(ctx: Context, statement: Any) -> list[KitWorkRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[KitWorkRow]:
    lines = _lines(ctx, {row[0].id: row[0] for row in rows})
    return [
        KitWorkRow(
            row.id, row.number, row.kind, row.state, row.organisation_id, site.code, site.name, owner, row.fund_source,
            kit.sku, kit.name, kit.unit, row.quantity, row.note, row.created_at, row.reversed_at, tuple(lines[row.id]),
        )
        for row, site, owner, kit in rows
    ]  # fmt: skip


def _lines(ctx: Context, works_: dict[UUID, KitWork]) -> dict[UUID, list[KitWorkLineRow]]:
    rows = ctx.session.execute(
        select(KitWorkLine, Lot, Item, Location.name)
        .join(Lot, Lot.id == KitWorkLine.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Location, Location.id == KitWorkLine.location_id)
        .where(KitWorkLine.kit_work_id.in_(works_))
        .order_by(KitWorkLine.kit_work_id, KitWorkLine.line_no)
    )
    found: dict[UUID, list[KitWorkLineRow]] = defaultdict(list)
    for line, lot, item, place in rows:
        of = works_[line.kit_work_id]
        is_kit = item.id == of.item_id
        found[of.id].append(
            KitWorkLineRow(
                line.line_no, item.sku, item.name, item.unit, lot.number, place, line.quantity, lot.expires_on,
                is_kit is (of.kind is KitWorkKind.BREAK),
            )
        )  # fmt: skip
    return found
