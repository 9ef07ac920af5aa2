"""Reading a store's bins: the room in them, what lies there, what waits to be put away and where it should go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import CHUNK
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.kernel.keeping import StorageClass
from supplyops.norms.figures import number
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, query, unscoped
from supplyops.stock import queries as stock
from supplyops.stock.rules import MoveReason
from supplyops.stock.space import used_cm3
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.stock.views import StockFilter, StockRow
from supplyops.warehouse.rules import Bin, Goods, Placement, Turnover, suggest, turnover_of

_ALL = 100_000
_FETCHED = (MoveReason.ISSUE, MoveReason.DISPATCH)


@dataclass(frozen=True, slots=True)
class BinRow:
    """A location of a store with the room in it."""

    id: UUID
    code: str
    name: str
    kind: LocationKind
    site_id: UUID
    site_code: str
    site_name: str
    organisation_id: UUID
    zone: str
    shelf: str
    bin: str
    storage_class: StorageClass | None
    is_receiving: bool
    walk_rank: int | None
    capacity_cm3: int | None
    used_cm3: int

    @property
    def free_cm3(self) -> int | None:
        """The room that is left; None where nobody has said how large the bin is. Never below nothing."""
        return None if self.capacity_cm3 is None else max(self.capacity_cm3 - self.used_cm3, 0)

    @property
    def is_over(self) -> bool:
        """More lies there than there is room for."""
        return self.capacity_cm3 is not None and self.used_cm3 > self.capacity_cm3

    @property
    def position(self) -> str:
        """`A-03-2`: zone, shelf, bin."""
        return "-".join(part for part in (self.zone, self.shelf, self.bin) if part)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Goods that lie in the receiving area, since when, and where they should go."""

    stock: StockRow
    since: datetime
    storage_class: StorageClass
    turnover: Turnover
    volume_cm3: int
    placements: tuple[Placement, ...]
    unplaced: int


@query(Permission.STOCK_SEE)
def bins(ctx: Context, site_code: str) -> list[BinRow]:
    """The locations of one store with the room in them, by code."""
    statement = select(Location, Site).join(Site, Site.id == Location.site_id).where(Site.code == site_code)
    return _bins(ctx, [(place, site) for place, site in ctx.session.execute(statement.order_by(Location.code))])


@query(Permission.STOCK_SEE)
def bin_named(ctx: Context, code: str) -> BinRow:
    """One location by its code."""
    statement = select(Location, Site).join(Site, Site.id == Location.site_id).where(Location.code == code)
    rows = _bins(ctx, [(place, site) for place, site in ctx.session.execute(statement)])
    if not rows:
        raise NotFound("location", code=code)
    return rows[0]


def _bins(ctx: Context, rows: Sequence[tuple[Location, Site]]) -> list[BinRow]:
    used = used_cm3(ctx, [place.id for place, _ in rows])
    taken = {"site_code", "site_name", "organisation_id", "used_cm3"}
    own = [name for name in BinRow.__dataclass_fields__ if name not in taken]
    return [
        BinRow(
            **{name: getattr(place, name) for name in own},
            site_code=site.code,
            site_name=site.name,
            organisation_id=site.organisation_id,
            used_cm3=used.get(place.id, 0),
        )
        for place, site in rows
    ]


@query(Permission.STOCK_SEE)
def waiting(ctx: Context, site_code: str = "", lot_number: str = "") -> list[WaitingRow]:
    """What lies in receiving areas in reach and should be put away, the longest waiting first, each with where to."""
    areas = select(Location.id).join(Site, Site.id == Location.site_id).where(Location.is_receiving.is_(True))
    if site_code:
        areas = areas.where(Site.code == site_code)
    rows = [
        row
        for area in ctx.session.scalars(areas.order_by(Location.code))
        for row in stock.stock_rows(
            ctx, StockFilter(location_id=area, lot_number=lot_number, include_exercise=True), 0, _ALL
        )
    ]
    items = {item.sku: item for item in ctx.session.scalars(select(Item).where(Item.sku.in_({r.sku for r in rows})))}
    sites = {row.site_code: row.site_id for row in rows}
    stores = {code: _Store(ctx, code, site_id) for code, site_id in sites.items() if site_id is not None}
    since = _since(ctx, rows)
    rows.sort(key=lambda row: (since[row.lot_id, row.location_id], row.lot_number))
    return [_waiting(row, items[row.sku], since[row.lot_id, row.location_id], stores[row.site_code]) for row in rows]


