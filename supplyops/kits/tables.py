"""Tables of kit work and of what is in a kit lot."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.kits.rules import KitWorkKind, KitWorkState


class KitWork(Base, Sealed, Scoped):
    """The document behind a conversion: kits built from parts, or broken into them."""

    __tablename__ = "kit_work"
    __table_args__ = (
        Index("ix_kit_work_site_id", "site_id", "created_at"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[KitWorkKind] = mapped_column(Code(KitWorkKind))
    state: Mapped[KitWorkState] = mapped_column(Code(KitWorkState))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    fund_source: Mapped[str] = mapped_column(String(40))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    reversed_at: Mapped[datetime | None]


class KitWorkLine(Base, AppendOnly, Sealed):
    """One leg of the conversion: so much of a lot, from or to a place. Kits stand among the lines like their parts."""

    __tablename__ = "kit_work_line"
    __table_args__ = (UniqueConstraint("kit_work_id", "line_no"), CheckConstraint("quantity > 0", name="quantity"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kit_work_id: Mapped[UUID] = mapped_column(ForeignKey("kit_work.id"))
    line_no: Mapped[int]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())


class KitContent(Base, AppendOnly, Sealed):
    """What every kit of a lot is made of: so many units of each part's lot. Written when the lot is built, never changed."""

    __tablename__ = "kit_content"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("kit_lot_id <> part_lot_id", name="two_lots"),
    )

    kit_lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    part_lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    quantity: Mapped[int]
