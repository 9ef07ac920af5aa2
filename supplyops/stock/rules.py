"""The ledger's values and the directions in which stock may move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict
from supplyops.kernel.quantity import QUANTITY_MAX
from supplyops.kernel.reference import DocumentRef
from supplyops.places.rules import REAL_KINDS, LocationKind

LEGS_MAX = 2000
NEVER = date.max
"""Until when goods are good that do not expire."""


class MoveReason(StrEnum):
    """Why stock moves. Together with the kinds of both places it says what happened."""

    OPENING = "opening"
    RECEIPT = "receipt"
    DONATION = "donation"
    REQUISITION = "requisition"
    TRANSFER = "transfer"
    QUARANTINE = "quarantine"
    DISPATCH = "dispatch"
    DELIVERY = "delivery"
    RETURN = "return"
    RECOVERY = "recovery"
    ISSUE = "issue"
    LOSS = "loss"
    SCRAP = "scrap"
    COUNT = "count"
    CONVERSION = "conversion"


class ReserveForm(StrEnum):
    """The three forms of reserve: 实物, 社会, 产能."""

    PHYSICAL = "physical"
    SOCIAL = "social"
    CAPACITY = "capacity"


class StockDocumentKind(StrEnum):
    """Documents that a store writes by itself."""

    OPENING = "opening"
    RECEIPT = "receipt"
    ISSUE = "issue"
    TRANSFER = "transfer"


class LotState(StrEnum):
    """Whether a lot may be used. Only the newest word on a lot counts; the lot itself never changes."""

    NORMAL = "normal"
    HELD = "held"
    RECALLED = "recalled"
    DAMAGED = "damaged"


class LateKind(StrEnum):
    """What may be written up later than it happened."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    TRANSFER = "transfer"
    COUNT = "count"


class LatePermitState(StrEnum):
    """A permit to write something up that happened too long ago: asked for, decided, used once."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"


class RecallState(StrEnum):
    """A recall holds until it is ended."""

    OPEN = "open"
    ENDED = "ended"


class StockDocumentState(StrEnum):
    """A stock document counts from the moment it is posted; a mistake is reversed, never deleted."""

    POSTED = "posted"
    REVERSED = "reversed"


class AssetState(StrEnum):
    """Whether a numbered unit can be handed out. One that has left the real places is told by where it is."""

    READY = "ready"
    LENT = "lent"
    OUT_OF_ORDER = "out_of_order"


class AssetEventKind(StrEnum):
    """What happened to a numbered unit."""

    REGISTERED = "registered"
    CHANGED = "changed"
    PICKED = "picked"
    MOVED = "moved"
    HANDED_OUT = "handed_out"
    HANDED_BACK = "handed_back"
    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    INSPECTION = "inspection"
    REPAIR = "repair"
    OUT_OF_ORDER = "out_of_order"
    BACK_IN_SERVICE = "back_in_service"


_K = LocationKind
_SHELF = frozenset({_K.STORAGE, _K.QUARANTINE})
_HELD = _SHELF | {_K.TEAM}

DIRECTIONS: Mapping[MoveReason, frozenset[tuple[LocationKind, LocationKind]]] = {
    MoveReason.OPENING: frozenset((_K.OPENING, target) for target in _HELD),
    MoveReason.RECEIPT: frozenset((_K.SUPPLIER, target) for target in _SHELF),
    MoveReason.DONATION: frozenset((_K.DONOR, target) for target in _SHELF),
    MoveReason.REQUISITION: frozenset({(_K.OWNER, _K.STORAGE), (_K.STORAGE, _K.OWNER)}),
    MoveReason.TRANSFER: frozenset((a, b) for a in (_K.STORAGE, _K.TEAM) for b in (_K.STORAGE, _K.TEAM)),
    MoveReason.QUARANTINE: frozenset(
        {(_K.STORAGE, _K.QUARANTINE), (_K.QUARANTINE, _K.STORAGE), (_K.QUARANTINE, _K.QUARANTINE)}
    ),
    MoveReason.DISPATCH: frozenset({(_K.STORAGE, _K.TRANSIT), (_K.SUPPLIER, _K.TRANSIT)}),
    MoveReason.DELIVERY: frozenset({(_K.TRANSIT, _K.STORAGE), (_K.TRANSIT, _K.TEAM), (_K.TRANSIT, _K.QUARANTINE)}),
    MoveReason.RETURN: frozenset(
        {
            (_K.TRANSIT, _K.STORAGE),
            (_K.TRANSIT, _K.QUARANTINE),
            (_K.TRANSIT, _K.SUPPLIER),
            (_K.STORAGE, _K.SUPPLIER),
            (_K.QUARANTINE, _K.SUPPLIER),
        }
    ),
    MoveReason.RECOVERY: frozenset((_K.CONSUMED, target) for target in _SHELF),
    MoveReason.ISSUE: frozenset({(_K.STORAGE, _K.CONSUMED), (_K.TEAM, _K.CONSUMED)}),
    MoveReason.LOSS: frozenset((source, _K.LOST) for source in REAL_KINDS),
    MoveReason.SCRAP: frozenset((source, _K.LOST) for source in _HELD),
    MoveReason.COUNT: frozenset(
        (a, b) for kind in _HELD for a, b in ((_K.COUNT_DIFFERENCE, kind), (kind, _K.COUNT_DIFFERENCE))
    ),
    MoveReason.CONVERSION: frozenset(
        (a, b) for kind in _SHELF for a, b in ((_K.CONVERSION, kind), (kind, _K.CONVERSION))
    ),
}
"""Every business event is a row of this table; any other direction is refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the ledger sees it, and the body that keeps what lies there."""

    id: UUID
    name: str
    kind: LocationKind
    shard: str
    site_id: UUID | None
    keeper_id: UUID | None


@dataclass(frozen=True, slots=True)
class Leg:
    """A quantity of one lot going from one place to another."""

    lot_id: UUID
    source_id: UUID
    target_id: UUID
    quantity: int
    """Base units of the item, always above zero."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Legs that happen together or not at all. Its id makes a retry harmless."""

    id: UUID
    reason: MoveReason
    legs: tuple[Leg, ...]
    document: DocumentRef
    occurred_at: datetime
    reverses_id: UUID | None = None
    note: str = ""
    incident_id: UUID | None = None
    """The event the goods move for, if any."""
    asset_ids: tuple[UUID, ...] = ()
    """Numbered units that go along, where the sender names them: see `carrying`."""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.legs), "legs", "required")
        check.that(len(self.legs) <= LEGS_MAX, "legs", "too_many", count=len(self.legs), maximum=LEGS_MAX)
        check.aware("occurred_at", self.occurred_at)
        check.text("note", self.note, length_max=200, required=False)
        for place, leg in enumerate(self.legs):
            check.whole(f"legs.{place}.quantity", leg.quantity, minimum=1, maximum=QUANTITY_MAX)
            check.that(leg.source_id != leg.target_id, f"legs.{place}.target_id", "own_target")
        check.done()


