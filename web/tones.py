"""Which colour a state takes: red needs somebody now, yellow waits, blue is under way, green is done, grey is over."""

from __future__ import annotations

from enum import StrEnum

TONES: dict[str, dict[str, str]] = {
    "IncidentState": {"open": "red", "closed": "secondary"},
    "RequestState": {
        "draft": "secondary",
        "submitted": "yellow",
        "accepted": "azure",
        "rejected": "red",
        "cancelled": "secondary",
        "closed": "green",
    },
    "Urgency": {"most_urgent": "red", "urgent": "yellow", "normal": "secondary"},
    "LetterState": {
        "sent": "yellow",
        "granted": "green",
        "partly_granted": "azure",
        "declined": "red",
        "withdrawn": "secondary",
    },
    "RoadStatus": {"open": "green", "limited": "yellow", "closed": "red"},
    "PlanState": {"solving": "azure", "draft": "yellow", "decided": "green", "failed": "red"},
    "PartState": {"proposed": "yellow", "approved": "green", "refused": "red"},
    "InstructionState": {"issued": "azure", "done": "green"},
    "ConsignmentState": {
        "ordered": "yellow",
        "accepted": "azure",
        "loaded": "azure",
        "in_transit": "azure",
        "delivered": "green",
        "returned": "red",
    },
    "ShipmentState": {"planned": "yellow", "loading": "azure", "departed": "azure", "closed": "green"},
    "CallOffState": {
        "notified": "yellow",
        "confirmed": "azure",
        "shipped": "azure",
        "received": "green",
        "refused": "red",
    },
    "MissionState": {"ordered": "yellow", "declined": "red", "returned": "green"},
    "TaskState": {"open": "azure", "done": "green"},
    "TaskCover": {"uncovered": "red", "partly": "yellow", "covered": "green"},
    "TeamState": {"ready": "green", "alerted": "yellow", "mobilised": "azure", "out": "red"},
    "VehicleState": {"ready": "green", "on_trip": "azure", "out": "red"},
    "PaperState": {"valid": "green", "superseded": "yellow", "void": "red"},
    "JobState": {"queued": "yellow", "running": "azure", "done": "green", "failed": "red", "interrupted": "red"},
    "ArrivalState": {
        "announced": "yellow",
        "inspected": "yellow",
        "partly": "azure",
        "accepted": "azure",
        "reported": "green",
    },
    "AcceptanceState": {"unsigned": "yellow", "unreported": "azure", "reported": "green", "reversed": "red"},
    "CountState": {"counting": "azure", "recounting": "yellow", "submitted": "yellow", "posted": "green"},
    "UpkeepResult": {"good": "green", "finding": "red"},
    "DutyState": {"offered": "yellow", "taken": "green"},
    "TransferState": {
        "draft": "yellow",
        "approved": "yellow",
        "refused": "red",
        "sent": "azure",
        "partly": "azure",
        "received": "green",
        "returned": "red",
    },
    "RecoveryCondition": {"usable": "green", "repair": "yellow", "scrap": "red"},
    "ScrapState": {
        "applied": "yellow",
        "appraised": "yellow",
        "approved": "azure",
        "publicised": "azure",
        "disposed": "green",
        "refused": "red",
    },
    "Standing": {"open": "yellow", "partly": "azure", "settled": "green"},
    "AgeBand": {"to_30": "yellow", "to_90": "orange", "over_90": "red"},
    "LotState": {"normal": "green", "held": "yellow", "recalled": "red", "damaged": "red"},
    "RotationState": {"proposed": "yellow", "approved": "azure", "refused": "red", "done": "green"},
    "HoldState": {"open": "azure", "used": "green", "expired": "red", "taken": "red"},
    "LatePermitState": {"asked": "yellow", "approved": "azure", "refused": "red", "used": "green"},
    "PurchasePlanState": {"draft": "secondary", "submitted": "yellow", "approved": "green", "cancelled": "red"},
    "KitWorkState": {"posted": "green", "reversed": "red"},
    "AssetState": {"ready": "green", "lent": "azure", "out_of_order": "red"},
    "StockDocumentState": {"posted": "green", "reversed": "red"},
}


def tone_of(value: StrEnum) -> str:
    """The colour of a state; grey where none is given."""
    return TONES.get(type(value).__name__, {}).get(value.value, "secondary")
