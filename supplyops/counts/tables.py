"""Tables of counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.counts.rules import CountKind, CountReason, CountState, GoodsQuality
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code


class StockCount(Base, Sealed, Scoped):
    """A count of a store, or of a part of it."""

    __tablename__ = "stock_count"
    __table_args__ = (Index("ix_stock_count_site_id", "site_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[CountKind] = mapped_column(Code(CountKind))
    state: Mapped[CountState] = mapped_column(Code(CountState))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    is_blind: Mapped[bool] = mapped_column(Boolean())
    is_frozen: Mapped[bool] = mapped_column(Boolean())
    base_at: Mapped[datetime]
    scope: Mapped[dict[str, Any]]
    """What narrowed the count, as it was asked for."""
    note: Mapped[str] = mapped_column(String(200))
    counter_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    counter_name: Mapped[str] = mapped_column(String(40))
    witness_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    witness_name: Mapped[str] = mapped_column(String(40))
    witnessed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    created_by_name: Mapped[str] = mapped_column(String(80))
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    submitted_by_name: Mapped[str] = mapped_column(String(80))
    share_permille: Mapped[int | None]
    """How large the differences were found to be, when the count was submitted."""
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_by_name: Mapped[str] = mapped_column(String(80))
    decision_note: Mapped[str] = mapped_column(String(200))


class StockCountPlace(Base, Sealed):
    """A place that a count covers."""

    __tablename__ = "stock_count_place"
    __table_args__ = (Index("ix_stock_count_place_location_id", "location_id"),)

    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)


class StockCountLine(Base, Sealed):
    """One lot at one place: what the books say, what was found. Found goods have no lot until they are posted."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "line_no"),
        CheckConstraint("base_quantity >= 0 AND (book IS NULL OR book >= 0)", name="books"),
        CheckConstraint("(counted IS NULL OR counted >= 0) AND (recounted IS NULL OR recounted >= 0)", name="figures"),
        CheckConstraint(
            "recounted_by_id IS NULL OR counted_by_id IS NULL OR recounted_by_id <> counted_by_id",
            name="recounted_by_another",
        ),
        Index("ix_stock_count_line_lot_id", "lot_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id"))
    line_no: Mapped[int]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    is_found: Mapped[bool] = mapped_column(Boolean())
    found: Mapped[dict[str, Any]]
    """What is known of found goods without a lot, to make one of them."""
    base_quantity: Mapped[int] = mapped_column(BigInteger())
    """What the books said at the base time."""
    book: Mapped[int | None] = mapped_column(BigInteger())
    """What the books say of the moment at which it was counted; reckoned when the count is submitted."""
    counted: Mapped[int | None] = mapped_column(BigInteger())
    counted_at: Mapped[datetime | None]
    counted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    counted_by_name: Mapped[str] = mapped_column(String(80))
    is_late: Mapped[bool] = mapped_column(Boolean())
    """The figure that counts was written up later than it was found."""
    needs_recount: Mapped[bool] = mapped_column(Boolean())
    recounted: Mapped[int | None] = mapped_column(BigInteger())
    recounted_at: Mapped[datetime | None]
    recounted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recounted_by_name: Mapped[str] = mapped_column(String(80))
    quality: Mapped[GoodsQuality] = mapped_column(Code(GoodsQuality))
    note: Mapped[str] = mapped_column(String(120))
    reason: Mapped[CountReason | None] = mapped_column(Code(CountReason))
    reason_note: Mapped[str] = mapped_column(String(120))
    explained_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))

    @property
    def final(self) -> int | None:
        """What counts: the figure of whoever counted last."""
        return self.counted if self.recounted is None else self.recounted

    @property
    def final_at(self) -> datetime | None:
        """When that was."""
        return self.counted_at if self.recounted is None else self.recounted_at

    @property
    def difference(self) -> int:
        """Surplus above zero, shortage below; zero until it is known."""
        return 0 if self.final is None or self.book is None else self.final - self.book


class StockCountEntry(Base, AppendOnly, Sealed):
    """Every figure that anybody entered for a line, whatever became of it."""

    __tablename__ = "stock_count_entry"
    __table_args__ = (Index("ix_stock_count_entry_line_id", "line_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count_line.id"))
    is_recount: Mapped[bool] = mapped_column(Boolean())
    quantity: Mapped[int] = mapped_column(BigInteger())
    counted_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    entered_by_name: Mapped[str] = mapped_column(String(80))


class StockCountHit(Base, AppendOnly, Sealed):
    """An order whose hold was cut because what it held is not there."""

    __tablename__ = "stock_count_hit"
    __table_args__ = (Index("ix_stock_count_hit_count_id", "count_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count_line.id"))
    reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservation.id"))
    document_kind: Mapped[str] = mapped_column(String(40))
    document_number: Mapped[str] = mapped_column(String(80))
    quantity: Mapped[int] = mapped_column(BigInteger())
    hit_at: Mapped[datetime]
