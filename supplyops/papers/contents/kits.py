"""Kits put together or taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.papers.contents.parts import UNLABELLED, LotLabel, Signed, price_times


@dataclass(frozen=True, slots=True)
class KitLine:
    """So much of one lot, taken from a place or put there."""

    name: str
    unit: str
    quantity: int
    spec: str = ""
    sku: str = ""
    lot: LotLabel = UNLABELLED
    location: str = ""
    unit_price_fen: int | None = None

    @property
    def amount_fen(self) -> int | None:
        """What it is worth."""
        return price_times(self.quantity, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class KitNote:
    """组拆单: what was used up and what came out of it; owner and fund source stay the same."""

    organisation: str
    warehouse: str
    kind: str
    kit: str
    unit: str
    quantity: int
    owner: str
    fund_source: str
    used: tuple[KitLine, ...]
    made: tuple[KitLine, ...]
    sku: str = ""
    done_at: datetime | None = None
    checked: Signed | None = None
    stored: Signed | None = None
    note: str = ""
