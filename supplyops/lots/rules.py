"""What is said when a lot is kept back, let go, or recalled."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.kernel.checks import Checks
from supplyops.stock.rules import LotState

KEPT_BY_HAND = frozenset({LotState.HELD, LotState.DAMAGED})
"""What one person may say of a lot by hand; recalled is said by a recall."""


@dataclass(frozen=True, slots=True)
class LotHoldInput:
    """Keep a lot back wherever it lies: on hold until it is looked at, or damaged as a whole."""

    lot_number: str
    reason: str
    state: LotState = LotState.HELD

    def __post_init__(self) -> None:
        check = Checks()
        check.text("lot_number", self.lot_number, length_max=40)
        check.text("reason", self.reason)
        check.that(self.state in KEPT_BY_HAND, "state", "unknown_choice", value=self.state.value)
        check.done()


@dataclass(frozen=True, slots=True)
class RecallInput:
    """Take a maker's batch of an item out of use at a body and everybody below it."""

    sku: str
    manufacturer: str
    maker_batch: str
    reason: str
    notice_number: str = ""
    """The maker's or the market regulator's own number."""
    organisation_code: str = ""
    """The body that orders it; the person's own unless said."""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.text("manufacturer", self.manufacturer, length_max=80)
        check.text("maker_batch", self.maker_batch, length_max=40)
        check.text("reason", self.reason)
        check.text("notice_number", self.notice_number, length_max=80, required=False)
        check.text("organisation_code", self.organisation_code, length_max=40, required=False)
        check.done()
