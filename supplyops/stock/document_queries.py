"""Reading store documents: receipts, issues, transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation, User
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.rules import StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Lot, StockDocument, StockDocumentLine, StockMove

PAGE = 50
OPENED_SHOWN = 1_000
_Target = aliased(Location)


@dataclass(frozen=True, slots=True)
class StockDocumentLineRow:
    """One lot of a store document."""

    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    location_name: str
    target_name: str
    due: int
    actual: int
    rejected: int
    note: str


@dataclass(frozen=True, slots=True)
class StockDocumentRow:
    """A store document with its lines."""

    id: UUID
    number: str
    kind: StockDocumentKind
    state: StockDocumentState
    organisation_id: UUID
    organisation_name: str
    site_code: str
    site_name: str
    incident_id: UUID | None
    counterpart: str
    details: dict[str, Any]
    occurred_at: datetime
    is_late: bool
    created_at: datetime
    created_by_name: str
    reversed_at: datetime | None
    lines: tuple[StockDocumentLineRow, ...]
    """Of an opening balance its moves, where it is asked for by itself, the first `OPENED_SHOWN` of them."""
    line_count: int
    """How many lots there are in all."""


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are asked for; empty fields do not narrow."""

    kind: StockDocumentKind | None = None
    site_code: str = ""
    text: str = ""
    incident_id: UUID | None = None
    only_late: bool = False


@query(Permission.STOCK_SEE)
def documents(ctx: Context, where: DocumentFilter, offset: int = 0, limit: int = PAGE) -> list[StockDocumentRow]:
    """Store documents in reach, newest first."""
    statement = (
        _filtered(where)
        .order_by(StockDocument.created_at.desc(), StockDocument.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return _rows(ctx, statement)


@query(Permission.STOCK_SEE)
def count_documents(ctx: Context, where: DocumentFilter, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = select(StockDocument.id).where(*_conditions(where))
    return int(ctx.session.scalar(also_showing(counted(rows, most), Site)) or 0)


@query(Permission.STOCK_SEE)
def document(ctx: Context, number: str) -> StockDocumentRow:
    """One store document by number."""
    found = _rows(ctx, _filtered(DocumentFilter()).where(StockDocument.number == number))
    if not found:
        raise NotFound("stock_document", number=number)
    return _with_opened(ctx, found[0])


@query(Permission.STOCK_SEE)
def document_by_id(ctx: Context, document_id: UUID) -> StockDocumentRow:
    """One store document by id."""
    found = _rows(ctx, _filtered(DocumentFilter()).where(StockDocument.id == document_id))
    if not found:
        raise NotFound("stock_document")
    return _with_opened(ctx, found[0])


def _with_opened(ctx: Context, row: StockDocumentRow) -> StockDocumentRow:
    """An opening balance has no lines but its moves."""
    if row.kind is not StockDocumentKind.OPENING:
        return row
    moves = ctx.session.execute(
        select(StockMove.quantity, Lot.number, Item, Location.name)
        .join(Lot, Lot.id == StockMove.lot_id)
        .join(Item, Item.id == StockMove.item_id)
        .join(Location, Location.id == StockMove.target_id)
        .where(StockMove.document_id == row.id, StockMove.reverses_id.is_(None))
        .order_by(StockMove.seq)
        .limit(OPENED_SHOWN)
    )
    lines = tuple(
        StockDocumentLineRow(
            line_no, item.sku, item.name, item.spec, item.unit, lot_number, place, "", quantity, quantity, 0, ""
        )
        for line_no, (quantity, lot_number, item, place) in enumerate(moves, start=1)
    )
    return replace(row, lines=lines)


def _filtered(where: DocumentFilter) -> Any:
    return (
        select(StockDocument, Organisation.name, Site, User.display_name)
        .join(Organisation, Organisation.id == StockDocument.organisation_id)
        .join(Site, Site.id == StockDocument.site_id)
        .outerjoin(User, User.id == StockDocument.created_by_id)
        .where(*_conditions(where))
    )


def _conditions(where: DocumentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.kind is not None:
        conditions.append(StockDocument.kind == where.kind)
    if where.site_code:
        # One value, not a list of one: then an index has the site's documents in order.
        conditions.append(
            StockDocument.site_id == select(Site.id).where(Site.code == where.site_code).scalar_subquery()
        )
    if where.incident_id is not None:
        conditions.append(StockDocument.incident_id == where.incident_id)
    if where.only_late:
        conditions.append(StockDocument.is_late.is_(True))
    if where.text:
        conditions.append(
            StockDocument.number.contains(where.text, autoescape=True)
            | StockDocument.counterpart.contains(where.text, autoescape=True)
        )
    return conditions


def _rows(ctx: Context, statement: Any) -> list[StockDocumentRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site, User)).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[StockDocumentRow]:
    lines = _lines(ctx, [row[0].id for row in rows])
    taken = {"organisation_name", "site_code", "site_name", "created_by_name", "lines", "line_count"}
    own = [name for name in StockDocumentRow.__dataclass_fields__ if name not in taken]
    return [
        StockDocumentRow(
            **{name: getattr(row, name) for name in own},
            organisation_name=keeper,
            site_code=site.code,
            site_name=site.name,
            created_by_name=writer or "",
            lines=tuple(lines.get(row.id, ())),
            line_count=int(row.details.get("rows", 0))
            if row.kind is StockDocumentKind.OPENING
            else len(lines.get(row.id, ())),
        )
        for row, keeper, site, writer in rows
    ]


def _lines(ctx: Context, ids: list[UUID]) -> dict[UUID, list[StockDocumentLineRow]]:
    rows = ctx.session.execute(
        select(StockDocumentLine, Lot.number, Item, Location.name, _Target.name)
        .join(Lot, Lot.id == StockDocumentLine.lot_id)
        .join(Item, Item.id == StockDocumentLine.item_id)
        .join(Location, Location.id == StockDocumentLine.location_id)
        .outerjoin(_Target, _Target.id == StockDocumentLine.target_id)
        .where(StockDocumentLine.document_id.in_(ids))
        .order_by(StockDocumentLine.document_id, StockDocumentLine.line_no)
    )
    found: dict[UUID, list[StockDocumentLineRow]] = {}
    for line, lot_number, item, place, target in rows:
        found.setdefault(line.document_id, []).append(
            StockDocumentLineRow(
                line.line_no, item.sku, item.name, item.spec, item.unit, lot_number, place, target or "",
                line.due, line.actual, line.rejected, line.details.get("note", ""),
            )
        )  # fmt: skip
    return found
