"""What the papers of numbered units say: the card that stays with a unit, the slip it is handed out on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import Signed


@dataclass(frozen=True, slots=True)
class AssetCardUpkeep:
    """One thing that is done to the unit again and again."""

    kind: str
    name: str
    interval: str
    last_on: date | None = None
    due_on: date | None = None
    due_at_hours: int | None = None
    certificate: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class AssetCard:
    """资产卡: what the unit is, whose, how it is kept fit; with a label to cut out and stick on it."""

    organisation: str
    name: str
    serial_number: str
    unit: str
    sku: str
    owner: str
    location: str
    lot_number: str
    upkeep: tuple[AssetCardUpkeep, ...] = ()
    spec: str = ""
    maker_number: str = ""
    manufacturer: str = ""
    produced_on: date | None = None
    in_service_on: date | None = None
    warranty_until: date | None = None
    meter_hours: int | None = None
    unit_price_fen: int | None = None
    fund_source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AssetHandoutLine:
    """One unit: how it went and, once it is back, how it came. What is not known yet is left to the pen."""

    name: str
    number: str
    serial_number: str
    condition_out: str
    spec: str = ""
    meter_out: int | None = None
    handed_back_at: datetime | None = None
    condition_in: str = ""
    defects: str = ""
    meter_in: int | None = None
    returned_by: str = ""
    taken_back_by: str = ""


@dataclass(frozen=True, slots=True)
class AssetHandout:
    """资产领用归还单: units handed out to be brought back."""

    organisation: str
    warehouse: str
    holder: str
    received_by: str
    purpose: str
    due_on: date
    handed_out_at: datetime
    lines: tuple[AssetHandoutLine, ...]
    team: str = ""
    phone: str = ""
    approved_by: str = ""
    despite: str = ""
    note: str = ""
    handed_out: Signed | None = None

    @property
    def is_back(self) -> bool:
        """Everything has been brought back."""
        return all(line.handed_back_at is not None for line in self.lines)