@dataclass(frozen=True, slots=True)
class Hold:
    """A wish to keep stock for a document until it is used or the time is up."""

    id: UUID
    document: DocumentRef
    location_id: UUID
    lot_id: UUID
    quantity: int
    expires_at: datetime
    incident_id: UUID | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("quantity", self.quantity, minimum=1)
        check.aware("expires_at", self.expires_at)
        check.done()


@dataclass(frozen=True, slots=True)
class Balance:
    """What lies at a place of one lot."""

    location_id: UUID
    lot_id: UUID
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """What nobody has spoken for."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class PostingResult:
    """What became of a posting: recorded now, or already there with the same content."""

    posting_id: UUID
    is_new: bool


class InsufficientStock(Conflict):
    """A real place would fall below what is reserved there."""

    def __init__(self, *, location: str, lot: str, requested: int, available: int) -> None:
        super().__init__("insufficient_stock", location=location, lot=lot, requested=requested, available=available)


class LotBlocked(Conflict):
    """A lot that is on hold, recalled or damaged is neither promised nor sent out."""

    def __init__(self, *, lot: str, state: LotState, because: str) -> None:
        super().__init__("lot_blocked", noun="lot", lot=lot, state=state.value, because=because)


class PostingConflict(Conflict):
    """The posting's id is taken by other content."""

    def __init__(self, posting_id: UUID) -> None:
        super().__init__("posting_conflict", posting_id=str(posting_id))


class AlreadyReversed(Conflict):
    """A posting is reversed at most once."""

    def __init__(self, posting_id: UUID) -> None:
        super().__init__("already_reversed", posting_id=str(posting_id))


def check_directions(
    reason: MoveReason, kinds: Sequence[tuple[LocationKind, LocationKind]], *, is_reversal: bool
) -> None:
    """Raise InvalidInput when a leg goes a way that its reason does not know. A reversal goes the opposite ways."""
    check = Checks()
    for place, (source, target) in enumerate(kinds):
        way = (target, source) if is_reversal else (source, target)
        check.that(
            way in DIRECTIONS[reason],
            f"legs.{place}.target_id",
            "wrong_direction",
            reason=reason.value,
            source=source.value,
            target=target.value,
        )
    check.done()


