"""Reading transfers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.obligations.tables import Obligation
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.stock.tables import Lot
from supplyops.transfers.rules import ON_THE_ROAD, TransferState
from supplyops.transfers.tables import (
    Transfer,
    TransferArrival,
    TransferArrivalLine,
    TransferDifference,
    TransferLine,
    TransferLot,
)
from supplyops.transfers.views import (
    ALL,
    STORES,
    StoreRow,
    TransferArrivalLineRow,
    TransferArrivalRow,
    TransferDifferenceRow,
    TransferFilter,
    TransferLineRow,
    TransferLotRow,
    TransferRow,
)

_From, _To = aliased(Site), aliased(Site)
_Owner, _NewOwner, _Approver, _Sender, _Receiver, _Carrier = (aliased(Organisation) for _ in range(6))
_NewLot, _Target = aliased(Lot), aliased(Location)
NOT_SENT = (TransferState.DRAFT, TransferState.APPROVED)
OPEN = (*NOT_SENT, *ON_THE_ROAD)


@query(Permission.TRANSFERS_SEE)
def stores(ctx: Context) -> list[StoreRow]:
    """The stores there are, by keeper. What lies in them stays their own affair."""
    rows = (
        select(Site, Organisation)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(Site.kind.in_(STORES), Site.is_active.is_(True))
        .order_by(Organisation.path, Site.code)
    )
    found = ctx.session.execute(unscoped(rows, "one cannot ask a neighbour whose store one may not name"))
    return [StoreRow(site.code, site.name, keeper.name) for site, keeper in found]


@query(Permission.TRANSFERS_SEE)
def transfers(
    ctx: Context, where: TransferFilter = ALL, offset: int = 0, limit: int | None = None
) -> list[TransferRow]:
    """Transfers in reach, newest first; all of them where no limit is said."""
    order = Transfer.created_at.desc(), Transfer.number.desc()
    statement = _statement().where(*_conditions(where, ctx.now)).order_by(*order).offset(offset).limit(limit)
    return _rows(ctx, statement)


@query(Permission.TRANSFERS_SEE)
def count_transfers(ctx: Context, where: TransferFilter = ALL, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = _statement().where(*_conditions(where, ctx.now))
    return int(ctx.session.scalar(also_showing(counted(rows, most), Site)) or 0)


def _conditions(where: TransferFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.state is not None:
        conditions.append(Transfer.state == where.state)
    if where.kind is not None:
        conditions.append(Transfer.kind == where.kind)
    if where.site_code:
        conditions.append(or_(_From.code == where.site_code, _To.code == where.site_code))
    if where.only_open:
        conditions.append(Transfer.state.in_(OPEN))
    if where.only_overdue:
        conditions.append(
            or_(
                and_(Transfer.state.in_(ON_THE_ROAD), Transfer.expected_at < now),
                and_(Transfer.state.in_(NOT_SENT), Transfer.send_by < now),
            )
        )
    if where.text:
        named = (Transfer.number, _From.name, _To.name, Transfer.vehicle)
        conditions.append(or_(*(column.contains(where.text, autoescape=True) for column in named)))
    return conditions


@query(Permission.TRANSFERS_SEE)
def transfer(ctx: Context, number: str) -> TransferRow:
    """One transfer by number."""
    found = _rows(ctx, _statement().where(Transfer.number == number))
    if not found:
        raise NotFound("transfer", reference=number)
    return found[0]


@query(Permission.TRANSFERS_SEE)
def transfer_by_id(ctx: Context, transfer_id: UUID) -> TransferRow:
    """One transfer by id."""
    found = _rows(ctx, _statement().where(Transfer.id == transfer_id))
    if not found:
        raise NotFound("transfer")
    return found[0]


def _statement() -> Any:
    return (
        select(
            Transfer, _From, _To, _Owner.name, _NewOwner.name, _Approver.name, _Sender, _Receiver.name, _Carrier.code
        )
        .join(_From, _From.id == Transfer.from_site_id)
        .join(_To, _To.id == Transfer.to_site_id)
        .join(_Owner, _Owner.id == Transfer.owner_id)
        .outerjoin(_NewOwner, _NewOwner.id == Transfer.new_owner_id)
        .join(_Approver, _Approver.id == Transfer.approver_id)
        .join(_Sender, _Sender.id == Transfer.from_organisation_id)
        .join(_Receiver, _Receiver.id == Transfer.to_organisation_id)
        .outerjoin(_Carrier, _Carrier.id == Transfer.carrier_id)
    )


def is_overdue(row: Transfer, now: datetime) -> bool:
    """Not loaded by its time, or not there by the time it was expected."""
    if row.state in ON_THE_ROAD:
        return row.expected_at is not None and row.expected_at < now
    return row.state in NOT_SENT and row.send_by < now


def _rows(ctx: Context, statement: Any) -> list[TransferRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole(ctx: Context, found: Sequence[Any]) -> list[TransferRow]:
    ids = [row[0].id for row in found]
    lines, lots, differences = _lines(ctx, ids), _lots(ctx, ids), _differences(ctx, ids)
    arrivals = _arrivals(ctx, ids)
    settles = _numbers(ctx, Obligation.id, [row[0].settles_id for row in found if row[0].settles_id])
    arose = _numbers(ctx, Obligation.basis_id, ids)
    taken = {
        "owner_name", "new_owner_name", "approver_name", "from_site_code", "from_site_name", "from_organisation_code",
        "from_organisation_name", "to_site_code", "to_site_name", "to_organisation_name", "settles", "obligation",
        "is_overdue", "lines", "lots", "arrivals", "differences", "carrier_code",
    }  # fmt: skip
    own = [name for name in TransferRow.__dataclass_fields__ if name not in taken]
    return [
        TransferRow(
            **{name: getattr(row, name) for name in own},
            owner_name=owner,
            new_owner_name=new_owner or "",
            approver_name=approver,
            from_site_code=origin.code,
            from_site_name=origin.name,
            from_organisation_code=sender.code,
            from_organisation_name=sender.name,
            to_site_code=target.code,
            to_site_name=target.name,
            to_organisation_name=receiver,
            settles=settles.get(row.settles_id, ""),
            obligation=arose.get(row.id, ""),
            is_overdue=is_overdue(row, ctx.now),
            lines=tuple(lines.get(row.id, ())),
            lots=tuple(lots.get(row.id, ())),
            arrivals=tuple(arrivals.get(row.id, ())),
            carrier_code=carrier or "",
            differences=tuple(differences.get(row.id, ())),
        )
        for row, origin, target, owner, new_owner, approver, sender, receiver, carrier in found
    ]


def _numbers(ctx: Context, column: Any, ids: Sequence[UUID]) -> dict[Any, str]:
    rows = ctx.session.execute(select(column, Obligation.number).where(column.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferLineRow]]:
    found: dict[UUID, list[TransferLineRow]] = {}
    for line, item in ctx.session.execute(
        select(TransferLine, Item)
        .join(Item, Item.id == TransferLine.item_id)
        .where(TransferLine.transfer_id.in_(ids))
        .order_by(TransferLine.transfer_id, TransferLine.line_no)
    ):
        found.setdefault(line.transfer_id, []).append(
            TransferLineRow(line.line_no, item.sku, item.name, item.unit, line.quantity, line.lot_number, line.reason)
        )
    return found


def _lots(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferLotRow]]:
    found: dict[UUID, list[TransferLotRow]] = {}
    for line, lot, item, place, child, target in ctx.session.execute(
        select(TransferLot, Lot, Item, Location.name, _NewLot.number, _Target.name)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .join(Location, Location.id == TransferLot.location_id)
        .outerjoin(_NewLot, _NewLot.id == TransferLot.new_lot_id)
        .outerjoin(_Target, _Target.id == TransferLot.target_id)
        .where(TransferLot.transfer_id.in_(ids))
        .order_by(TransferLot.transfer_id, TransferLot.line_no)
    ):
        found.setdefault(line.transfer_id, []).append(
            TransferLotRow(
                line.id,
                line.line_no,
                item.sku,
                item.name,
                item.spec,
                item.unit,
                lot.number,
                lot.expires_on,
                place,
                line.quantity,
                line.loaded,
                line.good,
                line.damaged,
                line.short,
                line.returned,
                line.on_the_road,
                target or "",
                child or "",
            )
        )
    return found


def _arrivals(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferArrivalRow]]:
    lines: dict[UUID, list[TransferArrivalLineRow]] = {}
    for line, lot_number, item in ctx.session.execute(
        select(TransferArrivalLine, Lot.number, Item)
        .join(TransferLot, TransferLot.id == TransferArrivalLine.line_id)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .where(TransferLot.transfer_id.in_(ids))
        .order_by(TransferLot.line_no)
    ):
        lines.setdefault(line.arrival_id, []).append(
            TransferArrivalLineRow(lot_number, item.name, item.unit, line.good, line.damaged, line.short)
        )
    own = [name for name in TransferArrivalRow.__dataclass_fields__ if name != "lines"]
    found: dict[UUID, list[TransferArrivalRow]] = {}
    for row in ctx.session.scalars(
        select(TransferArrival).where(TransferArrival.transfer_id.in_(ids)).order_by(TransferArrival.arrival_no)
    ):
        found.setdefault(row.transfer_id, []).append(
            TransferArrivalRow(**{name: getattr(row, name) for name in own}, lines=tuple(lines.get(row.id, ())))
        )
    return found


def _differences(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferDifferenceRow]]:
    found: dict[UUID, list[TransferDifferenceRow]] = {}
    for row, lot_number, item_name in ctx.session.execute(
        select(TransferDifference, Lot.number, Item.name)
        .join(TransferLot, TransferLot.id == TransferDifference.line_id)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .where(TransferDifference.transfer_id.in_(ids))
        .order_by(TransferDifference.seq)
    ):
        found.setdefault(row.transfer_id, []).append(
            TransferDifferenceRow(lot_number, item_name, row.finding, row.quantity, row.cause, row.recorded_at)
        )
    return found
