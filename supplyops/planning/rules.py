"""What a plan is made of and how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks

SECONDS_DEFAULT = 8
SECONDS_MAX = 600


class PlanState(StrEnum):
    """A plan is being solved, then a draft until its owners decide."""

    SOLVING = "solving"
    DRAFT = "draft"
    DECIDED = "decided"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PartState(StrEnum):
    """What the owner of a part of the plan said."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


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

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.seconds is None or self.iterations is None, "seconds", "seconds_or_iterations")
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
        if self.iterations is not None:
            check.whole("iterations", self.iterations, minimum=1, maximum=1_000_000)
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