def net_changes(legs: Iterable[Leg]) -> dict[tuple[UUID, UUID], int]:
    """(location, lot) -> change of what is on hand, all legs together, zero changes left out."""
    changes: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for leg in legs:
        changes[leg.source_id, leg.lot_id] -= leg.quantity
        changes[leg.target_id, leg.lot_id] += leg.quantity
    return {key: change for key, change in changes.items() if change}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Stock that a picker may take."""

    location_id: UUID
    lot_id: UUID
    lot_number: str
    available: int
    expires_on: date | None
    produced_on: date | None
    came_on: date


@dataclass(frozen=True, slots=True)
class Pick:
    """So much of one lot from one place."""

    location_id: UUID
    lot_id: UUID
    quantity: int


def fefo(candidates: Iterable[Candidate]) -> list[Candidate]:
    """First to expire first out; goods without a date by age, oldest first; then first come first out; the number decides the rest.

    Of goods whose day of production nobody knows the age is what they were at least: since they came.
    """
    return sorted(
        candidates,
        key=lambda c: (c.expires_on or date.max, c.produced_on or c.came_on, c.came_on, c.lot_number, c.location_id),
    )


def pick(candidates: Iterable[Candidate], quantity: int, day: date, goods: str = "") -> tuple[Pick, ...]:
    """Take `quantity` in FEFO order from stock that is still good on `day`. `goods` says in a refusal what and whose it is.

    Raises Conflict `not_enough_to_pick` when there is less; never picks part of what was asked.
    """
    picks: list[Pick] = []
    missing = quantity
    for candidate in fefo(candidates):
        if missing and candidate.available > 0 and (candidate.expires_on is None or candidate.expires_on >= day):
            taken = min(missing, candidate.available)
            picks.append(Pick(candidate.location_id, candidate.lot_id, taken))
            missing -= taken
    if missing:
        raise Conflict("not_enough_to_pick", goods=goods, requested=quantity, available=quantity - missing)
    return tuple(picks)


def free_at(candidates: Sequence[Candidate], day: date) -> int:
    """What of it is still good on a day."""
    return sum(max(each.available, 0) for each in candidates if each.expires_on is None or each.expires_on >= day)


@dataclass(frozen=True, slots=True)
class LotInput:
    """Goods of one item with one origin: what is written on the box and in the books about them."""

    sku: str
    owner_code: str
    fund_source: str
    lot_number: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    unit_price_fen: int = 0
    manufacturer: str = ""
    maker_batch: str = ""
    restriction: str = ""
    restricted_area: str = ""
    source_mark: str = ""
    is_exercise: bool = False
    stored_on: date | None = None
    """The day on which the goods came into a store, where that is not the day on which they are written down."""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.text("owner_code", self.owner_code, length_max=40)
        check.text("fund_source", self.fund_source, length_max=40)
        check.ordered("expires_on", self.produced_on, self.expires_on, "expires_before_made")
        check.ordered("stored_on", self.produced_on, self.stored_on, "stored_before_made")
        check.whole("unit_price_fen", self.unit_price_fen, maximum=10**12)
        check.text("restricted_area", self.restricted_area, length_max=20, required=False)
        for name in ("lot_number", "manufacturer", "maker_batch", "restriction", "source_mark"):
            check.text(
                name,
                getattr(self, name),
                length_max=80 if name in {"manufacturer", "restriction"} else 40,
                required=False,
            )
        check.done()


@dataclass(frozen=True, slots=True)
class OpeningInput:
    """Stock that was there before the books were opened."""

    lot: LotInput
    location_code: str
    quantity: int

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("quantity", self.quantity, minimum=1)
        check.text("location_code", self.location_code, length_max=60)
        check.done()


def came_on(stored_on: date | None, made_at: datetime) -> date:
    """The day on which goods came into a store: what was said of it, else the day on which their lot was made."""
    return stored_on or business_day(made_at)


def lot_number(sku: str, day: date, sequence: int) -> str:
    """`sku-YYMMDD-nnn`."""
    return f"{sku}-{day:%y%m%d}-{sequence:03d}"


def expiry_of(produced_on: date | None, shelf_life_days: int | None) -> date | None:
    """The day after which goods are no longer good, from the day they were made and the item's life."""
    if produced_on is None or shelf_life_days is None:
        return None
    return date.fromordinal(min(produced_on.toordinal() + shelf_life_days, NEVER.toordinal()))