class _Store:
    """What has to be known of a store to say where goods should go."""

    def __init__(self, ctx: Context, code: str, site_id: UUID) -> None:
        self.bins = [row for row in bins(ctx, code) if row.kind is LocationKind.STORAGE and not row.is_receiving]
        held = select(StockBalance.location_id, StockBalance.item_id).where(
            StockBalance.site_id == site_id, StockBalance.on_hand > 0
        )
        rows = ctx.session.execute(unscoped(held, "a bin is taken, whoever's goods lie there"))
        self.held = {(row.location_id, row.item_id) for row in rows}
        since = ctx.now - timedelta(days=number(ctx, "warehouse.turnover_days"))
        places = select(Location.id).where(Location.site_id == site_id)
        counted = (
            select(StockMove.item_id, func.count())
            .where(
                StockMove.source_id.in_(places),
                StockMove.reason.in_(_FETCHED),
                StockMove.reverses_id.is_(None),
                StockMove.occurred_at >= since,
            )
            .group_by(StockMove.item_id)
        )
        self.fetched = {item_id: int(times) for item_id, times in ctx.session.execute(counted)}
        self._promised: dict[UUID, int] = {}

    def promise(self, placements: Sequence[Placement], unit_volume_cm3: int) -> None:
        """What was suggested for one lot is not suggested for the next."""
        for each in placements:
            self._promised[each.bin_id] = self._promised.get(each.bin_id, 0) + each.quantity * unit_volume_cm3

    def _free_cm3(self, row: BinRow) -> int | None:
        return None if row.free_cm3 is None else row.free_cm3 - self._promised.get(row.id, 0)

    def for_item(self, item_id: UUID) -> list[Bin]:
        """The bins as one item finds them."""
        taken = {location_id for location_id, _ in self.held}
        return [
            Bin(
                row.id,
                row.code,
                row.storage_class,
                self._free_cm3(row),
                row.walk_rank,
                (row.id, item_id) in self.held,
                row.id not in taken,
            )
            for row in self.bins
        ]


def _since(ctx: Context, rows: Sequence[StockRow]) -> dict[tuple[UUID, UUID], datetime]:
    """(lot, place) -> when the lot last came to the place."""
    found = {(row.lot_id, row.location_id): ctx.now for row in rows}
    lots = sorted({row.lot_id for row in rows})
    for start in range(0, len(lots), CHUNK):
        statement = (
            select(StockMove.lot_id, StockMove.target_id, func.max(StockMove.occurred_at))
            .where(StockMove.lot_id.in_(lots[start : start + CHUNK]), StockMove.reverses_id.is_(None))
            .group_by(StockMove.lot_id, StockMove.target_id)
        )
        found.update(((lot, place), at) for lot, place, at in ctx.session.execute(statement) if (lot, place) in found)
    return found


def _waiting(row: StockRow, item: Item, since: datetime, store: _Store) -> WaitingRow:
    turnover = turnover_of(store.fetched, item.id)
    goods = Goods(item.unit_volume_cm3, item.pack_quantity, item.storage_class, turnover)
    placements, unplaced = suggest(goods, row.available, store.for_item(item.id))
    store.promise(placements, item.unit_volume_cm3)
    volume = row.on_hand * item.unit_volume_cm3
    return WaitingRow(row, since, item.storage_class, turnover, volume, placements, unplaced)


@dataclass(frozen=True, slots=True)
class ScanRow:
    """What a scanned code stands for."""

    kind: str
    code: str
    title: str


def code_of(text: str) -> str:
    """The code in what was scanned: the last part of a label's address, or the text itself."""
    try:
        path = urlsplit(text.strip()).path
    except ValueError:  # not an address at all
        return text.strip()
    return unquote(path.rsplit("/", 1)[-1]) if "/scan/" in path else text.strip()


@query(Permission.STOCK_SEE)
def scan(ctx: Context, code: str) -> list[ScanRow]:
    """Everything in reach that a code stands for: a bin, a lot, an item. A code may stand for more than one."""
    found: list[ScanRow] = []
    place = ctx.session.execute(
        select(Location, Site.name).join(Site, Site.id == Location.site_id).where(Location.code == code)
    ).one_or_none()
    if place is not None:
        found.append(ScanRow("location", place[0].code, f"{place[1]} {place[0].name}"))
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()
    lot = ctx.session.execute(
        select(Lot.number, Item.name).join(Item, Item.id == Lot.item_id).where(Lot.number == code, visible)
    ).one_or_none()
    if lot is not None:
        found.append(ScanRow("lot", lot[0], lot[1]))
    item = ctx.session.scalars(select(Item).where(Item.sku == code.upper())).one_or_none()
    if item is not None:
        found.append(ScanRow("item", item.sku, item.name))
    return found
