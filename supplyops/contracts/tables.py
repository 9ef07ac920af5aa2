"""Tables of contracts and call-offs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.contracts.rules import CallOffState, Carrier, ContractType
from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code


class Contract(Base, Sealed, Scoped):
    """A pre-signed contract."""

    __tablename__ = "contract"
    __scope__: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    type: Mapped[ContractType] = mapped_column(Code(ContractType))
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    signed_on: Mapped[date | None]
    confirm_minutes: Mapped[int]
    lead_time_hours: Mapped[int]
    carrier: Mapped[Carrier] = mapped_column(Code(Carrier))
    supply_site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    contact: Mapped[str] = mapped_column(String(40))
    duty_phone: Mapped[str] = mapped_column(String(40))
    second_contact: Mapped[str] = mapped_column(String(40))
    acceptance_days: Mapped[int]
    late_penalty_permille: Mapped[int]
    verified_on: Mapped[date | None]
    terms: Mapped[str] = mapped_column(String(2000))
    source_mark: Mapped[str] = mapped_column(String(40))
    is_exercise: Mapped[bool] = mapped_column(Boolean())


class ContractLine(Base, Sealed):
    """What one line guarantees and how much of it has been called off."""

    __tablename__ = "contract_line"
    __table_args__ = (
        UniqueConstraint("contract_id", "line_no"),
        CheckConstraint("called >= 0 AND called <= guaranteed_quantity", name="called"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"))
    vehicle_type_code: Mapped[str] = mapped_column(String(40))
    spec: Mapped[str] = mapped_column(String(80))
    guaranteed_quantity: Mapped[int] = mapped_column(BigInteger())
    called: Mapped[int] = mapped_column(BigInteger())
    minimum_order: Mapped[int] = mapped_column(BigInteger())
    unit_price_fen: Mapped[int] = mapped_column(BigInteger())
    price_cap_fen: Mapped[int] = mapped_column(BigInteger())
    ramp: Mapped[list[Any]]

    @property
    def remaining(self) -> int:
        """What can still be called off."""
        return self.guaranteed_quantity - self.called


class CallOff(Base, Sealed, Scoped):
    """An order drawn on a contract."""

    __tablename__ = "call_off"
    __table_args__ = (
        Index("ix_call_off_contract_id", "contract_id"),
        Index("ix_call_off_incident_id", "incident_id"),
        Index("ix_call_off_notified_at", "notified_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[CallOffState] = mapped_column(Code(CallOffState))
    is_fetched: Mapped[bool] = mapped_column(Boolean())
    """A vehicle of ours loads it at the supplier's under a consignment; nothing is brought, nothing is taken in at a gate."""
    basis: Mapped[str] = mapped_column(String(200))
    cause_kind: Mapped[str] = mapped_column(String(40))
    cause_id: Mapped[UUID]
    cause_number: Mapped[str] = mapped_column(String(80))
    incident_id: Mapped[UUID | None]
    notice_method: Mapped[str] = mapped_column(String(20))
    notified_at: Mapped[datetime]
    notified_by_id: Mapped[UUID | None]
    confirm_by: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(80))
    ended_because: Mapped[str] = mapped_column(String(200))
    oral: Mapped[dict[str, Any]]


class CallOffItem(Base, Sealed):
    """One line of a call-off: called, promised by the supplier, received."""

    __tablename__ = "call_off_item"
    __table_args__ = (
        Index("ix_call_off_item_call_off_id", "call_off_id"),
        CheckConstraint(
            "quantity > 0 AND serves > 0 AND promised >= 0 AND promised <= quantity AND received >= 0", name="parts"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_off_id: Mapped[UUID] = mapped_column(ForeignKey("call_off.id"))
    contract_line_id: Mapped[UUID] = mapped_column(ForeignKey("contract_line.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    promised: Mapped[int] = mapped_column(BigInteger())
    received: Mapped[int] = mapped_column(BigInteger())
    serves: Mapped[int] = mapped_column(BigInteger())
    """Units of the item asked for that `quantity` stands for; differs only for a substitute."""
    delivery_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    due_at: Mapped[datetime]
    request_line_id: Mapped[UUID | None]
