"""What the ledger keeps beside its balances, made from the rows that a bench has put in by itself."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, case, delete, func, insert, literal, select

from supplyops.stock.tables import Reservation, StockBalance, StockTotal


def make_totals(connection: Connection) -> None:
    """Sum the balances and count the open holds anew."""
    balances, holds, totals = StockBalance.__table__, Reservation.__table__, StockTotal.__table__
    open_holds = (
        select(holds.c.location_id, holds.c.lot_id, func.count().label("holds"))
        .where(holds.c.closed_at.is_(None))
        .group_by(holds.c.location_id, holds.c.lot_id)
        .subquery()
    )
    same = (open_holds.c.location_id == balances.c.location_id) & (open_holds.c.lot_id == balances.c.lot_id)
    is_dated = case((balances.c.good_until < date.max, literal(True)), else_=literal(False))
    by = [balances.c[name] for name in ("location_id", "item_id", "owner_id", "is_exercise", "custodian_id", "site_id")]
    summed = (
        select(
            *by,
            is_dated.label("is_dated"),
            func.sum(balances.c.on_hand),
            func.sum(balances.c.reserved),
            func.sum(case((balances.c.on_hand > 0, 1), else_=0)),
            func.sum(func.coalesce(open_holds.c.holds, 0)),
        )
        .select_from(balances.outerjoin(open_holds, same))
        .group_by(*by, is_dated)
    )
    names = [*(column.name for column in by), "is_dated", "on_hand", "reserved", "lots", "holds"]
    connection.execute(delete(totals))
    connection.execute(insert(totals).from_select(names, summed))
