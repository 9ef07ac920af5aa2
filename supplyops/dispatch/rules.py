"""States and values of dispatch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import Conflict
from supplyops.kernel.oral import OralOrder
from supplyops.stock.documents import check_serials


class InstructionState(StrEnum):
    """动用指令: issued, then carried out or cancelled."""

    ISSUED = "issued"
    CANCELLED = "cancelled"
    DONE = "done"


class ConsignmentState(StrEnum):
    """Goods for one place from one store: ordered, accepted by the custodian, on the truck, received."""

    ORDERED = "ordered"
    ACCEPTED = "accepted"
    LOADED = "loaded"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


_C = ConsignmentState
CONSIGNMENT_STEPS: dict[ConsignmentState, frozenset[ConsignmentState]] = {
    _C.ORDERED: frozenset({_C.ACCEPTED, _C.CANCELLED}),
    _C.ACCEPTED: frozenset({_C.LOADED, _C.CANCELLED}),
    _C.LOADED: frozenset({_C.IN_TRANSIT, _C.RETURNED}),
    _C.IN_TRANSIT: frozenset({_C.DELIVERED, _C.RETURNED}),
    _C.DELIVERED: frozenset(),
    _C.RETURNED: frozenset(),
    _C.CANCELLED: frozenset(),
}
"""Before loading an order may be cancelled; after loading only rerouted, delivered or returned."""


class ShipmentState(StrEnum):
    """One vehicle's trip."""

    PLANNED = "planned"
    LOADING = "loading"
    DEPARTED = "departed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class DiscrepancyKind(StrEnum):
    """What was wrong at handover."""

    SHORT = "short"
    DAMAGED = "damaged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ApprovalInput:
    """An owner's decision on its part of a plan. Oral first where it has to be; the paper follows."""

    plan_id: UUID
    owner_code: str
    document_number: str = ""
    oral: OralOrder | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("owner_code", self.owner_code, length_max=40)
        check.text("document_number", self.document_number, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A plan line that the world has moved away under: which, why, what is left."""

    line_no: int
    item: str
    code: str
    wanted: int
    available: int


class StalePlan(Conflict):
    """The books have changed since the plan was made; every changed line is named and nothing was done."""

    def __init__(self, lines: tuple[ChangedLine, ...]) -> None:
        super().__init__(
            "stale_plan",
            lines=[
                {
                    "line_no": line.line_no,
                    "item": line.item,
                    "code": line.code,
                    "wanted": line.wanted,
                    "available": line.available,
                }
                for line in lines
            ],
        )
        self.lines = lines


@dataclass(frozen=True, slots=True)
class FetchedGoods:
    """What is written on goods that are fetched at a supplier's: it tells their lot from others."""

    line_id: UUID
    lot_number: str = ""
    """Empty: the next number of the item."""
    produced_on: date | None = None
    expires_on: date | None = None
    manufacturer: str = ""
    maker_batch: str = ""


@dataclass(frozen=True, slots=True)
class LoadInput:
    """What was really put on the vehicle, by consignment line; lines not named are loaded in full."""

    consignment_id: UUID
    loaded: dict[UUID, int]
    seal_number: str = ""
    short_reason: str = ""
    turn_reason: str = ""
    """Why goods that expire later go out while earlier ones lie there."""
    goods: tuple[FetchedGoods, ...] = ()
    """Of goods that are fetched at a supplier's, line by line where something is known of them."""
    fund_source: str = ""
    """What goods that are fetched at a supplier's are paid from."""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("turn_reason", self.turn_reason, length_max=120, required=False)
        check.text("fund_source", self.fund_source, length_max=40, required=False)
        for place, each in enumerate(self.goods):
            check.text(f"goods.{place}.lot_number", each.lot_number, length_max=40, required=False)
            check.text(f"goods.{place}.manufacturer", each.manufacturer, length_max=80, required=False)
            check.text(f"goods.{place}.maker_batch", each.maker_batch, length_max=40, required=False)
            check.ordered(f"goods.{place}.expires_on", each.produced_on, each.expires_on, "expires_before_made")
        for line_id, quantity in self.loaded.items():
            check.whole(f"loaded.{line_id}", quantity)
        check.text("seal_number", self.seal_number, length_max=40, required=False)
        check.text("short_reason", self.short_reason, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ReliningInput:
    """Another hold for an order line: the same lot again, or another lot of the same goods of the same owner at the same store."""

    line_id: UUID
    because: str
    lot_number: str = ""
    location_code: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("because", self.because, length_max=120)
        check.text("lot_number", self.lot_number, length_max=40, required=False)
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ShorteningInput:
    """An order line is to be loaded with less; what it no longer brings is asked for again."""

    line_id: UUID
    quantity: int
    because: str

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("quantity", self.quantity)
        check.text("because", self.because)
        check.done()


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """What was found of one consignment line: good, damaged, refused; the rest is short."""

    line_id: UUID
    good: int
    damaged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class HandoverInput:
    """A handover at the place of delivery, signed by the receiver. Lines not named arrived whole and good."""

    consignment_id: UUID
    receiver: str
    position: str
    phone: str
    arrived_at: datetime
    lines: tuple[HandoverLine, ...] = ()
    is_seal_intact: bool = True
    cause: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("receiver", self.receiver, length_max=40)
        check.text("position", self.position, length_max=40, required=False)
        check.text("phone", self.phone, length_max=40, required=False)
        check.text("cause", self.cause, length_max=400, required=False)
        check.aware("arrived_at", self.arrived_at)
        for place, line in enumerate(self.lines):
            for name in ("good", "damaged", "refused"):
                check.whole(f"lines.{place}.{name}", getattr(line, name))
        check.done()


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """One lot that a supplier brought for one line of a call-off."""

    item_id: UUID
    accepted: int
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
    """Of goods that are numbered one by one: those of the good pieces, as many as there are, or none for now."""


@dataclass(frozen=True, slots=True)
class ArrivalInput:
    """A supplier's delivery against a call-off at one place. Only what is accepted counts as received."""

    call_off_id: UUID
    site_code: str
    fund_source: str
    arrived_at: datetime
    lines: tuple[ArrivalLine, ...]
    vehicle: str = ""
    is_appearance_good: bool = True
    matches_list: bool = True
    conclusion: str = ""
    shortage_handling: str = ""
    delivered_by: str = ""
    inspected_by: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.text("fund_source", self.fund_source, length_max=40)
        check.aware("arrived_at", self.arrived_at)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            for name in ("accepted", "rejected"):
                check.whole(f"lines.{place}.{name}", getattr(line, name))
            check_serials(check, f"lines.{place}.serial_numbers", line.serial_numbers, line.accepted)
        check.done()


class ClockKind(StrEnum):
    """What an order has to be done by."""

    CONFIRM = "confirm"
    LOAD = "load"
    ARRIVE = "arrive"
    PAPER = "paper"


class ClockState(StrEnum):
    """A deadline is open, passed, kept, or was met too late."""

    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of an order and how it stands."""

    kind: ClockKind
    due_at: datetime
    done_at: datetime | None
    state: ClockState


def clock(kind: ClockKind, due_at: datetime, done_at: datetime | None, now: datetime) -> Clock:
    """A deadline as it stands at a moment."""
    if done_at is not None:
        state = ClockState.MET if done_at <= due_at else ClockState.LATE
    else:
        state = ClockState.RUNNING if now <= due_at else ClockState.OVERDUE
    return Clock(kind, due_at, done_at, state)


class OrderStep(StrEnum):
    """What can be done next with an order."""

    ACCEPT = "accept"
    LOAD = "load"
    DEPART = "depart"
    DELIVER = "deliver"
    TAKE_BACK = "take_back"
    REROUTE = "reroute"
    CANCEL = "cancel"
    SIGN_PAPER = "sign_paper"
