"""Goods are released: the instruction (F1) and its allocation slip (F2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import (
    UNLABELLED,
    Contact,
    DeliveryPoint,
    Goods,
    IncidentRef,
    LotLabel,
    OralOrder,
    Signed,
    goods_phrase,
    known_amount,
    price_times,
    unpriced,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of a document's body: a heading without its number, and sentences."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class PlannedTrip:
    """One vehicle of the transport plan that goes with an instruction."""

    vehicle: str
    vehicle_type: str
    origin: str
    destination: str
    depart_at: datetime
    arrive_at: datetime
    load: str
    driver: str = ""
    driver_phone: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseInstruction:
    """F1 动用指令: one owner's decision to release goods, a red-header document to GB/T 9704-2012.

    `sections` replaces the standard body when the office wrote its own; `signatory` (签发人) is for documents that go
    upward; the document number and urgency stand in the head, the number on the stamp.
    """

    issuer: str
    addressees: tuple[str, ...]
    incident: IncidentRef
    destination: str
    goods: tuple[Goods, ...]
    custodian: str
    load_by: datetime
    arrive_by: datetime
    signed_on: date
    title: str = ""
    masthead: str = ""
    urgency: str = ""
    signatory: str = ""
    owner: str = ""
    requester: str = ""
    request_number: str = ""
    legal_basis: tuple[str, ...] = ()
    transport: str = "请承运单位按运输计划组织运输，确保安全、及时。"
    funding: str = ""
    handover: str = "物资交接时，调出、承运、接收三方当面清点，在调拨单和运输交接单上签字；短少、破损如实记录。"
    recovery: str = "物资专物专用、无偿使用；回收类物资按照“谁发放、谁回收”的原则登记、回收。"
    contacts: tuple[Contact, ...] = ()
    oral: OralOrder | None = None
    sections: tuple[Section, ...] = ()
    slip_numbers: tuple[str, ...] = ()
    call_off_goods: tuple[Goods, ...] = ()
    """What suppliers are called on to bring; their notices go with the document."""
    call_off_numbers: tuple[str, ...] = ()
    trips: tuple[PlannedTrip, ...] = ()
    delivery_points: tuple[DeliveryPoint, ...] = ()
    note: str = ""
    copies_to: tuple[str, ...] = ()
    printed_by: str = ""
    printed_on: date | None = None

    @property
    def full_title(self) -> str:
        """关于调拨…支援…的通知, unless the office gave another title."""
        return self.title or f"关于调拨救灾物资支援{self.destination}的通知"

    @property
    def full_masthead(self) -> str:
        """The red line: the office's name and 文件, unless given."""
        return self.masthead or f"{self.issuer}文件"

    @property
    def goods_phrase(self) -> str:
        """What is released, in one phrase."""
        return goods_phrase(self.goods)

    @property
    def attachments(self) -> tuple[str, ...]:
        """Titles of what goes with the document, in order; the slips are always the first."""
        return (
            *((f"救灾物资调拨单{_several(self.slip_numbers)}",) if self.goods or not self.call_off_goods else ()),
            *((f"合同启用通知{_several(self.call_off_numbers)}",) if self.call_off_goods else ()),
            *(("运输计划",) if self.trips else ()),
            *(("接收点名单",) if self.delivery_points else ()),
        )

    @property
    def call_off_phrase(self) -> str:
        """What is called for by contract, in one phrase."""
        return goods_phrase(self.call_off_goods)


def _several(numbers: tuple[str, ...]) -> str:
    if not numbers:
        return ""
    several = f"等{len(numbers)}份" if len(numbers) > 1 else ""
    return f"（{numbers[0]}{several}）"


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """One lot of one item. The quantity actually loaded is left to the pen."""

    sku: str
    name: str
    unit: str
    quantity: int
    spec: str = ""
    gb_code: str = ""
    lot: LotLabel = UNLABELLED
    packages: int = 0
    mass_g: int = 0
    volume_cm3: int = 0
    unit_price_fen: int | None = None
    is_recoverable: bool = False
    note: str = ""
    packed: str = ""
    """The quantity in packages as well: `240 条 = 12 箱`."""

    @property
    def amount_fen(self) -> int | None:
        """Quantity times price."""
        return price_times(self.quantity, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over lines, in fen, g and cm³; `unpriced` lines are not in the amount."""

    kinds: int
    packages: int
    mass_g: int
    volume_cm3: int
    amount_fen: int
    unpriced: int


def allocation_sums(lines: tuple[AllocationLine, ...]) -> Sums:
    """What some lines of a slip come to; a page's lines as well as all of them."""
    return Sums(
        kinds=len({line.sku for line in lines}),
        packages=sum(line.packages for line in lines),
        mass_g=sum(line.mass_g for line in lines),
        volume_cm3=sum(line.volume_cm3 for line in lines),
        amount_fen=known_amount(lines),
        unpriced=unpriced(lines),
    )


@dataclass(frozen=True, slots=True)
class AllocationSlip:
    """F2 救灾物资调拨单: the goods of one instruction from one store to one place, lot by lot."""

    issuer: str
    instruction_number: str
    allocated_on: date
    incident: IncidentRef
    from_organisation: str
    from_site: str
    to_organisation: str
    to_site: str
    load_by: datetime
    arrive_by: datetime
    owner: str
    lines: tuple[AllocationLine, ...]
    transport_mode: str = ""
    fund_source: str = ""
    attachment_no: int = 1
    prepared: Signed | None = None
    reviewed: Signed | None = None
    approved: Signed | None = None
    note: str = ""

    @property
    def sums(self) -> Sums:
        """What the whole slip comes to."""
        return allocation_sums(self.lines)
