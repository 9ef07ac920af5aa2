"""Others are called on: a supplier by contract (F8), a rescue team by order (F9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import Contact, IncidentRef, OralOrder, Signed, known_amount, price_times


@dataclass(frozen=True, slots=True)
class Instalment:
    """So much by then."""

    quantity: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CallOffLine:
    """So much drawn on one line of a contract. What the supplier promises is left to the pen."""

    name: str
    unit: str
    quantity: int
    delivery_place: str
    instalments: tuple[Instalment, ...]
    spec: str = ""
    quality: str = ""
    unit_price_fen: int | None = None
    is_price_cap: bool = False
    remaining_after: int | None = None

    @property
    def amount_fen(self) -> int | None:
        """Quantity times price, or times the highest price allowed."""
        return price_times(self.quantity, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class Pickup:
    """The buyer's own vehicle fetches the goods (自提): where, with what, when it comes."""

    place: str
    vehicle: str
    driver: Contact
    comes_at: datetime
    address: str = ""
    vehicle_type: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class CallOffNotice:
    """F8 合同启用通知: an order drawn on a pre-signed contract."""

    buyer: str
    supplier: str
    supplier_contact: Contact
    contract_number: str
    contract_title: str
    contract_type: str
    incident: IncidentRef
    lines: tuple[CallOffLine, ...]
    confirm_by: datetime
    signed_on: date
    instruction_number: str = ""
    legal_basis: str = ""
    acceptance: str = ""
    settlement: str = ""
    penalty: str = ""
    notice_method: str = ""
    notified_at: datetime | None = None
    buyer_contact: Contact | None = None
    oral: OralOrder | None = None
    prepared: Signed | None = None
    reviewed: Signed | None = None
    approved: Signed | None = None
    note: str = ""
    pickup: Pickup | None = None

    @property
    def amount_fen(self) -> int:
        """What the call comes to at the stated prices."""
        return known_amount(self.lines)

    @property
    def unpriced(self) -> int:
        """How many lines have no price."""
        return sum(line.amount_fen is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class EquipmentLine:
    """What the team brings."""

    name: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True)
class MobilisationOrder:
    """F9 救援队伍调动命令: a team is sent. Its confirmation and its times are left to the pen.

    `equipment_note` is equipment in words, where it is not kept as lines.
    """

    issuer: str
    team_name: str
    team_code: str
    team_type: str
    incident: IncidentRef
    persons: int
    leader: Contact
    muster_place: str
    muster_at: datetime
    task: str
    task_place: str
    arrive_by: datetime
    command_relation: str
    signatory: str
    signed_on: date
    team_organisation: str = ""
    equipment: tuple[EquipmentLine, ...] = ()
    equipment_note: str = ""
    vehicles: str = ""
    communication: str = ""
    liaison: Contact | None = None
    logistics: str = ""
    safety: str = ""
    insurance: str = ""
    duration_hours: int | None = None
    oral: OralOrder | None = None
    copies_to: tuple[str, ...] = ()
    note: str = ""
