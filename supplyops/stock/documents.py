"""What store documents carry: receipts (F3), issues (F4), transfers between locations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.stock.rules import LateKind

PASSED_OVER = "passed_over"
"""Under this name an issue keeps which places it passed over because they stood still for a count."""


class ReceiptKind(StrEnum):
    """入库类型 of F3."""

    PURCHASE = "purchase"
    ALLOCATION = "allocation"
    DONATION = "donation"
    RECOVERY = "recovery"
    TRANSFER = "transfer"
    ROTATION = "rotation"


class IssueKind(StrEnum):
    """出库类型 of F4."""

    ALLOCATION = "allocation"
    DISTRIBUTION = "distribution"
    ROTATION = "rotation"
    SCRAP = "scrap"
    AGENCY = "agency"
    DRILL = "drill"


class AcceptanceState(StrEnum):
    """What an acceptance waits for."""

    UNSIGNED = "unsigned"
    UNREPORTED = "unreported"
    REPORTED = "reported"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who answers for a step, and since when. `user_id` is None for a name that signed on paper only."""

    name: str
    at: datetime
    user_id: UUID | None = None


def check_serials(check: Checks, field: str, serials: tuple[str, ...], pieces: int) -> None:
    """Serial numbers are as many as good pieces, each once; or there are none."""
    for serial in serials:
        check.text(field, serial, length_max=60)
    check.that(len(serials) in {0, pieces}, field, "serials_not_as_pieces", count=len(serials), pieces=pieces)
    check.that(len(set(serials)) == len(serials), field, "named_twice")


@dataclass(frozen=True, slots=True)
class ReceiptLineInput:
    """One lot at the gate: what was expected, what came, what of it is good."""

    sku: str
    expected: int
    accepted: int
    rejected: int = 0
    lot_number: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    unit_price_fen: int = 0
    manufacturer: str = ""
    maker_batch: str = ""
    certificate: str = ""
    restriction: str = ""
    location_code: str = ""
    placing_reason: str = ""
    """Why the goods go to a location that has no room for them or is not made for them."""
    serial_numbers: tuple[str, ...] = ()
    """Of goods that are numbered one by one: those of the good pieces, as many as there are, or none for now."""

    @property
    def received(self) -> int:
        """Everything that came, good or not."""
        return self.accepted + self.rejected

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}sku", self.sku, length_max=6)
        for name in ("expected", "accepted", "rejected"):
            check.whole(f"{at}{name}", getattr(self, name))
        check.that(self.received > 0, f"{at}accepted", "nothing_received")
        check.ordered(f"{at}expires_on", self.produced_on, self.expires_on, "expires_before_made")
        check.whole(f"{at}unit_price_fen", self.unit_price_fen, maximum=10**12)
        for name in ("lot_number", "maker_batch", "certificate"):
            check.text(f"{at}{name}", getattr(self, name), length_max=40, required=False)
        for name in ("manufacturer", "restriction", "placing_reason"):
            check.text(f"{at}{name}", getattr(self, name), length_max=80, required=False)
        check_serials(check, f"{at}serial_numbers", self.serial_numbers, self.accepted)


@dataclass(frozen=True, slots=True)
class ReceiptInput:
    """A receipt (F3). Goods are looked at before unloading; only what is good becomes stock, the rest waits in quarantine.

    `inspected_by` is an inspector who signs on paper; without one an inspector signs in the system afterwards.
    """

    kind: ReceiptKind
    site_code: str
    owner_code: str
    source: str
    fund_source: str
    arrived_at: datetime
    lines: tuple[ReceiptLineInput, ...]
    source_document: str = ""
    vehicle: str = ""
    is_seal_intact: bool | None = None
    seal_number: str = ""
    is_appearance_good: bool = True
    matches_list: bool = True
    conclusion: str = ""
    shortage_handling: str = ""
    delivered_by: str = ""
    inspected_by: str = ""
    inspected_at: datetime | None = None
    incident_id: UUID | None = None
    is_exercise: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.text("owner_code", self.owner_code, length_max=40)
        check.text("source", self.source, length_max=120)
        check.text("fund_source", self.fund_source, length_max=40)
        check.aware("arrived_at", self.arrived_at)
        if self.inspected_at is not None:
            check.aware("inspected_at", self.inspected_at)
            check.that(bool(self.inspected_by.strip()), "inspected_by", "required")
        for name in ("source_document", "vehicle", "seal_number", "delivered_by", "inspected_by"):
            check.text(name, getattr(self, name), length_max=80, required=False)
        for name in ("conclusion", "shortage_handling"):
            check.text(name, getattr(self, name), length_max=400, required=False)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
            differs = line.received != line.expected or line.rejected > 0
            check.that(
                not differs or bool(self.shortage_handling.strip()),
                "shortage_handling",
                "difference_unexplained",
                line=place + 1,
            )
        check.done()


