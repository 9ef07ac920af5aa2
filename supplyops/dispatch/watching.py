"""The watch over orders: whatever is not loaded or has not arrived by its time gets an alert that stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.upsert import insert_missing
from supplyops.dispatch.rules import ClockKind, ConsignmentState
from supplyops.dispatch.tables import Consignment, OverdueAlert, OverdueWatch
from supplyops.kernel.access import Permission
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, command, query

_S = ConsignmentState
WAITING = {
    ClockKind.LOAD: (Consignment.load_by, (_S.ORDERED, _S.ACCEPTED)),
    ClockKind.ARRIVE: (Consignment.planned_arrival_at, (_S.ORDERED, _S.ACCEPTED, _S.LOADED, _S.IN_TRANSIT)),
}
"""By which time, and the states in which it has not happened yet."""
WATCH = "orders"
_Origin, _Delivery = aliased(Site), aliased(Site)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as lists show it."""

    consignment_id: UUID
    consignment_number: str
    kind: ClockKind
    due_at: datetime
    raised_at: datetime
    state: ConsignmentState
    origin_site_code: str
    origin_site_name: str
    delivery_site_code: str
    delivery_site_name: str
    is_open: bool
    """Has it still not happened?"""


@command(Permission.INTERNAL)
def raise_alerts(ctx: Context) -> int:
    """Note every order that has become overdue; returns how many. The worker's timer asks for it."""
    raised = 0
    for kind, (due_at, states) in WAITING.items():
        noted = select(OverdueAlert.consignment_id).where(OverdueAlert.kind == kind)
        late = select(Consignment.id, due_at).where(
            Consignment.state.in_(states), due_at < ctx.now, Consignment.id.not_in(noted)
        )
        for consignment_id, due in ctx.session.execute(late.order_by(due_at, Consignment.id)).all():
            alert = OverdueAlert(consignment_id=consignment_id, kind=kind, due_at=due, raised_at=ctx.now)
            ctx.session.add(alert)
            raised += 1
    insert_missing(ctx.session, OverdueWatch, [{"name": WATCH, "looked_at": ctx.now}])
    watch = ctx.session.get(OverdueWatch, WATCH, with_for_update=True)
    assert watch is not None
    watch.looked_at = max(watch.looked_at, ctx.now)
    ctx.is_idle = raised == 0
    return raised


@query(Permission.ORDERS_SEE)
def alerts(
    ctx: Context, limit: int = 200, site_code: str = "", only_open: bool = False, offset: int = 0
) -> list[AlertRow]:
    """The alerts about orders in reach, the newest first: of one store, that sends or receives, or of all."""
    statement = _alerts(site_code, only_open).order_by(OverdueAlert.seq.desc()).offset(offset).limit(limit)
    rows = ctx.session.execute(also_showing(statement, Site))
    return [
        AlertRow(
            row.consignment_id, number, row.kind, row.due_at, row.raised_at, state, origin.code, origin.name,
            delivery.code, delivery.name, state in WAITING[row.kind][1],
        )
        for row, number, state, origin, delivery in rows
    ]  # fmt: skip


@query(Permission.ORDERS_SEE)
def count_alerts(ctx: Context, where: tuple[str, bool] = ("", False), most: int = COUNTED_MAX) -> int:
    """How many there are of a store, all or only open ones; one more than `most` where there are more."""
    return int(ctx.session.scalar(also_showing(counted(_alerts(*where), most), Site)) or 0)


def _alerts(site_code: str, only_open: bool) -> Any:
    statement = (
        select(OverdueAlert, Consignment.number, Consignment.state, _Origin, _Delivery)
        .join(Consignment, Consignment.id == OverdueAlert.consignment_id)
        .join(_Origin, _Origin.id == Consignment.origin_site_id)
        .join(_Delivery, _Delivery.id == Consignment.delivery_site_id)
    )
    if site_code:
        statement = statement.where(or_(_Origin.code == site_code, _Delivery.code == site_code))
    waiting = [and_(OverdueAlert.kind == kind, Consignment.state.in_(states)) for kind, (_, states) in WAITING.items()]
    return statement.where(or_(*waiting) if only_open else OverdueAlert.kind.in_(WAITING))
