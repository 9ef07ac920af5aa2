"""Tables of supply requests and coordination letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.requests.rules import LetterState, RequestState, Urgency


class SupplyRequest(Base, Sealed, Scoped):
    """A supply request: who needs what, where, by when. Seen by the body that asks and the body that is asked."""

    __tablename__ = "supply_request"
    __table_args__ = (
        Index("ix_supply_request_incident_id", "incident_id", "state"),
        Index("ix_supply_request_created_at", "created_at", "number"),
        Index("ix_supply_request_state", "state", "created_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "addressee_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    version: Mapped[int]
    state: Mapped[RequestState] = mapped_column(Code(RequestState))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    addressee_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    urgency: Mapped[Urgency] = mapped_column(Code(Urgency))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    delivery_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    receiver: Mapped[str] = mapped_column(String(40))
    receiver_phone: Mapped[str] = mapped_column(String(40))
    vehicle_class_max: Mapped[int]
    road_note: Mapped[str] = mapped_column(String(200))
    receives_from: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(400))
    own_stock_used: Mapped[list[Any]]
    own_stock_note: Mapped[str] = mapped_column(String(400))
    report_version: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    review_note: Mapped[str] = mapped_column(String(400))
    ended_at: Mapped[datetime | None]


class SupplyRequestLine(Base, Sealed):
    """One item of a request. What happened to it is told by dispatch: approved, loaded, delivered."""

    __tablename__ = "supply_request_line"
    __table_args__ = (
        UniqueConstraint("request_id", "line_no"),
        CheckConstraint(
            "quantity > 0 AND accepted >= 0 AND approved >= 0 AND loaded >= 0 AND delivered >= 0", name="quantities"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    computed_need: Mapped[int] = mapped_column(BigInteger())
    already_met: Mapped[int] = mapped_column(BigInteger())
    quantity: Mapped[int] = mapped_column(BigInteger())
    class_rank: Mapped[int]
    severity: Mapped[int]
    persons: Mapped[int]
    protected_permille: Mapped[int]
    minimum_fill: Mapped[int] = mapped_column(BigInteger())
    allows_substitutes: Mapped[bool] = mapped_column(Boolean())
    latest_arrival_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200))
    accepted: Mapped[int] = mapped_column(BigInteger())
    approved: Mapped[int] = mapped_column(BigInteger())
    loaded: Mapped[int] = mapped_column(BigInteger())
    delivered: Mapped[int] = mapped_column(BigInteger())


class CoordinationLetter(Base, Sealed, Scoped):
    """A letter asking a body outside the chain of command; its answer is recorded, nothing of it is allocated."""

    __tablename__ = "coordination_letter"
    __table_args__ = (
        Index("ix_coordination_letter_incident_id", "incident_id"),
        Index("ix_coordination_letter_sent_at", "sent_at", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    document_number: Mapped[str] = mapped_column(String(80))
    state: Mapped[LetterState] = mapped_column(Code(LetterState))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    addressee_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    subject: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(String(2000))
    reply_by: Mapped[datetime]
    contact: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(40))
    oral: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime]
    sent_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(1000))
