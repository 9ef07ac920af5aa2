"""What a delivery is from its announcement to the report of its acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.stock.documents import ReceiptKind, check_serials


class ArrivalState(StrEnum):
    """How far a delivery has come. It follows from what was inspected, taken in and reported; nobody sets it."""

    ANNOUNCED = "announced"
    INSPECTED = "inspected"
    PARTLY = "partly"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    CANCELLED = "cancelled"


OPEN_STATES = (ArrivalState.ANNOUNCED, ArrivalState.INSPECTED, ArrivalState.PARTLY)
"""Something is still to come or to be taken in."""


@dataclass(frozen=True, slots=True)
class ArrivalNoticeLine:
    """So much of one item is to come."""

    sku: str
    quantity: int
    unit_price_fen: int = 0
    manufacturer: str = ""
    note: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}sku", self.sku, length_max=6)
        check.whole(f"{at}quantity", self.quantity, minimum=1)
        check.whole(f"{at}unit_price_fen", self.unit_price_fen, maximum=10**12)
        check.text(f"{at}manufacturer", self.manufacturer, length_max=80, required=False)
        check.text(f"{at}note", self.note, length_max=120, required=False)


@dataclass(frozen=True, slots=True)
class ArrivalNotice:
    """到货通知: who sends what to which store, on whose account, and when it should be there."""

    kind: ReceiptKind
    site_code: str
    owner_code: str
    source: str
    fund_source: str
    expected_on: date
    lines: tuple[ArrivalNoticeLine, ...]
    source_document: str = ""
    contact: str = ""
    note: str = ""
    incident_id: UUID | None = None
    is_exercise: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        for name, length in (("site_code", 40), ("owner_code", 40), ("source", 120), ("fund_source", 40)):
            check.text(name, getattr(self, name), length_max=length)
        for name, length in (("source_document", 80), ("contact", 80), ("note", 200)):
            check.text(name, getattr(self, name), length_max=length, required=False)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
        check.done()


@dataclass(frozen=True, slots=True)
class ArrivalInspection:
    """What is looked at before unloading: seals, the look of the load, the delivery list. A load may be sent back whole."""

    arrived_at: datetime
    vehicle: str = ""
    delivered_by: str = ""
    is_seal_intact: bool | None = None
    seal_number: str = ""
    is_appearance_good: bool = True
    matches_list: bool = True
    finding: str = ""
    is_refused: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.aware("arrived_at", self.arrived_at)
        for name in ("vehicle", "delivered_by", "seal_number"):
            check.text(name, getattr(self, name), length_max=80, required=False)
        is_faulty = (
            self.is_refused or self.is_seal_intact is False or not (self.is_appearance_good and self.matches_list)
        )
        check.text("finding", self.finding, length_max=400, required=is_faulty)
        check.done()


@dataclass(frozen=True, slots=True)
class ArrivalAcceptanceLine:
    """One lot of a load: what the delivery list says of it, what of it is good. `line_no` is the announcement's line.

    A line of which the list says nothing and nothing came is no lot; it is left out.
    """

    line_no: int
    listed: int = 0
    accepted: int = 0
    rejected: int = 0
    lot_number: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    manufacturer: str = ""
    maker_batch: str = ""
    certificate: str = ""
    location_code: str = ""
    placing_reason: str = ""
    serial_numbers: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was listed, nothing came."""
        return not (self.listed or self.accepted or self.rejected)


@dataclass(frozen=True, slots=True)
class ArrivalAcceptance:
    """A load that was inspected is taken in, lot by lot."""

    lines: tuple[ArrivalAcceptanceLine, ...]
    conclusion: str = ""
    shortage_handling: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(any(not line.is_empty for line in self.lines), "lines", "nothing_received")
        for place, line in enumerate(self.lines):
            check.whole(f"lines.{place}.line_no", line.line_no, minimum=1)
            for name in ("listed", "accepted", "rejected"):
                check.whole(f"lines.{place}.{name}", getattr(line, name))
            check_serials(check, f"lines.{place}.serial_numbers", line.serial_numbers, line.accepted)
        check.done()


def outstanding(announced: int, accepted: int) -> int:
    """What is still to come of a line: rejected goods are to be replaced, a surplus leaves nothing open."""
    return max(announced - accepted, 0)
