"""What lies in a store is counted (F6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.papers.contents.parts import UNLABELLED, LotLabel, Signed, price_times


@dataclass(frozen=True, slots=True)
class CountLine:
    """One lot at one place. `book` is None on a blind sheet, `counted` until it was counted: both left to the pen."""

    name: str
    unit: str
    location: str
    line_no: int = 0
    spec: str = ""
    sku: str = ""
    lot: LotLabel = UNLABELLED
    book: int | None = None
    counted: int | None = None
    unit_price_fen: int | None = None
    quality: str = ""
    reason: str = ""
    note: str = ""
    recounted_by: str = ""
    packed: str = ""
    """What its packages hold; once counted, what was found in packages as well."""

    @property
    def difference(self) -> int | None:
        """Surplus above zero, shortage below; None until both figures are known."""
        return None if self.book is None or self.counted is None else self.counted - self.book

    @property
    def amount_fen(self) -> int | None:
        """What the difference is worth."""
        return price_times(self.difference, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class CountSums:
    """Sums over the lines of a count: how many are surplus, short, even; what surplus and shortage are worth."""

    surplus: int
    short: int
    even: int
    surplus_fen: int
    short_fen: int
    is_counted: bool


def count_sums(lines: tuple[CountLine, ...]) -> CountSums:
    """What some lines of a count come to."""
    differences = [line.difference for line in lines]
    amounts = [line.amount_fen or 0 for line in lines]
    return CountSums(
        surplus=sum(1 for each in differences if each is not None and each > 0),
        short=sum(1 for each in differences if each is not None and each < 0),
        even=sum(1 for each in differences if each == 0),
        surplus_fen=sum(amount for amount in amounts if amount > 0),
        short_fen=-sum(amount for amount in amounts if amount < 0),
        is_counted=all(each is not None for each in differences),
    )


@dataclass(frozen=True, slots=True)
class CountSheet:
    """F6 盘点表. A blind sheet does not tell the counter what the books say."""

    organisation: str
    warehouse: str
    count_kind: str
    is_blind: bool
    is_frozen: bool
    base_at: datetime
    lines: tuple[CountLine, ...]
    state: str = ""
    note: str = ""
    share_permille: int | None = None
    decision: str = ""
    hits: tuple[str, ...] = ()
    bypasses: tuple[str, ...] = ()
    counted: Signed | None = None
    witnessed: Signed | None = None
    kept: Signed | None = None
    approved: Signed | None = None

    @property
    def sums(self) -> CountSums:
        """What the whole count comes to."""
        return count_sums(self.lines)
