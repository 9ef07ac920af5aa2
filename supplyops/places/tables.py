"""Tables of areas, sites, locations and roads."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.kernel.keeping import StorageClass
from supplyops.people.rules import Level
from supplyops.places.rules import LocationKind, RoadStatus, SiteKind, Terrain


class Area(Base, Sealed):
    """An administrative division."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[Level] = mapped_column(Code(Level))
    parent_code: Mapped[str] = mapped_column(String(20))
    population: Mapped[int | None]
    elevation_m: Mapped[int | None]
    lat_e6: Mapped[int | None]
    lon_e6: Mapped[int | None]
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))


class Site(Base, Sealed, Scoped):
    """A place with an address; `organisation_id` is the body that keeps it (custodian)."""

    __tablename__ = "site"
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[SiteKind] = mapped_column(Code(SiteKind))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    level: Mapped[Level] = mapped_column(Code(Level))
    road_node: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(80))
    lat_e6: Mapped[int | None]
    lon_e6: Mapped[int | None]
    capacity_cm3: Mapped[int | None] = mapped_column(BigInteger())
    loading_bays: Mapped[int]
    vehicle_class_max: Mapped[int]
    is_heated: Mapped[bool] = mapped_column(Boolean())
    contact: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(40))
    shelter_capacity: Mapped[int]
    has_water: Mapped[bool] = mapped_column(Boolean())
    has_power: Mapped[bool] = mapped_column(Boolean())
    has_sewage: Mapped[bool] = mapped_column(Boolean())
    has_toilets: Mapped[bool] = mapped_column(Boolean())
    source_mark: Mapped[str] = mapped_column(String(40))
    is_active: Mapped[bool] = mapped_column(Boolean())


class Location(Base, Sealed):
    """A place that can hold stock: inside a site, on the road (one per consignment), or virtual (one per kind)."""

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint(
            "kind NOT IN ('storage', 'quarantine', 'team') OR site_id IS NOT NULL", name="site_of_real_place"
        ),
        Index("ix_location_site_id", "site_id"),
        Index("ix_location_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[LocationKind] = mapped_column(Code(LocationKind))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    shard: Mapped[str] = mapped_column(String(80))
    """The ledger shard: the warehouse's own, for transit that of the warehouse the goods left, empty for virtual places."""
    zone: Mapped[str] = mapped_column(String(20))
    shelf: Mapped[str] = mapped_column(String(20))
    bin: Mapped[str] = mapped_column(String(20))
    capacity_cm3: Mapped[int | None] = mapped_column(BigInteger())
    storage_class: Mapped[StorageClass | None] = mapped_column(Code(StorageClass))
    is_receiving: Mapped[bool] = mapped_column(Boolean())
    walk_rank: Mapped[int | None]
    document_kind: Mapped[str | None] = mapped_column(String(40))
    document_id: Mapped[UUID | None]


class RoadNode(Base, Sealed):
    """A point of the road graph."""

    __tablename__ = "road_node"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    lat_e6: Mapped[int]
    lon_e6: Mapped[int]
    source_mark: Mapped[str] = mapped_column(String(20))


class Road(Base, Sealed):
    """A stretch of road between two points of the graph."""

    __tablename__ = "road"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    from_code: Mapped[str] = mapped_column(ForeignKey("road_node.code"))
    to_code: Mapped[str] = mapped_column(ForeignKey("road_node.code"))
    length_m: Mapped[int]
    terrain: Mapped[Terrain] = mapped_column(Code(Terrain))
    is_two_way: Mapped[bool] = mapped_column(Boolean())
    winter_factor_permille: Mapped[int]
    is_snow_prone: Mapped[bool] = mapped_column(Boolean())
    vehicle_class_max: Mapped[int]
    bridge_limit_kg: Mapped[int | None]
    closed_months: Mapped[list[Any]]
    height_limit_cm: Mapped[int | None]
    is_ford: Mapped[bool] = mapped_column(Boolean())
    is_towing_barred: Mapped[bool] = mapped_column(Boolean())
    is_convoy_only: Mapped[bool] = mapped_column(Boolean())
    shape: Mapped[str] = mapped_column(Text())
    """Points passed between the ends, as `RoadInput.shape`."""
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))


class RoadReport(Base, AppendOnly, Sealed):
    """What was reported of a road; the newest report in force says how the road is."""

    __tablename__ = "road_report"
    __table_args__ = (Index("ix_road_report_road_id", "road_id", "seq"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    road_id: Mapped[UUID] = mapped_column(ForeignKey("road.id"))
    status: Mapped[RoadStatus] = mapped_column(Code(RoadStatus))
    vehicle_class_max: Mapped[int | None]
    snow_vehicles_only: Mapped[bool] = mapped_column(Boolean())
    reason: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
