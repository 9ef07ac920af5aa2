"""Tables of items, need classes and substitutes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.catalogue.rules import GbMajor, LoadGroup, Purpose
from supplyops.database.base import Base, Sealed
from supplyops.database.types import Code
from supplyops.kernel.keeping import StorageClass


class NeedClass(Base, Sealed):
    """A rung of the ladder of urgency."""

    __tablename__ = "need_class"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    rank: Mapped[int] = mapped_column(unique=True)


class Item(Base, Sealed):
    """A kind of goods with one base unit."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("pack_quantity > 0", name="pack_quantity"),
        CheckConstraint("unit_mass_g > 0 AND unit_volume_cm3 > 0", name="size"),
        Index("ix_item_initials", "initials"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str] = mapped_column(String(300))
    initials: Mapped[str] = mapped_column(String(60))
    spec: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(10))
    gb_major: Mapped[GbMajor] = mapped_column(Code(GbMajor))
    gb_code: Mapped[str] = mapped_column(String(7))
    purpose: Mapped[Purpose] = mapped_column(Code(Purpose))
    need_class: Mapped[str] = mapped_column(ForeignKey("need_class.code"))
    hazard_tags: Mapped[list[str]]
    pack_quantity: Mapped[int]
    pack_unit: Mapped[str] = mapped_column(String(10))
    is_splittable: Mapped[bool] = mapped_column(Boolean())
    unit_mass_g: Mapped[int]
    unit_volume_cm3: Mapped[int]
    shelf_life_days: Mapped[int | None]
    service_life_months: Mapped[int | None]
    storage_class: Mapped[StorageClass] = mapped_column(Code(StorageClass))
    is_recoverable: Mapped[bool] = mapped_column(Boolean())
    is_halal: Mapped[bool] = mapped_column(Boolean())
    load_group: Mapped[LoadGroup] = mapped_column(Code(LoadGroup))
    needs_warmth: Mapped[bool] = mapped_column(Boolean())
    needs_refrigeration: Mapped[bool] = mapped_column(Boolean())
    is_towed: Mapped[bool] = mapped_column(Boolean())
    is_serial_tracked: Mapped[bool] = mapped_column(Boolean())
    """Each unit has a number of its own: see the assets room."""
    content_quantity: Mapped[int]
    content_unit: Mapped[str] = mapped_column(String(20))
    reference_price_fen: Mapped[int] = mapped_column(BigInteger())
    standard: Mapped[str] = mapped_column(String(40))
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    first_moved_at: Mapped[datetime | None]
    """When stock of it first moved, told by the ledger: from then on its units mean what they meant."""


class Pack(Base, Sealed):
    """A rung of an item's ladder of packages above its own package: a carton, a pallet."""

    __tablename__ = "pack"
    __table_args__ = (UniqueConstraint("item_id", "unit"), CheckConstraint("contains > 1", name="contains"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    unit: Mapped[str] = mapped_column(String(10))
    contains: Mapped[int]
    mass_g: Mapped[int | None] = mapped_column(BigInteger())
    volume_cm3: Mapped[int | None] = mapped_column(BigInteger())


class KitPart(Base, Sealed):
    """So many units of an item in one kit of another."""

    __tablename__ = "kit_part"
    __table_args__ = (
        UniqueConstraint("kit_id", "part_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("kit_id <> part_id", name="two_items"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kit_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]
    note: Mapped[str] = mapped_column(String(200))


class Substitute(Base, Sealed):
    """Another item that may stand in, with its ratio."""

    __tablename__ = "substitute"
    __table_args__ = (UniqueConstraint("item_id", "substitute_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    substitute_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    item_quantity: Mapped[int]
    substitute_quantity: Mapped[int]
    note: Mapped[str] = mapped_column(String(200))
