"""Goods between stores: the slip of one transfer (调拨、调剂、代储、归还)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import Signed
from supplyops.papers.contents.release import AllocationLine, Sums, allocation_sums


@dataclass(frozen=True, slots=True)
class TransferSlip:
    """物资调剂调拨单: lot by lot what goes from one store to another, whose it was and whose it will be."""

    issuer: str
    kind: str
    ordered_on: date
    from_organisation: str
    from_site: str
    to_organisation: str
    to_site: str
    owner: str
    send_by: datetime
    arrive_by: datetime
    reason: str
    lines: tuple[AllocationLine, ...]
    new_owner: str = ""
    owed_back: str = ""
    fund_source: str = ""
    prepared: Signed | None = None
    approved: Signed | None = None
    note: str = ""

    @property
    def sums(self) -> Sums:
        """What the whole slip comes to."""
        return allocation_sums(self.lines)
