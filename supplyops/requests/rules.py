"""What a supply request is and how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.oral import OralOrder
from supplyops.places.rules import VEHICLE_CLASS_MAX


class Urgency(StrEnum):
    """特急 / 加急 / 平急."""

    MOST_URGENT = "most_urgent"
    URGENT = "urgent"
    NORMAL = "normal"


class RequestState(StrEnum):
    """A request from draft to closed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CLOSED = "closed"


_S = RequestState
REQUEST_STEPS: dict[RequestState, frozenset[RequestState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.CLOSED}),
    _S.REJECTED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.CLOSED: frozenset(),
}


class LetterState(StrEnum):
    """A coordination letter (协调函): sent, then answered one way or the other."""

    SENT = "sent"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RequestLineInput:
    """One item asked for. `class_rank` 0 takes the item's class raised by the request's urgency."""

    sku: str
    quantity: int
    latest_arrival_at: datetime
    persons: int
    computed_need: int = 0
    class_rank: int = 0
    severity: int = 1
    protected_permille: int = 0
    minimum_fill: int = 0
    allows_substitutes: bool = True
    note: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.whole(f"{at}quantity", self.quantity, minimum=1)
        check.whole(f"{at}persons", self.persons, minimum=1, maximum=100_000_000)
        check.whole(f"{at}computed_need", self.computed_need)
        check.whole(f"{at}class_rank", self.class_rank, maximum=20)
        check.whole(f"{at}severity", self.severity, minimum=1, maximum=10)
        check.whole(f"{at}protected_permille", self.protected_permille, maximum=1000)
        check.whole(f"{at}minimum_fill", self.minimum_fill, maximum=max(self.quantity, 0))
        check.aware(f"{at}latest_arrival_at", self.latest_arrival_at)
        check.text(f"{at}note", self.note, required=False)


@dataclass(frozen=True, slots=True)
class RequestInput:
    """A supply request (F14)."""

    incident_id: UUID
    organisation_code: str
    addressee_code: str
    urgency: Urgency
    area_code: str
    delivery_site_code: str
    receiver: str
    receiver_phone: str
    reason: str
    lines: tuple[RequestLineInput, ...]
    vehicle_class_max: int = VEHICLE_CLASS_MAX
    road_note: str = ""
    own_stock_note: str = ""
    report_version: int | None = None
    receives_from: datetime | None = None
    """Nobody is there to take goods in before; None is any time."""

    def __post_init__(self) -> None:
        check = Checks()
        for name in ("organisation_code", "addressee_code", "area_code", "delivery_site_code"):
            check.text(name, getattr(self, name), length_max=40)
        check.text("receiver", self.receiver, length_max=40)
        check.text("receiver_phone", self.receiver_phone, length_max=40)
        check.text("reason", self.reason, length_max=400)
        check.text("road_note", self.road_note, required=False)
        check.text("own_stock_note", self.own_stock_note, length_max=400, required=False)
        check.whole("vehicle_class_max", self.vehicle_class_max, minimum=1, maximum=VEHICLE_CLASS_MAX)
        check.that(bool(self.lines), "lines", "required")
        if self.receives_from is not None:
            self._check_window(check, self.receives_from)
        first: dict[str, int] = {}
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
            check.that(
                first.setdefault(line.sku, place) == place,
                f"lines.{place}.sku",
                "repeated",
                value=line.sku,
                first=first[line.sku],
            )
        check.done()

    def _check_window(self, check: Checks, receives_from: datetime) -> None:
        """Nothing may be due before the place takes anything in."""
        check.aware("receives_from", receives_from)
        for place, line in enumerate(self.lines):
            due_at = line.latest_arrival_at
            comparable = receives_from.tzinfo is not None and due_at.tzinfo is not None
            at = f"lines.{place}.latest_arrival_at"
            check.that(not comparable or receives_from < due_at, at, "window_closed")


@dataclass(frozen=True, slots=True)
class Review:
    """The reviewer's word: accepted quantities by line, or a reason for refusing all."""

    accepted: dict[UUID, int]
    note: str = ""


@dataclass(frozen=True, slots=True)
class LetterInput:
    """A coordination letter to a body outside the chain of command."""

    incident_id: UUID
    organisation_code: str
    addressee_code: str
    subject: str
    body: str
    reply_by: datetime
    contact: str
    phone: str
    document_number: str = ""
    oral: OralOrder | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("subject", self.subject, length_max=80)
        check.text("body", self.body, length_max=2000)
        check.text("contact", self.contact, length_max=40)
        check.text("phone", self.phone, length_max=40)
        check.text("document_number", self.document_number, length_max=60, required=False)
        check.aware("reply_by", self.reply_by)
        check.done()


def raised(class_rank: int, raise_by: int) -> int:
    """A class moved up the ladder by a request's urgency; the first rung is the highest."""
    return max(1, class_rank - raise_by)


def net_need(gross: int, delivered: int, on_the_way: int) -> int:
    """What is still needed after what arrived and what is approved and on its way; never below zero."""
    return max(gross - delivered - on_the_way, 0)


def to_ask_for(net: int, requested: int) -> int:
    """What nobody has asked for yet of what is still needed; never below zero."""
    return max(net - requested, 0)
