"""What is out and has to come back, worked out from what the stores gave out and what lies at the places it was brought to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import business_day
from supplyops.kernel.ids import derived_id
from supplyops.norms.queries import parameter_versions
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.recoveries.rules import DueKind, months_later, shared_out
from supplyops.recoveries.tables import Recovery, RecoveryLimit, RecoveryLine
from supplyops.runtime import Context, also_showing, unscoped
from supplyops.stock.documents import IssueKind
from supplyops.stock.rules import MoveReason, StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockDocumentLine, StockMove

NOT_USED = frozenset({IssueKind.ROTATION, IssueKind.SCRAP, IssueKind.AGENCY})
"""Issues that gave nothing into anybody's use."""
DEFAULT = "recovery.months"
_Undo = aliased(StockMove)


@dataclass(frozen=True, slots=True)
class Due:
    """So much of a lot that somebody has and has to give back."""

    id: UUID
    kind: DueKind
    document_kind: str
    document_id: UUID
    document_number: str
    holder: str
    sku: str
    item_name: str
    spec: str
    unit: str
    item_id: UUID
    lot_id: UUID
    lot_number: str
    owner_name: str
    keeper_id: UUID
    """Who gave it out, or keeps the place where it lies."""
    site_name: str
    location_id: UUID | None
    """Where goods that were handed over lie; those issued to people lie nowhere in the books."""
    given_on: date
    due_on: date | None
    quantity: int
    recovered: int
    outstanding: int
    days_left: int | None

    @property
    def is_overdue(self) -> bool:
        """Still out after its day."""
        return bool(self.outstanding) and self.days_left is not None and self.days_left < 0


class Limits:
    """How long each item may be out, as it stood on the day it was given out."""

    def __init__(self, ctx: Context) -> None:
        self._own: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
        rows = select(RecoveryLimit).order_by(RecoveryLimit.effective_from, RecoveryLimit.seq)
        for row in ctx.session.scalars(rows):
            self._own[row.item_id].append((row.effective_from, row.months))
        self._default = [(row.effective_from, int(row.value)) for row in parameter_versions(ctx) if row.key == DEFAULT]

    def due_on(self, item_id: UUID, given_on: date) -> date | None:
        """The day by which goods given out on a day have to be back; None where nobody has set a limit."""
        months = _in_force(self._own.get(item_id, []), given_on) or _in_force(self._default, given_on)
        return months_later(given_on, months) if months else None


def _in_force(versions: Sequence[tuple[date, int]], day: date) -> int | None:
    found = [months for since, months in versions if since <= day]
    return found[-1] if found else None


def dues(ctx: Context, document_number: str = "") -> list[Due]:
    """Everything recoverable that is or was out, in reach, the first to be due first."""
    limits = Limits(ctx)
    found = [*_issued(ctx, limits, document_number), *_handed_over(ctx, limits, document_number)]
    return sorted(found, key=lambda due: (due.due_on or date.max, due.document_number, due.lot_number, due.id))


