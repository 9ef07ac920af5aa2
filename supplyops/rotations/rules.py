"""What can be done with goods before their date."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplyops.kernel.checks import Checks


class RotationChoice(StrEnum):
    """调剂, 演练使用, 退厂, 代储企业轮换, 降级, 报废."""

    TRANSFER = "transfer"
    DRILL = "drill"
    RETURN = "return"
    SWAP = "swap"
    DOWNGRADE = "downgrade"
    SCRAP = "scrap"


class RotationState(StrEnum):
    """Proposed by the store or the office, decided by somebody else, then carried out."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"
    CANCELLED = "cancelled"


class NextStep(StrEnum):
    """What carries an approved choice out."""

    ISSUE = "issue"
    """An issue for a drill, posted from the rotation itself."""
    SEND_BACK = "send_back"
    """The goods go back to the maker, or to the enterprise that brings fresh ones; posted from the rotation itself."""
    REGRADE = "regrade"
    """The goods become a lot of their own for lower use; posted from the rotation itself."""
    TRANSFER_ORDER = "transfer_order"
    """A transfer to the other store, written there; its number closes the rotation."""
    SCRAP_APPLICATION = "scrap_application"
    """A scrapping application (F7), written there; its number closes the rotation."""


NEXT: dict[RotationChoice, NextStep] = {
    RotationChoice.TRANSFER: NextStep.TRANSFER_ORDER,
    RotationChoice.DRILL: NextStep.ISSUE,
    RotationChoice.RETURN: NextStep.SEND_BACK,
    RotationChoice.SWAP: NextStep.SEND_BACK,
    RotationChoice.DOWNGRADE: NextStep.REGRADE,
    RotationChoice.SCRAP: NextStep.SCRAP_APPLICATION,
}
POSTED_HERE = frozenset({NextStep.ISSUE, NextStep.SEND_BACK, NextStep.REGRADE})
HAS_TARGET = frozenset({RotationChoice.TRANSFER, RotationChoice.DRILL, RotationChoice.RETURN, RotationChoice.SWAP})


@dataclass(frozen=True, slots=True)
class RotationInput:
    """A choice for so much of a lot at a place, and why."""

    lot_number: str
    location_code: str
    quantity: int
    choice: RotationChoice
    reason: str
    target: str = ""
    """To whom: the store that uses it, the drill, the maker, the enterprise."""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("lot_number", self.lot_number, length_max=40)
        check.text("location_code", self.location_code, length_max=60)
        check.whole("quantity", self.quantity, minimum=1)
        check.text("reason", self.reason)
        check.text("target", self.target, length_max=120, required=self.choice in HAS_TARGET)
        check.done()
