"""What lists are made from: what balances say of their lots, and the totals over lots."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_

from supplyops.verify.ledger import real_places, replayed
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, shown

_COPIED = {"lot_number": "number", "item_id": "item_id", "owner_id": "owner_id", "is_exercise": "is_exercise"}
"""Column of a balance: column of its lot."""


def copies_of_lots(books: Books, finding: Finding) -> None:
    """I34: a balance says of its lot what the lot says."""
    lot = books.table("lot").alias("told")
    finding.checked += books.counted("stock_balance")

    def says_otherwise(balances: Table) -> ColumnElement[bool]:
        same = [balances.c[name] == lot.c[of_lot] for name, of_lot in _COPIED.items()]
        until = or_(
            balances.c.good_until == lot.c.expires_on,
            and_(lot.c.expires_on.is_(None), balances.c.good_until == date.max),
        )
        return ~exists().where(lot.c.id == balances.c.lot_id, *same, until).correlate(balances)

    for place, number in books.plain("stock_balance", "location_id", "lot_number", where=says_otherwise):
        finding.fail(f"库位 {shown(place)} 批次 {number}:结存行所记与批次档案不符")


def totals(books: Books, finding: Finding) -> None:
    """I35: a total is the sum of the moves and open holds of its lots; it counts the lots of which there is something."""
    lots = {
        lot: (item, owner, bool(is_exercise), expires_on is not None)
        for lot, item, owner, is_exercise, expires_on in books.plain(
            "lot", "id", "item_id", "owner_id", "is_exercise", "expires_on"
        )
    }
    real, right = real_places(books), _Sums(lots)
    for (place, lot), quantity in books.once(replayed).held.items():
        if place in real:
            right.add(place, lot, (quantity, 0, int(quantity > 0), 0))
    columns = ("location_id", "lot_id", "quantity", "fulfilled", "released")
    for place, lot, quantity, fulfilled, released in books.plain("reservation", *columns, where=_is_open):
        right.add(place, lot, (0, quantity - fulfilled - released, 0, 1))
    which = ("location_id", "item_id", "owner_id", "is_exercise", "is_dated")
    for *key, on_hand, reserved, lying, holds in books.plain(
        "stock_total", *which, "on_hand", "reserved", "lots", "holds"
    ):
        place, item, owner, is_exercise, is_dated = key
        wanted = right.sums.pop((place, item, owner, bool(is_exercise), bool(is_dated)), [0, 0, 0, 0])
        finding.see(
            [on_hand, reserved, lying, holds] == wanted,
            (
                f"库位 {shown(place)} 物资 {shown(item)}:合计 {on_hand},已预留 {reserved},批次 {lying},预留单 {holds};"
                f"应为 {wanted[0]}、{wanted[1]}、{wanted[2]}、{wanted[3]}"
            ),
        )
    for (place, item, *_), wanted in right.sums.items():
        finding.see(not any(wanted), f"库位 {shown(place)} 物资 {shown(item)}:缺少合计,应为 {wanted[0]}")


class _Sums:
    """Sums by place, item, owner, exercise or not, dated or not."""

    def __init__(self, lots: dict[str, tuple[str, str, bool, bool]]) -> None:
        self._lots = lots
        self.sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, place: str, lot: str, amounts: tuple[int, int, int, int]) -> None:
        """Goods or a hold of a lot at a place; a lot that is nowhere is another invariant's matter."""
        if lot in self._lots:
            sums = self.sums[place, *self._lots[lot]]
            for number, amount in enumerate(amounts):
                sums[number] += amount


def _is_open(reservations: Any) -> Any:
    return reservations.c.closed_at.is_(None)
