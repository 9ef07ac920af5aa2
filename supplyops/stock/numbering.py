"""Numbered units: registering them where their goods lie, and their history, but for their moves, which the ledger writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import CHUNK
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_slip_number
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.stock.rules import AssetEventKind, AssetState
from supplyops.stock.tables import Asset, AssetEvent, Lot

TOLD = ("maker_number", "in_service_on", "warranty_until", "note")
"""What is written about a unit; where it is and what its meter says only change by what happens to it."""


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit of a lot at a place, to be registered."""

    serial_number: str
    item: Item
    lot: Lot
    location_id: UUID
    site: Site
    meter_hours: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)


def known_units(ctx: Context, item_ids: Collection[UUID], serials: Collection[str]) -> dict[tuple[UUID, str], Asset]:
    """Units registered under some serial numbers, wherever they are."""
    wanted = sorted(set(serials))
    found: dict[tuple[UUID, str], Asset] = {}
    for start in range(0, len(wanted), CHUNK):
        statement = select(Asset).where(
            Asset.item_id.in_(item_ids), Asset.serial_number.in_(wanted[start : start + CHUNK])
        )
        rows = ctx.session.scalars(unscoped(statement, "a serial number is there once, whoever has it"))
        found.update(((row.item_id, row.serial_number), row) for row in rows)
    return found


def has_left(ctx: Context, asset: Asset) -> bool:
    """Has the unit left the real places, so that it may come back?"""
    return ctx.session.get_one(Location, asset.location_id).kind not in REAL_KINDS


def register_unit(ctx: Context, unit: NewUnit, before: Asset | None, document: DocumentRef | None = None) -> Asset:
    """Register a unit, or one that had left and has come back (`before`)."""
    asset = before or Asset(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "asset_card", unit.site.area_code),
        item_id=unit.item.id,
        serial_number=unit.serial_number,
        state=AssetState.READY,
        defect="",
        follow_up_on=None,
        hold_id=None,
        holder_id=None,
        created_at=ctx.now,
    )
    asset.lot_id, asset.location_id = unit.lot.id, unit.location_id
    asset.owner_id, asset.custodian_id = unit.lot.owner_id, unit.site.organisation_id
    asset.picked_at, asset.picked_for = None, ""
    asset.meter_hours = max(unit.meter_hours, before.meter_hours if before else 0)
    for name in TOLD:
        nothing = "" if name in {"maker_number", "note"} else None
        setattr(asset, name, unit.told.get(name, getattr(before, name) if before else nothing))
    ctx.session.add(asset)
    ctx.session.flush()  # its history refers to it
    note(ctx, asset, AssetEventKind.REGISTERED, document=document)
    return asset


def note(
    ctx: Context,
    asset: Asset,
    kind: AssetEventKind,
    text: str = "",
    document: DocumentRef | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Write down that something happened to a unit."""
    ctx.session.add(
        AssetEvent(
            asset_id=asset.id,
            kind=kind,
            lot_id=asset.lot_id,
            location_id=asset.location_id,
            posting_id=None,
            line_no=None,
            document_kind=document.kind if document else "",
            document_id=document.id if document else None,
            document_number=document.number if document else "",
            happened_at=min(happened_at, ctx.now) if happened_at else ctx.now,
            recorded_at=ctx.now,
            actor_id=ctx.principal.user_id,
            actor_name=ctx.principal.name,
            note=text[:200],
        )
    )
