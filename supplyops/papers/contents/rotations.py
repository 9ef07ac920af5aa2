"""What nears its date in a store, and what is advised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplyops.papers.contents.parts import UNLABELLED, LotLabel, Signed


@dataclass(frozen=True, slots=True)
class RotationAdviceLine:
    """So much of one lot at one place, with what could be done, the best first."""

    name: str
    unit: str
    quantity: int
    advice: str
    spec: str = ""
    sku: str = ""
    lot: LotLabel = UNLABELLED
    location: str = ""
    owner: str = ""
    days_left: int = 0
    value_fen: int = 0
    rotation: str = ""


@dataclass(frozen=True, slots=True)
class RotationAdvicePaper:
    """轮换建议表: goods of one store that expire within so many days; the decision is left to the pen or stands in its rotation."""

    organisation: str
    warehouse: str
    day: date
    within_days: int
    lines: tuple[RotationAdviceLine, ...]
    prepared: Signed | None = None

    @property
    def value_fen(self) -> int:
        """What all of it is worth."""
        return sum(line.value_fen for line in self.lines)
