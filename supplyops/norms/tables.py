"""Tables of norms, thresholds and parameters."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Sealed
from supplyops.database.types import Code
from supplyops.norms.rules import DayRule, Driver, ReserveMethod, Season
from supplyops.people.rules import Level


class NeedNorm(Base, Sealed):
    """How much of an item one unit of a driver needs."""

    __tablename__ = "need_norm"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    season: Mapped[Season] = mapped_column(Code(Season))
    driver: Mapped[Driver] = mapped_column(Code(Driver))
    amount_numerator: Mapped[int] = mapped_column(BigInteger())
    amount_denominator: Mapped[int] = mapped_column(BigInteger())
    day_rule: Mapped[DayRule] = mapped_column(Code(DayRule))
    hazards: Mapped[list[str]]
    minimum: Mapped[int]
    elevation_min_m: Mapped[int | None]
    source_mark: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))


class ReserveNorm(Base, Sealed):
    """How much of an item a level should keep."""

    __tablename__ = "reserve_norm"
    __table_args__ = (UniqueConstraint("item_id", "level"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    level: Mapped[Level] = mapped_column(Code(Level))
    quantity_per_thousand: Mapped[int]
    floor_permille: Mapped[int]
    method: Mapped[ReserveMethod | None] = mapped_column(Code(ReserveMethod))
    fixed_quantity: Mapped[int] = mapped_column(BigInteger())
    summer_permille: Mapped[int]
    winter_permille: Mapped[int]
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))


class Threshold(Base, Sealed):
    """One criterion of a response level."""

    __tablename__ = "threshold"
    __table_args__ = (UniqueConstraint("response_level", "criterion"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    response_level: Mapped[int]
    criterion: Mapped[str] = mapped_column(String(40))
    minimum: Mapped[int]
    source_mark: Mapped[str] = mapped_column(String(20))


class Parameter(Base, Sealed):
    """A figure used by a rule, from a day on."""

    __tablename__ = "parameter"
    __table_args__ = (UniqueConstraint("key", "effective_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(20))
    source_mark: Mapped[str] = mapped_column(String(20))
    effective_from: Mapped[date]
    editable_by: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))
