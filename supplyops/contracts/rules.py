"""What a contract guarantees and how a call-off goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.oral import OralOrder
from supplyops.kernel.reference import DocumentRef


class ContractType(StrEnum):
    """C1 pre-signed, C2 stock kept by agreement, C3 capacity, C4 transport, C5 rescue service."""

    PRESIGNED = "C1"
    AGREED_STOCK = "C2"
    CAPACITY = "C3"
    TRANSPORT = "C4"
    SERVICE = "C5"


class Carrier(StrEnum):
    """Who brings the goods."""

    SUPPLIER = "supplier"
    FLEET = "fleet"


class CallOffState(StrEnum):
    """A call-off from draft to closed; the side ways are refused and cancelled."""

    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


CALL_OFF_STEPS: dict[CallOffState, frozenset[CallOffState]] = {
    CallOffState.NOTIFIED: frozenset({CallOffState.CONFIRMED, CallOffState.REFUSED, CallOffState.CANCELLED}),
    CallOffState.CONFIRMED: frozenset(
        {CallOffState.SHIPPED, CallOffState.RECEIVED, CallOffState.CANCELLED, CallOffState.CLOSED}
    ),
    CallOffState.SHIPPED: frozenset({CallOffState.RECEIVED, CallOffState.CLOSED}),
    CallOffState.RECEIVED: frozenset({CallOffState.CLOSED}),
    CallOffState.REFUSED: frozenset(),
    CallOffState.CLOSED: frozenset(),
    CallOffState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ContractInput:
    """A contract's head."""

    number: str
    title: str
    type: ContractType
    supplier_code: str
    buyer_code: str
    valid_from: date
    valid_to: date
    signed_on: date | None = None
    confirm_minutes: int = 30
    lead_time_hours: int = 24
    carrier: Carrier = Carrier.SUPPLIER
    supply_site_code: str = ""
    contact: str = ""
    duty_phone: str = ""
    second_contact: str = ""
    acceptance_days: int = 5
    late_penalty_permille: int = 0
    verified_on: date | None = None
    terms: str = ""
    source_mark: str = ""
    is_exercise: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("number", self.number, length_max=40)
        check.text("title", self.title, length_max=80)
        check.ordered("valid_to", self.valid_from, self.valid_to)
        check.ordered("valid_to", self.signed_on, self.valid_to)
        check.whole("confirm_minutes", self.confirm_minutes, minimum=1, maximum=10_000)
        check.whole("lead_time_hours", self.lead_time_hours, maximum=10_000)
        check.whole("acceptance_days", self.acceptance_days, maximum=365)
        check.whole("late_penalty_permille", self.late_penalty_permille, maximum=1000)
        check.text("terms", self.terms, length_max=2000, required=False)
        for name in ("contact", "duty_phone", "second_contact", "source_mark"):
            check.text(name, getattr(self, name), length_max=40, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class Ramp:
    """From so many hours after the call, so much of the guaranteed quantity has come, in permille, altogether."""

    hours: int
    permille: int


@dataclass(frozen=True, slots=True)
class ContractLineInput:
    """What one line guarantees. Quantities are base units; for transport lines the sku is empty and vehicles are counted."""

    contract_number: str
    line_no: int
    guaranteed_quantity: int
    unit_price_fen: int
    sku: str = ""
    vehicle_type: str = ""
    spec: str = ""
    minimum_order: int = 0
    price_cap_fen: int = 0
    ramp: tuple[Ramp, ...] = ()

    def __post_init__(self) -> None:
        check = Checks()
        check.text("contract_number", self.contract_number, length_max=40)
        check.whole("line_no", self.line_no, minimum=1, maximum=1000)
        check.whole("guaranteed_quantity", self.guaranteed_quantity, minimum=1)
        check.whole("unit_price_fen", self.unit_price_fen, maximum=10**12)
        check.whole("minimum_order", self.minimum_order)
        check.that(bool(self.sku) != bool(self.vehicle_type), "sku", "item_or_vehicle")
        check.that(
            self.minimum_order <= self.guaranteed_quantity,
            "minimum_order",
            "too_large",
            value=self.minimum_order,
            maximum=self.guaranteed_quantity,
        )
        rising = all(
            a.hours < b.hours and a.permille < b.permille for a, b in zip(self.ramp, self.ramp[1:], strict=False)
        )
        check.that(
            rising and all(0 <= step.hours <= 10_000 and 0 < step.permille <= 1000 for step in self.ramp),
            "ramp",
            "bad_ramp",
        )
        check.text("spec", self.spec, length_max=80, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class CallOffLine:
    """So much of one contract line, to one place by some time."""

    contract_line_id: UUID
    quantity: int
    delivery_site_id: UUID
    due_at: datetime
    request_line_id: UUID | None = None
    serves: int = 0
    """Units of what was asked for that the quantity stands for; 0 is one for one."""


@dataclass(frozen=True, slots=True)
class CallOffInput:
    """An order drawn on a contract."""

    contract_id: UUID
    basis: str
    lines: tuple[CallOffLine, ...]
    cause: DocumentRef
    incident_id: UUID | None = None
    notice_method: str = "system"
    oral: OralOrder | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.lines), "lines", "required")
        check.text("basis", self.basis, length_max=200)
        for place, line in enumerate(self.lines):
            check.whole(f"lines.{place}.quantity", line.quantity, minimum=1)
            check.whole(f"lines.{place}.serves", line.serves)
            check.aware(f"lines.{place}.due_at", line.due_at)
        check.done()


def served(quantity: int, serves: int, of: int) -> int:
    """Units of what was asked for that a part `of` a call-off's quantity stands for; whole units, rounded down."""
    return of * serves // quantity


def available_from(
    lead_time_hours: int, ramp: tuple[Ramp, ...], remaining: int, guaranteed: int
) -> tuple[tuple[timedelta, int], ...]:
    """When how much of what remains can be had, altogether, counted from the call.

    Without a ramp everything comes at the lead time. Shares of the ramp are of the guaranteed quantity, rounded down,
    capped by what remains; the last step gives all that remains.
    """
    if not ramp:
        return ((timedelta(hours=lead_time_hours), remaining),)
    steps: list[tuple[timedelta, int]] = []
    for step in ramp:
        amount = min(remaining, guaranteed * step.permille // 1000)
        if amount > (steps[-1][1] if steps else 0):
            steps.append((timedelta(hours=max(step.hours, lead_time_hours)), amount))
    return tuple(steps)
