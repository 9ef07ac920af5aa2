"""What a transfer between sites is and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks

LINES_MAX = 200


class TransferKind(StrEnum):
    """Why goods go from one site to another, and whose they are afterwards."""

    ALLOCATION = "allocation"  # down to a body below, which owns them from then on
    PEER = "peer"  # help between neighbours (调剂): owned by who gets them, and owed back
    DRAW = "draw"  # a level above takes stock of one below: owned by it, and owed back
    AGENCY = "agency"  # kept by another body on behalf of the owner (代储)
    RELOCATION = "relocation"  # to another site, nothing else changes
    OWNERSHIP = "ownership"  # goods stay where they are and change their owner
    GIVE_BACK = "give_back"  # settles what is owed


CHANGES_OWNER = frozenset(
    {
        TransferKind.ALLOCATION,
        TransferKind.PEER,
        TransferKind.DRAW,
        TransferKind.OWNERSHIP,
        TransferKind.GIVE_BACK,
    }
)
OWED_BACK = frozenset({TransferKind.PEER, TransferKind.DRAW})


class TransferState(StrEnum):
    """Drafted, approved, on the road, received. Before it is on the road it may be refused or cancelled."""

    DRAFT = "draft"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    SENT = "sent"
    PARTLY = "partly"
    """A part has arrived; the rest is on the road."""
    RECEIVED = "received"
    RETURNED = "returned"


_S = TransferState
TRANSFER_STEPS: dict[TransferState, frozenset[TransferState]] = {
    _S.DRAFT: frozenset({_S.APPROVED, _S.REFUSED, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.SENT, _S.RECEIVED, _S.CANCELLED}),
    _S.SENT: frozenset({_S.PARTLY, _S.RECEIVED, _S.RETURNED}),
    _S.PARTLY: frozenset({_S.PARTLY, _S.RECEIVED}),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.RECEIVED: frozenset(),
    _S.RETURNED: frozenset(),
}
"""Only a change of owner without a road goes from approved to received."""
ON_THE_ROAD = frozenset({TransferState.SENT, TransferState.PARTLY})


class TransferFinding(StrEnum):
    """What was wrong at the other end."""

    SHORT = "short"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class TransferGoods:
    """So much of an item. Without a lot the first to expire goes; another lot needs a reason."""

    sku: str
    quantity: int
    lot_number: str = ""
    reason: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}sku", self.sku, length_max=6)
        check.whole(f"{at}quantity", self.quantity, minimum=1)
        check.text(f"{at}lot_number", self.lot_number, length_max=40, required=False)
        check.text(f"{at}reason", self.reason, length_max=120, required=False)


@dataclass(frozen=True, slots=True)
class TransferOrderInput:
    """A transfer as it is drafted. `new_owner_code` is only for kinds that change the owner; without it the receiving site's keeper."""

    kind: TransferKind
    from_site_code: str
    to_site_code: str
    owner_code: str
    reason: str
    send_by: datetime
    arrive_by: datetime
    lines: tuple[TransferGoods, ...]
    new_owner_code: str = ""
    is_free: bool = False
    """For kinds that are owed back: not owed back this time."""
    due_on: date | None = None
    """When what is owed back is due."""
    settles: str = ""
    """The obligation that goods given back settle."""
    incident_id: UUID | None = None

    def __post_init__(self) -> None:
        check = Checks()
        for name in ("from_site_code", "to_site_code", "owner_code"):
            check.text(name, getattr(self, name), length_max=40)
        check.text("reason", self.reason)
        check.text("new_owner_code", self.new_owner_code, length_max=40, required=self.kind is TransferKind.OWNERSHIP)
        check.text("settles", self.settles, length_max=80, required=self.kind is TransferKind.GIVE_BACK)
        check.that(self.kind is TransferKind.GIVE_BACK or not self.settles, "settles", "only_given_back")
        check.that(self.kind in CHANGES_OWNER or not self.new_owner_code, "new_owner_code", "owner_stays")
        stays = self.kind is TransferKind.OWNERSHIP
        check.that((self.from_site_code == self.to_site_code) == stays, "to_site_code", "same_site_only_ownership")
        for name in ("send_by", "arrive_by"):
            check.aware(name, getattr(self, name))
        if self.send_by.tzinfo and self.arrive_by.tzinfo:
            check.that(self.send_by <= self.arrive_by, "arrive_by", "ends_before_start")
        check.that(bool(self.lines), "lines", "required")
        check.that(len(self.lines) <= LINES_MAX, "lines", "too_many", count=len(self.lines), maximum=LINES_MAX)
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
        check.done()


@dataclass(frozen=True, slots=True)
class SendInput:
    """What is put on which vehicle. Lines not named go in full; less than approved needs a reason.

    Who carries is a body of the register, by its code, or the name of one that is not registered.
    """

    transfer: str
    vehicle: str
    driver: str
    expected_at: datetime
    carrier: str = ""
    carrier_code: str = ""
    driver_phone: str = ""
    escort: str = ""
    seal_number: str = ""
    loaded: dict[UUID, int] = field(default_factory=dict)
    short_reason: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        for name in ("vehicle", "driver"):
            check.text(name, getattr(self, name), length_max=60)
        check.text("carrier", self.carrier, length_max=60, required=not self.carrier_code)
        check.text("carrier_code", self.carrier_code, length_max=40, required=False)
        check.that(not (self.carrier.strip() and self.carrier_code), "carrier", "carrier_twice")
        for name in ("driver_phone", "escort", "seal_number"):
            check.text(name, getattr(self, name), length_max=40, required=False)
        check.text("short_reason", self.short_reason, required=False)
        check.aware("expected_at", self.expected_at)
        for line_id, quantity in self.loaded.items():
            check.whole(f"loaded.{line_id}", quantity)
        check.done()


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """What was found of one lot: good, damaged; the rest is short."""

    line_id: UUID
    good: int
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class ArriveInput:
    """A transfer at the other end, signed by the receiver. Lines not named arrived whole and good.

    Where more follows, lines not named have not arrived, and what is missing is not short but still on the road.
    """

    transfer: str
    receiver: str
    arrived_at: datetime
    lines: tuple[ArrivedLine, ...] = ()
    location_code: str = ""
    """Where good goods are put; without it the site's first shelf."""
    is_seal_intact: bool = True
    cause: str = ""
    more_follows: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("receiver", self.receiver, length_max=40)
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.text("cause", self.cause, length_max=400, required=False)
        check.aware("arrived_at", self.arrived_at)
        for place, line in enumerate(self.lines):
            for name in ("good", "damaged"):
                check.whole(f"lines.{place}.{name}", getattr(line, name))
        check.done()
