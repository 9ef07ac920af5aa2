"""The table of take-overs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import AppendOnly, Base, Scoped, Sealed


class TakeOver(Base, AppendOnly, Sealed, Scoped):
    """Stock that one claim lost to a more urgent one, with the ranks of both as they were. Belongs to the goods' owner."""

    __tablename__ = "take_over"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_take_over_loser_id", "loser_reservation_id"),
        Index("ix_take_over_winner_id", "winner_reservation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    loser_reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservation.id"))
    loser_number: Mapped[str] = mapped_column(String(80))
    loser_rank: Mapped[dict[str, Any]]
    winner_reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservation.id"))
    winner_line_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request_line.id"))
    winner_number: Mapped[str] = mapped_column(String(80))
    winner_rank: Mapped[dict[str, Any]]
    ranked_by: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(BigInteger())
    because: Mapped[str] = mapped_column(String(200))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[UUID | None]
    taken_by_name: Mapped[str] = mapped_column(String(80))
