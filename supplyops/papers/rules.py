"""How papers are numbered and told apart."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from datetime import date
from enum import StrEnum

SERIES_WIDTH = 4


class PaperState(StrEnum):
    """Whether a paper still holds."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    VOID = "void"


SERIES_OF_FORM = {
    "release_instruction": "DL",
    "allocation_slip": "DB",
    "receipt_note": "RK",
    "issue_note": "CK",
    "kit_note": "ZT",
    "purchase_plan": "CG",
    "adequacy_report": "CB",
    "shipment_handover": "YS",
    "transfer_slip": "TJ",
    "recovery_register": "HS",
    "scrap_application": "BF",
    "calloff_notice": "QY",
    "mobilisation_order": "DD",
    "supply_request": "XQ",
    "coordination_letter": "XT",
    "count_sheet": "PD",
    "upkeep_round": "XJ",
    "duty_handover": "JB",
    "morning_list": "CH",
    "rotation_advice": "LJ",
    "plan_study": "YP",
    "reserve_advice": "CJ",
    "asset_card": "ZC",
    "asset_handout": "LY",
}
"""The letters an internal number begins with."""

INCIDENT_ORDER = (
    "release_instruction",
    "allocation_slip",
    "issue_note",
    "kit_note",
    "shipment_handover",
    "transfer_slip",
    "calloff_notice",
    "mobilisation_order",
    "supply_request",
    "coordination_letter",
    "receipt_note",
    "purchase_plan",
    "adequacy_report",
)
"""The order in which the papers of an incident are printed together."""


def slip_number(series: str, area_code: str, day: date, sequence: int) -> str:
    """`CK-654004-20260412-0007`: type, area, day, running number of the day."""
    return f"{series}-{area_code}-{day:%Y%m%d}-{sequence:0{SERIES_WIDTH}d}"


def document_number(prefix: str, year: int, sequence: int) -> str:
    """`霍应急〔2026〕12号`: six-cornered brackets, no zero padding (GB/T 9704-2012)."""
    return f"{prefix}〔{year}〕{sequence}号"


def check_code(number: str, content_hash: str) -> str:
    """Eight characters that a person can type to check a paper, in two groups; letters that look alike are left out."""
    raw = hashlib.sha256(f"{number}|{content_hash}".encode()).digest()
    text = base64.b32encode(raw).decode().translate(str.maketrans("IO", "89"))[:8]
    return f"{text[:4]}-{text[4:]}"


def typed(text: str) -> str:
    """What somebody types off a paper, without what makes no difference: width, case, spaces, strokes."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())