def recovered_of(ctx: Context, due_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Due -> how much of it came back, by registers that were not taken back."""
    found: dict[UUID, int] = defaultdict(int)
    rows = (
        select(RecoveryLine.due_id, RecoveryLine.quantity)
        .join(Recovery, Recovery.id == RecoveryLine.recovery_id)
        .where(RecoveryLine.due_id.in_(due_ids), Recovery.taken_back_at.is_(None))
    )
    for due_id, quantity in ctx.session.execute(unscoped(rows, "goods come back to whichever store")):
        found[due_id] += quantity
    return found


def _issued(ctx: Context, limits: Limits, document_number: str) -> list[Due]:
    """Lines of issues for use that were not taken back."""
    statement = (
        select(StockDocumentLine, StockDocument, Item, Lot, Organisation.name, Site.name)
        .join(StockDocument, StockDocument.id == StockDocumentLine.document_id)
        .join(Item, Item.id == StockDocumentLine.item_id)
        .join(Lot, Lot.id == StockDocumentLine.lot_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .join(Site, Site.id == StockDocument.site_id)
        .where(
            StockDocument.kind == StockDocumentKind.ISSUE,
            StockDocument.state == StockDocumentState.POSTED,
            Item.is_recoverable.is_(True),
            StockDocumentLine.actual > 0,
        )
    )
    if document_number:
        statement = statement.where(StockDocument.number == document_number)
    rows = [row for row in ctx.session.execute(also_showing(statement, Site)) if not _is_no_use(row[1])]
    back = recovered_of(ctx, [row[0].id for row in rows])
    result = []
    for line, document, item, lot, owner, site in rows:
        given_on = business_day(document.occurred_at)
        result.append(
            _due(
                ctx, limits, line.id, DueKind.ISSUED, ("issue", document.id, document.number), document.counterpart, item,
                lot, owner, document.organisation_id, site, None, given_on, line.actual, back[line.id], line.actual - back[line.id],
            )
        )  # fmt: skip
    return result


def _is_no_use(document: StockDocument) -> bool:
    return document.details.get("kind") in {kind.value for kind in NOT_USED}


def _handed_over(ctx: Context, limits: Limits, document_number: str) -> list[Due]:
    """Deliveries to places: what of them still lies there has to come back; what was issued there is out by that issue."""
    statement = (
        select(StockMove, Location, Site, Item, Lot, Organisation.name, StockBalance.on_hand)
        .join(Location, Location.id == StockMove.target_id)
        .join(Site, Site.id == Location.site_id)
        .join(Item, Item.id == StockMove.item_id)
        .join(Lot, Lot.id == StockMove.lot_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .join(
            StockBalance, (StockBalance.location_id == StockMove.target_id) & (StockBalance.lot_id == StockMove.lot_id)
        )
        .where(
            StockMove.reason.in_([MoveReason.DELIVERY, MoveReason.CONVERSION]),
            StockMove.reverses_id.is_(None),
            ~select(_Undo.seq).where(_Undo.reverses_id == StockMove.posting_id).exists(),
            Location.kind == LocationKind.STORAGE,
            Item.is_recoverable.is_(True),
            or_(StockMove.document_kind == "consignment", Site.kind == SiteKind.DELIVERY_POINT),
        )
        .order_by(StockMove.seq)
    )
    grouped: dict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for row in ctx.session.execute(also_showing(statement, Site)):
        grouped[row[0].target_id, row[0].lot_id].append(row)
    result = []
    for rows in grouped.values():
        still = shared_out([row[0].quantity for row in rows], rows[0][6])
        ids = [derived_id("recovery_due", row[0].posting_id, str(row[0].line_no)) for row in rows]
        back = recovered_of(ctx, ids)
        for due_id, left, (move, place, site, item, lot, owner, _) in zip(ids, still, rows, strict=True):
            if document_number and move.document_number != document_number:
                continue
            document = (move.document_kind, move.document_id, move.document_number)
            given_on = business_day(move.occurred_at)
            result.append(
                _due(
                    ctx, limits, due_id, DueKind.HANDED_OVER, document, site.name, item, lot, owner, site.organisation_id,
                    site.name, place.id, given_on, move.quantity, back[due_id], left,
                )
            )  # fmt: skip
    return result


def _due(
    ctx: Context,
    limits: Limits,
    due_id: UUID,
    kind: DueKind,
    document: tuple[str, UUID, str],
    holder: str,
    item: Item,
    lot: Lot,
    owner: str,
    keeper_id: UUID,
    site_name: str,
    location_id: UUID | None,
    given_on: date,
    quantity: int,
    recovered: int,
    outstanding: int,
) -> Due:
    due_on = limits.due_on(item.id, given_on)
    return Due(
        due_id,
        kind,
        *document,
        holder,
        item.sku,
        item.name,
        item.spec,
        item.unit,
        item.id,
        lot.id,
        lot.number,
        owner,
        keeper_id,
        site_name,
        location_id,
        given_on,
        due_on,
        quantity,
        recovered,
        max(outstanding, 0),
        (due_on - _today(ctx.now)).days if due_on else None,
    )


def _today(now: datetime) -> date:
    return business_day(now)
