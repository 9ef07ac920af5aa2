"""Reading counts. While a blind count goes on, nobody is told what the books say: not here, so not on any page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select

from supplyops.catalogue.tables import Item
from supplyops.counts.balances import books_at
from supplyops.counts.figures import figures
from supplyops.counts.rules import BEING_COUNTED, OPEN_COUNT, CountKind, CountReason, CountState, GoodsQuality
from supplyops.counts.tables import StockCount, StockCountHit, StockCountLine, StockCountPlace
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.freezing import BypassRow, bypasses
from supplyops.stock.tables import Lot

PAGE = 50


@dataclass(frozen=True, slots=True)
class CountFilter:
    """Which counts are asked for; empty fields do not narrow."""

    kind: CountKind | None = None
    state: CountState | None = None
    site_code: str = ""
    text: str = ""
    only_open: bool = False


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count without its lines. What differs is None until it may be told."""

    id: UUID
    number: str
    kind: CountKind
    state: CountState
    organisation_id: UUID
    site_id: UUID
    site_code: str
    site_name: str
    is_blind: bool
    is_frozen: bool
    base_at: datetime
    scope: dict[str, Any]
    note: str
    counter_name: str
    witness_name: str
    witness_id: UUID | None
    witnessed_at: datetime | None
    created_at: datetime
    created_by_name: str
    submitted_at: datetime | None
    submitted_by_name: str
    share_permille: int | None
    decided_at: datetime | None
    decided_by_name: str
    decision_note: str
    lines: int
    left: int
    differing: int | None

    @property
    def is_open(self) -> bool:
        """Is it not over yet?"""
        return self.state in OPEN_COUNT

    @property
    def hides_books(self) -> bool:
        """Is it blind, and still being counted?"""
        return self.is_blind and self.state in BEING_COUNTED


@dataclass(frozen=True, slots=True)
class CountLineRow:
    """One lot at one place. `base_quantity`, `moved` and `book` are None while they are hidden.

    So is what was counted first, while somebody else counts it again.
    """

    id: UUID
    line_no: int
    location_id: UUID
    location_code: str
    location_name: str
    zone: str
    shelf: str
    bin: str
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    produced_on: date | None
    expires_on: date | None
    unit_price_fen: int | None
    is_found: bool
    base_quantity: int | None
    moved: int | None
    book: int | None
    counted: int | None
    counted_at: datetime | None
    counted_by_name: str
    is_late: bool
    needs_recount: bool
    recounted: int | None
    recounted_at: datetime | None
    recounted_by_name: str
    difference: int | None
    amount_fen: int | None
    quality: GoodsQuality
    note: str
    reason: CountReason | None
    reason_note: str


