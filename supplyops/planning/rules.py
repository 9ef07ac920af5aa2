"""What a plan is made of and how it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from supplyops.kernel.checks import Checks

SECONDS_DEFAULT = 8
SECONDS_MAX = 600
JOB_KIND = "plan"
ADVICE_JOB_KIND = "plan_advice"
ADVICE_SECONDS_DEFAULT = 60
SERIES = "FA"
"""The letters a plan's number begins with."""


class PlanState(StrEnum):
    """A plan is being solved, then a draft until its owners decide."""

    SOLVING = "solving"
    DRAFT = "draft"
    DECIDED = "decided"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKED_BY = (PlanState.DRAFT, PlanState.DECIDED)
"""A plan that people may still adopt, or that they work by."""


class PartState(StrEnum):
    """What the owner of a part of the plan said."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class AdviceState(StrEnum):
    """Advice on a plan is being worked out, then there, or not."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SourceKind(StrEnum):
    """Where the goods of a plan line come from."""

    LOT = "lot"
    CONTRACT = "contract"


class LockMode(StrEnum):
    """How a commander fixes a line: exactly so much, at least, at most, or nothing from there."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    FORBID = "forbid"


class Rung(StrEnum):
    """Where goods stand in the order of use (动用顺序), seen from the body that commands; which goes first is a parameter."""

    OWN = "own"  # owned by the commanding body, its departments, or the bodies that ask
    DELEGATED = "delegated"  # owned by a higher tier, kept in a store of ours
    NEIGHBOUR = "neighbour"  # owned by other bodies below the same higher tier (调剂)
    PREFECTURE = "prefecture"
    REGION = "region"
    CONTRACT = "contract"
    SOCIAL = "social"  # bodies outside the chain of command that have agreed to help in this incident


class Aside(StrEnum):
    """Why goods that exist were left out of a plan's problem; shown with what a plan could not serve."""

    OUTSIDE_CHAIN = "outside_chain"  # 兵团 and others: a coordination letter has to be written
    QUARANTINE = "quarantine"  # waits for inspection
    EXPIRED = "expired_stock"  # past its date
    HELD = "held_lot"  # somebody has put it on hold
    RECALLED = "recalled_lot"
    DAMAGED = "damaged_lot"
    REFUSED = "owner_refused"  # its owner did not approve it in the older plan
    RESTRICTED = "restricted_lot"  # a donor keeps it for another place or purpose
    CONTRACT_NO_SITE = "contract_no_site"  # nobody has registered where the supplier keeps the goods
    NO_VEHICLE_TYPE = (
        "no_vehicle_type"  # nobody has said what vehicles there are: nothing tells whether a supplier gets there
    )
    AT_PLACE = "at_place"  # lies at the place of delivery already


@dataclass(frozen=True, slots=True)
class Lock:
    """A decision of the commander that the plan has to keep: a source (lot at a place, or contract line) and a request line."""

    source: str
    request_line_id: UUID
    mode: LockMode
    quantity: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.text("source", self.source, length_max=90)
        check.whole("quantity", self.quantity, minimum=0 if self.mode is LockMode.FORBID else 1)
        check.done()


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to plan. Seconds or iterations, not both: iterations replay exactly."""

    seconds: int | None = None
    iterations: int | None = None
    seed: int = 0
    locks: tuple[Lock, ...] = ()
    based_on: UUID | None = None
    """An older plan of the same incident. Its locks are kept, those given here come on top."""
    keep_locks: bool = True
    """False takes only the locks given here: the way to lift one."""
    near: bool = False
    """Stay near the older plan: what leaves soon stands, and nothing else changes that need not."""
    without_refused: bool = False
    """Owners are not asked again for goods they have refused in the older plan, or one that it was made from."""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.seconds is None or self.iterations is None, "seconds", "seconds_or_iterations")
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
        if self.iterations is not None:
            check.whole("iterations", self.iterations, minimum=1, maximum=1_000_000)
        check.whole("seed", self.seed, maximum=2**31 - 1)
        based = self.based_on is not None
        check.that(based or not (self.near or self.without_refused), "based_on", "required")
        first: dict[tuple[str, UUID], int] = {}
        for place, lock in enumerate(self.locks):
            at = first.setdefault((lock.source, lock.request_line_id), place)
            check.that(at == place, f"locks.{place}.source", "repeated", value=lock.source, first=at)
        check.done()


@dataclass(frozen=True, slots=True)
class AdviceOptions:
    """How long to look for what would help. Seconds or trials, not both: trials replay exactly."""

    seconds: int | None = None
    trials: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.seconds is None or self.trials is None, "seconds", "seconds_or_iterations")
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
        if self.trials is not None:
            check.whole("trials", self.trials, minimum=1, maximum=100_000)
        check.whole("seed", self.seed, maximum=2**31 - 1)
        check.done()


@dataclass(frozen=True, slots=True)
class FloorReleaseInput:
    """An order that lets plans use stock below the floor of a store."""

    incident_id: UUID
    site_code: str
    sku: str
    owner_code: str
    quantity: int
    basis: str

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("quantity", self.quantity, minimum=1)
        check.text("basis", self.basis)
        check.done()


def lot_source(location_id: UUID, lot_id: UUID) -> str:
    """How a plan names a lot at a place."""
    return f"{location_id}:{lot_id}"


def contract_source(contract_line_id: UUID) -> str:
    """How a plan names a contract line."""
    return f"contract:{contract_line_id}"


def source_parts(source: str) -> tuple[SourceKind, UUID | None, UUID]:
    """(kind, location of a lot, lot or contract line) that a source's name stands for."""
    first, _, second = source.partition(":")
    if first == "contract":
        return SourceKind.CONTRACT, None, UUID(second)
    return SourceKind.LOT, UUID(first), UUID(second)


def read_at(options: Mapping[str, Any], created_at: datetime) -> datetime:
    """When the roads of a plan's problem were read: a plan that was made of another's problem is younger than that."""
    adopted = options.get("adopted") or {}
    return datetime.fromisoformat(adopted["read_at"]) if "read_at" in adopted else created_at
