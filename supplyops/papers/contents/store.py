"""Goods come into a store (F3) and leave it (F4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supplyops.papers.contents.parts import UNLABELLED, LotLabel, Signed, known_amount, price_times, unpriced


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One lot at the gate. What was found stays None until counted and is then left to the pen."""

    name: str
    unit: str
    expected: int
    spec: str = ""
    sku: str = ""
    received: int | None = None
    accepted: int | None = None
    rejected: int | None = None
    lot: LotLabel = UNLABELLED
    life: str = ""
    maker: str = ""
    certificate: str = ""
    packages: int = 0
    location: str = ""
    unit_price_fen: int | None = None
    packed: str = ""
    """The quantity in packages as well: `240 条 = 12 箱`."""
    serials: str = ""

    @property
    def amount_fen(self) -> int | None:
        """What enters the books: the accepted quantity, or the expected one before counting, times the price."""
        return price_times(self.expected if self.accepted is None else self.accepted, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class ReceiptSums:
    """Sums over the lines of a receipt. A quantity is None where units differ, a found one while any is uncounted."""

    expected: int | None
    received: int | None
    accepted: int | None
    rejected: int | None
    is_counted: bool
    packages: int
    amount_fen: int
    unpriced: int


def receipt_sums(lines: tuple[ReceiptLine, ...]) -> ReceiptSums:
    """What some lines of a receipt come to."""
    return ReceiptSums(
        expected=_sum(lines, [line.expected for line in lines]),
        received=_sum(lines, [line.received for line in lines]),
        accepted=_sum(lines, [line.accepted for line in lines]),
        rejected=_sum(lines, [line.rejected for line in lines]),
        is_counted=all(line.accepted is not None for line in lines),
        packages=sum(line.packages for line in lines),
        amount_fen=known_amount(lines),
        unpriced=unpriced(lines),
    )


@dataclass(frozen=True, slots=True)
class ReceiptNote:
    """F3 入库单(验收单): goods checked at the gate. Only the accepted quantity raises stock."""

    organisation: str
    warehouse: str
    receipt_kind: str
    source: str
    lines: tuple[ReceiptLine, ...]
    source_document: str = ""
    vehicle: str = ""
    arrived_at: datetime | None = None
    accepted_at: datetime | None = None
    fund_source: str = ""
    owner: str = ""
    is_seal_intact: bool | None = None
    seal_number: str = ""
    is_appearance_good: bool | None = None
    matches_list: bool | None = None
    conclusion: str = ""
    shortage_handling: str = ""
    delivered_by: Signed | None = None
    inspected: Signed | None = None
    stored: Signed | None = None
    note: str = ""

    @property
    def sums(self) -> ReceiptSums:
        """What the whole receipt comes to."""
        return receipt_sums(self.lines)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One lot to be taken from one place on a shelf. `issued` stays None until picked and is then left to the pen."""

    name: str
    unit: str
    ordered: int
    spec: str = ""
    sku: str = ""
    lot: LotLabel = UNLABELLED
    location: str = ""
    issued: int | None = None
    packages: int = 0
    unit_price_fen: int | None = None
    note: str = ""
    packed: str = ""

    @property
    def amount_fen(self) -> int | None:
        """The issued quantity, or the ordered one before picking, times the price."""
        return price_times(self.ordered if self.issued is None else self.issued, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class IssueSums:
    """Sums over the lines of an issue. A quantity is None where units differ, `issued` while any line is unpicked."""

    ordered: int | None
    issued: int | None
    is_picked: bool
    packages: int
    amount_fen: int
    unpriced: int


def issue_sums(lines: tuple[IssueLine, ...]) -> IssueSums:
    """What some lines of an issue come to."""
    return IssueSums(
        ordered=_sum(lines, [line.ordered for line in lines]),
        issued=_sum(lines, [line.issued for line in lines]),
        is_picked=all(line.issued is not None for line in lines),
        packages=sum(line.packages for line in lines),
        amount_fen=known_amount(lines),
        unpriced=unpriced(lines),
    )


@dataclass(frozen=True, slots=True)
class IssueNote:
    """F4 出库单: goods leave a store. With a carrier a fourth copy is printed for it."""

    organisation: str
    warehouse: str
    issue_kind: str
    recipient: str
    lines: tuple[IssueLine, ...]
    slip_number: str = ""
    purpose: str = ""
    vehicle: str = ""
    carrier: str = ""
    issued_at: datetime | None = None
    owner: str = ""
    received: Signed | None = None
    received_head: Signed | None = None
    checked: Signed | None = None
    stored: Signed | None = None
    note: str = ""

    @property
    def sums(self) -> IssueSums:
        """What the whole issue comes to."""
        return issue_sums(self.lines)


def _sum(lines: Sequence[ReceiptLine | IssueLine], values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) and len({line.unit for line in lines}) == 1 else None