@dataclass(frozen=True, slots=True)
class HitRow:
    """An order that lost goods to a count."""

    line_no: int
    document_kind: str
    document_number: str
    quantity: int
    hit_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place that a count covers, with its lines."""

    location_id: UUID
    code: str
    name: str
    lines: int
    left: int


@dataclass(frozen=True, slots=True)
class CountDetail:
    """A count with everything that belongs to it."""

    row: CountRow
    places: tuple[PlaceRow, ...]
    lines: tuple[CountLineRow, ...]
    hits: tuple[HitRow, ...]
    bypasses: tuple[BypassRow, ...]


@query(Permission.STOCK_SEE)
def counts(ctx: Context, where: CountFilter, offset: int = 0, limit: int = PAGE) -> list[CountRow]:
    """Counts in reach, newest first."""
    statement = _filtered(where).order_by(StockCount.created_at.desc(), StockCount.number.desc())
    return _rows(ctx, statement.offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def number_of_counts(ctx: Context, where: CountFilter) -> int:
    """How many there are."""
    counted = _filtered(where).with_only_columns(func.count(), maintain_column_froms=True)
    return int(ctx.session.scalar(also_showing(counted, Site)) or 0)


@query(Permission.STOCK_SEE)
def count(ctx: Context, number: str) -> CountDetail:
    """One count by number."""
    found = _rows(ctx, _filtered(CountFilter()).where(StockCount.number == number))
    if not found:
        raise NotFound("stock_count", number=number)
    return _detail(ctx, found[0])


@query(Permission.STOCK_SEE)
def count_by_id(ctx: Context, count_id: UUID) -> CountDetail:
    """One count by id."""
    found = _rows(ctx, _filtered(CountFilter()).where(StockCount.id == count_id))
    if not found:
        raise NotFound("stock_count")
    return _detail(ctx, found[0])


def _filtered(where: CountFilter) -> Select[StockCount, Site]:
    statement = select(StockCount, Site).join(Site, Site.id == StockCount.site_id)
    for column, value in (
        (StockCount.kind, where.kind),
        (StockCount.state, where.state),
        (Site.code, where.site_code),
    ):
        if value:
            statement = statement.where(column == value)
    if where.only_open:
        statement = statement.where(StockCount.state.in_(OPEN_COUNT))
    if where.text:
        statement = statement.where(StockCount.number.contains(where.text, autoescape=True))
    return statement


_GIVEN = {"site_code", "site_name", "lines", "left", "differing"}


def _rows(ctx: Context, statement: Select[StockCount, Site]) -> list[CountRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole(ctx: Context, found: Sequence[Any]) -> list[CountRow]:
    sums = _sums(ctx, [count.id for count, _ in found])
    own = [name for name in CountRow.__dataclass_fields__ if name not in _GIVEN]
    rows = []
    for row, site in found:
        lines, uncounted, waiting, differing = sums.get(row.id, (0, 0, 0, 0))
        left = {CountState.COUNTING: uncounted, CountState.RECOUNTING: waiting}.get(row.state, 0)
        rows.append(
            CountRow(
                **{name: getattr(row, name) for name in own},
                site_code=site.code,
                site_name=site.name,
                lines=lines,
                left=left,
                differing=None if row.state in BEING_COUNTED else differing,
            )
        )
    return rows


def _sums(ctx: Context, count_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int, int]]:
    """count -> lines, lines not counted, lines that wait for another count, lines that differ."""
    line = StockCountLine
    rows = ctx.session.execute(
        select(
            line.count_id,
            func.count(),
            func.sum(case((line.counted.is_(None), 1), else_=0)),
            func.sum(case((and_(line.needs_recount.is_(True), line.recounted.is_(None)), 1), else_=0)),
            func.sum(case((func.coalesce(line.recounted, line.counted) != line.book, 1), else_=0)),
        )
        .where(line.count_id.in_(count_ids))
        .group_by(line.count_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows}


def is_left(line: StockCountLine, state: CountState) -> bool:
    """Does the line wait for a figure?"""
    if state is CountState.RECOUNTING:
        return line.needs_recount and line.recounted is None
    return state is CountState.COUNTING and line.counted is None


def _detail(ctx: Context, row: CountRow) -> CountDetail:
    rows = ctx.session.execute(
        select(StockCountLine, Item, Location, Lot)
        .join(Item, Item.id == StockCountLine.item_id)
        .join(Location, Location.id == StockCountLine.location_id)
        .outerjoin(Lot, Lot.id == StockCountLine.lot_id)
        .where(StockCountLine.count_id == row.id)
        .order_by(StockCountLine.line_no)
    )
    found = [(line, item, place, lot) for line, item, place, lot in rows]
    books = _books_now(ctx, [line for line, *_ in found]) if row.state in BEING_COUNTED and not row.is_blind else {}
    lines = tuple(_line_row(row, line, item, place, lot, books) for line, item, place, lot in found)
    return CountDetail(
        row, _places(ctx, row, [line for line, *_ in found]), lines, _hits(ctx, row), tuple(bypasses(ctx, row.id))
    )


def _books_now(ctx: Context, lines: Sequence[StockCountLine]) -> dict[tuple[UUID, UUID], int]:
    """What the books say of the moment each line was counted, or of now where it was not."""
    return books_at(
        ctx, {(line.location_id, line.lot_id): line.final_at or ctx.now for line in lines if line.lot_id is not None}
    )


def _line_row(
    row: CountRow,
    line: StockCountLine,
    item: Item,
    place: Location,
    lot: Lot | None,
    books: dict[tuple[UUID, UUID], int],
) -> CountLineRow:
    is_told = row.state not in BEING_COUNTED
    book: int | None = line.book
    if not is_told and not row.is_blind:
        book = books.get((line.location_id, lot.id), 0) if lot else 0
    if row.hides_books:
        book = None
    price = lot.unit_price_fen if lot else int(line.found.get("unit_price_fen", 0))
    expires = line.found.get("expires_on")
    produced = line.found.get("produced_on")
    hides_first = row.hides_books and row.state is CountState.RECOUNTING and line.needs_recount
    difference = line.difference if is_told and line.final is not None else None
    return CountLineRow(
        id=line.id,
        line_no=line.line_no,
        location_id=place.id,
        location_code=place.code,
        location_name=place.name,
        zone=place.zone,
        shelf=place.shelf,
        bin=place.bin,
        sku=item.sku,
        item_name=item.name,
        spec=item.spec,
        unit=item.unit,
        lot_number=lot.number if lot else "",
        produced_on=lot.produced_on if lot else date.fromisoformat(produced) if produced else None,
        expires_on=lot.expires_on if lot else date.fromisoformat(expires) if expires else None,
        unit_price_fen=None if row.hides_books else price,
        is_found=line.is_found,
        base_quantity=None if row.hides_books else line.base_quantity,
        moved=None if book is None else book - line.base_quantity,
        book=book,
        counted=None if hides_first else line.counted,
        counted_at=line.counted_at,
        counted_by_name=line.counted_by_name,
        is_late=line.is_late,
        needs_recount=line.needs_recount,
        recounted=line.recounted,
        recounted_at=line.recounted_at,
        recounted_by_name=line.recounted_by_name,
        difference=difference,
        amount_fen=None if difference is None else difference * price,
        quality=line.quality,
        note=line.note,
        reason=line.reason,
        reason_note=line.reason_note,
    )


def _places(ctx: Context, row: CountRow, lines: Sequence[StockCountLine]) -> tuple[PlaceRow, ...]:
    places = ctx.session.scalars(
        select(Location)
        .join(StockCountPlace, StockCountPlace.location_id == Location.id)
        .where(StockCountPlace.count_id == row.id)
        .order_by(Location.zone, Location.shelf, Location.bin, Location.code)
    )
    here: dict[UUID, list[StockCountLine]] = defaultdict(list)
    for line in lines:
        here[line.location_id].append(line)
    return tuple(
        PlaceRow(
            place.id,
            place.code,
            place.name,
            len(here[place.id]),
            sum(is_left(line, row.state) for line in here[place.id]),
        )
        for place in places
    )


def _hits(ctx: Context, row: CountRow) -> tuple[HitRow, ...]:
    found = ctx.session.execute(
        select(StockCountHit, StockCountLine.line_no)
        .join(StockCountLine, StockCountLine.id == StockCountHit.line_id)
        .where(StockCountHit.count_id == row.id)
        .order_by(StockCountLine.line_no, StockCountHit.document_number)
    )
    return tuple(
        HitRow(line_no, hit.document_kind, hit.document_number, hit.quantity, hit.hit_at) for hit, line_no in found
    )


@query(Permission.STOCK_SEE)
def approval_limit(ctx: Context) -> int:
    """Up to how many thousandths of difference the lower office decides."""
    return figures(ctx).approval_permille
