"""What each paper says, as frozen values: nothing here knows how it is printed or where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplyops.papers.contents.assets import AssetCard, AssetCardUpkeep, AssetHandout, AssetHandoutLine
from supplyops.papers.contents.counts import CountLine, CountSheet, CountSums, count_sums
from supplyops.papers.contents.endings import (
    RecoveredLine,
    RecoveryRegister,
    ScrapApplication,
    ScrapGoods,
    ScrapWord,
)
from supplyops.papers.contents.keeping import DutyNote, MorningRow, MorningSection, MorningSheet
from supplyops.papers.contents.kits import KitLine, KitNote
from supplyops.papers.contents.orders import (
    CallOffLine,
    CallOffNotice,
    EquipmentLine,
    Instalment,
    MobilisationOrder,
    Pickup,
)
from supplyops.papers.contents.parts import (
    Contact,
    DeliveryPoint,
    Ended,
    Goods,
    IncidentRef,
    LotLabel,
    OralOrder,
    PaperStamp,
    Signed,
)
from supplyops.papers.contents.plain import BadContent, plain, structured
from supplyops.papers.contents.release import (
    AllocationLine,
    AllocationSlip,
    PlannedTrip,
    ReleaseInstruction,
    Section,
    Sums,
    allocation_sums,
)
from supplyops.papers.contents.requests import (
    CoordinationLetter,
    LetterLine,
    RequestLine,
    Situation,
    SupplyRequest,
)
from supplyops.papers.contents.reserve_advice import ReserveAdviceCase, ReserveAdviceLine, ReserveAdvicePaper
from supplyops.papers.contents.reserves import (
    AdequacyLine,
    AdequacyPaper,
    PurchaseLine,
    PurchasePlanPaper,
    PurchaseSums,
    purchase_sums,
)
from supplyops.papers.contents.rotations import RotationAdviceLine, RotationAdvicePaper
from supplyops.papers.contents.store import (
    IssueLine,
    IssueNote,
    IssueSums,
    ReceiptLine,
    ReceiptNote,
    ReceiptSums,
    issue_sums,
    receipt_sums,
)
from supplyops.papers.contents.studies import PlanStudyPaper, PlanStudyRow
from supplyops.papers.contents.transfers import TransferSlip
from supplyops.papers.contents.transport import HandoverStop, LoadLine, ShipmentHandover

Content = (
    ReleaseInstruction
    | AllocationSlip
    | ReceiptNote
    | IssueNote
    | KitNote
    | PurchasePlanPaper
    | AdequacyPaper
    | RotationAdvicePaper
    | PlanStudyPaper
    | ReserveAdvicePaper
    | ShipmentHandover
    | CallOffNotice
    | MobilisationOrder
    | SupplyRequest
    | CoordinationLetter
    | CountSheet
    | MorningSheet
    | DutyNote
    | TransferSlip
    | RecoveryRegister
    | ScrapApplication
    | AssetCard
    | AssetHandout
)

CONTENTS: dict[str, type[Content]] = {
    "release_instruction": ReleaseInstruction,
    "allocation_slip": AllocationSlip,
    "receipt_note": ReceiptNote,
    "issue_note": IssueNote,
    "kit_note": KitNote,
    "purchase_plan": PurchasePlanPaper,
    "adequacy_report": AdequacyPaper,
    "rotation_advice": RotationAdvicePaper,
    "plan_study": PlanStudyPaper,
    "reserve_advice": ReserveAdvicePaper,
    "shipment_handover": ShipmentHandover,
    "calloff_notice": CallOffNotice,
    "mobilisation_order": MobilisationOrder,
    "supply_request": SupplyRequest,
    "coordination_letter": CoordinationLetter,
    "count_sheet": CountSheet,
    "morning_list": MorningSheet,
    "duty_handover": DutyNote,
    "transfer_slip": TransferSlip,
    "recovery_register": RecoveryRegister,
    "scrap_application": ScrapApplication,
    "asset_card": AssetCard,
    "asset_handout": AssetHandout,
}
"""The content of each form."""


def to_plain(content: Content) -> dict[str, Any]:
    """A content as JSON values: text, whole numbers, lists, UTC instants and days in ISO form."""
    result: dict[str, Any] = plain(content)
    return result


def from_plain(form: str, value: Mapping[str, Any]) -> Content:
    """The content of a form from JSON values. Raises KeyError for an unknown form, BadContent for a wrong shape."""
    return structured(CONTENTS[form], value)


__all__ = [
    "CONTENTS",
    "AdequacyLine",
    "AdequacyPaper",
    "AllocationLine",
    "AllocationSlip",
    "AssetCard",
    "AssetCardUpkeep",
    "AssetHandout",
    "AssetHandoutLine",
    "BadContent",
    "CallOffLine",
    "CallOffNotice",
    "Contact",
    "Content",
    "CoordinationLetter",
    "CountLine",
    "CountSheet",
    "CountSums",
    "DeliveryPoint",
    "DutyNote",
    "Ended",
    "EquipmentLine",
    "Goods",
    "HandoverStop",
    "IncidentRef",
    "Instalment",
    "IssueLine",
    "IssueNote",
    "IssueSums",
    "KitLine",
    "KitNote",
    "LetterLine",
    "LoadLine",
    "LotLabel",
    "MobilisationOrder",
    "MorningRow",
    "MorningSection",
    "MorningSheet",
    "OralOrder",
    "PaperStamp",
    "Pickup",
    "PlanStudyPaper",
    "PlanStudyRow",
    "PlannedTrip",
    "PurchaseLine",
    "PurchasePlanPaper",
    "PurchaseSums",
    "ReceiptLine",
    "ReceiptNote",
    "ReceiptSums",
    "RecoveredLine",
    "RecoveryRegister",
    "ReleaseInstruction",
    "RequestLine",
    "ReserveAdviceCase",
    "ReserveAdviceLine",
    "ReserveAdvicePaper",
    "RotationAdviceLine",
    "RotationAdvicePaper",
    "ScrapApplication",
    "ScrapGoods",
    "ScrapWord",
    "Section",
    "ShipmentHandover",
    "Signed",
    "Situation",
    "Sums",
    "SupplyRequest",
    "TransferSlip",
    "allocation_sums",
    "count_sums",
    "from_plain",
    "issue_sums",
    "plain",
    "purchase_sums",
    "receipt_sums",
    "structured",
    "to_plain",
]
