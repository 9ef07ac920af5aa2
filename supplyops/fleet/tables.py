"""Tables of vehicle types and vehicles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.fleet.rules import VehicleState


class VehicleType(Base, Sealed):
    """A type of vehicle."""

    __tablename__ = "vehicle_type"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    size_class: Mapped[int]
    payload_g: Mapped[int]
    volume_cm3: Mapped[int] = mapped_column(BigInteger())
    gross_mass_kg: Mapped[int]
    speed_urban_kmh: Mapped[int]
    speed_plain_kmh: Mapped[int]
    speed_mountain_kmh: Mapped[int]
    speed_snow_kmh: Mapped[int]
    is_snow_capable: Mapped[bool] = mapped_column(Boolean())
    height_cm: Mapped[int]
    can_ford: Mapped[bool] = mapped_column(Boolean())
    is_refrigerated: Mapped[bool] = mapped_column(Boolean())
    is_heated: Mapped[bool] = mapped_column(Boolean())
    tow_capacity_g: Mapped[int]
    fixed_cost_fen: Mapped[int]
    cost_per_km_fen: Mapped[int]
    cost_per_hour_fen: Mapped[int]
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))


class Vehicle(Base, Sealed, Scoped):
    """A vehicle with its base and driver."""

    __tablename__ = "vehicle"
    __table_args__ = (Index("ix_vehicle_base_site_id", "base_site_id"),)
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plate: Mapped[str] = mapped_column(String(12), unique=True)
    type_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle_type.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    base_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    driver: Mapped[str] = mapped_column(String(40))
    driver_phone: Mapped[str] = mapped_column(String(40))
    second_driver: Mapped[str] = mapped_column(String(40))
    state: Mapped[VehicleState] = mapped_column(Code(VehicleState))
    ready_minutes: Mapped[int]
    contract_number: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))