@dataclass(frozen=True, slots=True)
class QuickReceiptLine:
    """So much of an item came, all of it good."""

    sku: str
    quantity: int
    produced_on: date | None = None
    expires_on: date | None = None
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuickReceiptInput:
    """A receipt in a few fields, at the door of a village store. Where goods come from is always named.

    Owner and fund are as at the store's last receipt of that kind, unless said; otherwise the keeper's own, named by the kind.
    """

    site_code: str
    source: str
    lines: tuple[QuickReceiptLine, ...]
    kind: ReceiptKind = ReceiptKind.DONATION
    owner_code: str = ""
    fund_source: str = ""
    inspected_by: str = ""
    arrived_at: datetime | None = None
    """When the goods came, if that is written up later; now unless said."""

    def __post_init__(self) -> None:
        check = Checks()
        if self.arrived_at is not None:
            check.aware("arrived_at", self.arrived_at)
        check.text("site_code", self.site_code, length_max=40)
        check.text("source", self.source, length_max=120)
        for name, length in (("owner_code", 40), ("fund_source", 40), ("inspected_by", 80)):
            check.text(name, getattr(self, name), length_max=length, required=False)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            check.text(f"lines.{place}.sku", line.sku, length_max=6)
            check.whole(f"lines.{place}.quantity", line.quantity, minimum=1)
            check_serials(check, f"lines.{place}.serial_numbers", line.serial_numbers, line.quantity)
            check.ordered(f"lines.{place}.expires_on", line.produced_on, line.expires_on, "expires_before_made")
        check.done()


@dataclass(frozen=True, slots=True)
class IssueLineInput:
    """So much of an item. Without a lot the first to expire goes out first; another lot needs a reason.

    `approved` is what an order allows (应发); what goes out (实发) is never more, and less needs a reason.
    """

    sku: str
    quantity: int
    lot_number: str = ""
    reason: str = ""
    approved: int | None = None

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}sku", self.sku, length_max=6)
        check.whole(f"{at}quantity", self.quantity, minimum=1)
        if self.approved is not None:
            check.whole(f"{at}approved", self.approved, minimum=1)
            check.that(
                self.quantity <= self.approved,
                f"{at}quantity",
                "more_than_approved",
                value=self.quantity,
                maximum=self.approved,
            )
        is_short = self.approved is not None and self.quantity < self.approved
        check.text(f"{at}reason", self.reason, length_max=120, required=is_short)


@dataclass(frozen=True, slots=True)
class IssueInput:
    """An issue (F4): goods leave the books for use. 报废 is no issue by itself: goods are scrapped by an application."""

    kind: IssueKind
    site_code: str
    owner_code: str
    recipient: str
    purpose: str
    lines: tuple[IssueLineInput, ...]
    slip_number: str = ""
    vehicle: str = ""
    received_by: str = ""
    """领用人: who takes the goods."""
    received_head: str = ""
    """领用部门负责人: who answers for it there."""
    checked_by: str = ""
    incident_id: UUID | None = None
    issued_at: datetime | None = None
    """When the goods went out, if that is written up later; now unless said."""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.kind is not IssueKind.SCRAP, "kind", "scrap_by_application")
        if self.issued_at is not None:
            check.aware("issued_at", self.issued_at)
        check.text("site_code", self.site_code, length_max=40)
        check.text("owner_code", self.owner_code, length_max=40)
        check.text("recipient", self.recipient, length_max=120)
        check.text("purpose", self.purpose, length_max=200)
        for name in ("slip_number", "vehicle", "received_by", "received_head", "checked_by"):
            check.text(name, getattr(self, name), length_max=80, required=False)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
        check.done()


@dataclass(frozen=True, slots=True)
class TransferLineInput:
    """So much of one lot from one location to another."""

    lot_number: str
    from_code: str
    to_code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class TransferInput:
    """Goods change their place without a road between: put-away, re-stacking, out of quarantine after inspection."""

    site_code: str
    reason: str
    lines: tuple[TransferLineInput, ...]
    moved_at: datetime | None = None
    """When the goods were moved, if that is written up later; now unless said."""

    def __post_init__(self) -> None:
        check = Checks()
        if self.moved_at is not None:
            check.aware("moved_at", self.moved_at)
        check.text("site_code", self.site_code, length_max=40)
        check.text("reason", self.reason)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            check.whole(f"lines.{place}.quantity", line.quantity, minimum=1)
            check.that(line.from_code != line.to_code, f"lines.{place}.to_code", "own_target")
        check.done()


@dataclass(frozen=True, slots=True)
class AcceptanceReport:
    """The acceptance result goes to whoever must hear of it (验收结果报告)."""

    reported_to: str
    report_number: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("reported_to", self.reported_to, length_max=80)
        check.text("report_number", self.report_number, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class LatePermitInput:
    """A wish to write something up that happened longer ago than the office allows."""

    site_code: str
    kind: LateKind
    earliest_at: datetime
    reason: str

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.aware("earliest_at", self.earliest_at)
        check.text("reason", self.reason)
        check.done()
