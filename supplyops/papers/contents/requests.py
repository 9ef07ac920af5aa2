"""Asking: a supply request inside the chain of command (F14), a letter to bodies outside it (协调函)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import Contact, DeliveryPoint, Goods, IncidentRef, Signed, goods_phrase


@dataclass(frozen=True, slots=True)
class Situation:
    """The figures of one version of the disaster report. None: not reported."""

    version: int
    reported_at: datetime
    affected: int | None = None
    relocated: int | None = None
    in_need: int | None = None
    dead: int | None = None
    missing: int | None = None
    injured: int | None = None
    collapsed_rooms: int | None = None
    collapsed_households: int | None = None
    severe_rooms: int | None = None
    severe_households: int | None = None
    slight_rooms: int | None = None
    slight_households: int | None = None
    elderly: int | None = None
    children: int | None = None
    pregnant: int | None = None
    disabled: int | None = None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One item asked for: the computed need beside what is asked."""

    sku: str
    name: str
    unit: str
    needed: int
    requested: int
    due_at: datetime
    delivery_point: str
    spec: str = ""
    satisfied: int = 0
    need_class: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SupplyRequest:
    """F14 需求申请单. `own_stock_used` may be empty only where no higher level is asked."""

    requester: str
    requester_tier: str
    addressee: str
    contact: Contact
    requested_at: datetime
    urgency: str
    incident: IncidentRef
    situation: Situation
    lines: tuple[RequestLine, ...]
    delivery_point: DeliveryPoint
    reason: str
    area_code: str = ""
    background: str = ""
    own_stock_used: tuple[Goods, ...] = ()
    own_stock_note: str = ""
    attachments: tuple[str, ...] = ()
    prepared: Signed | None = None
    reviewed: Signed | None = None
    approved: Signed | None = None

    @property
    def kinds(self) -> int:
        """How many kinds of goods are asked for."""
        return len({line.sku for line in self.lines})


@dataclass(frozen=True, slots=True)
class LetterLine:
    """Goods a letter asks for."""

    name: str
    unit: str
    quantity: int
    due_at: datetime
    place: str
    spec: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CoordinationLetter:
    """协调函: asks a body outside the chain of command, in the letter format of GB/T 9704-2012.

    `paragraphs` replaces the standard body when the office wrote its own.
    """

    issuer: str
    addressees: tuple[str, ...]
    subject: str
    incident: IncidentRef
    lines: tuple[LetterLine, ...]
    signed_on: date
    title: str = ""
    urgency: str = ""
    background: str = ""
    transport: str = ""
    settlement: str = ""
    reply_by: datetime | None = None
    contacts: tuple[Contact, ...] = ()
    delivery_points: tuple[DeliveryPoint, ...] = ()
    paragraphs: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    note: str = ""
    copies_to: tuple[str, ...] = ()

    @property
    def full_title(self) -> str:
        """关于商请…的函, unless the office gave another title or wrote its subject as one."""
        is_whole = self.subject.startswith("关于") and self.subject.endswith("函")
        return self.title or (self.subject if is_whole else f"关于商请{self.subject.removeprefix('商请')}的函")

    @property
    def goods_phrase(self) -> str:
        """What is asked for, in one phrase."""
        return goods_phrase(tuple(Goods(line.name, line.unit, line.quantity, line.spec) for line in self.lines))
