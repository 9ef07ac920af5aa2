"""What every store document is written with: the place and the owner by code, the document's row, its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.papers.commands import next_number, next_slip_number
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context
from supplyops.stock.backdating import is_late
from supplyops.stock.rules import StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Lot, StockDocument, StockDocumentLine


def site_named(ctx: Context, code: str, permission: Permission) -> Site:
    """The site with that code, where the actor may do this. Raises InvalidInput, Forbidden."""
    site = ctx.session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": code}),))
    ctx.require(permission, site.organisation_id)
    return site


def organisation_named(ctx: Context, field: str, code: str) -> Organisation:
    """The organisation with that code. Raises InvalidInput naming the field."""
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        raise InvalidInput(fields=(FieldError(field, "unknown_reference", {"value": code}),))
    return row


def locations_of(ctx: Context, site_id: UUID) -> list[Location]:
    """Every location of a site by code."""
    return list(ctx.session.scalars(select(Location).where(Location.site_id == site_id).order_by(Location.code)))


def entry_of(places: Sequence[Location], kind: LocationKind = LocationKind.STORAGE) -> Location | None:
    """Where goods first lie: the receiving area, else the first location of the kind."""
    fitting = sorted((place for place in places if place.kind is kind), key=lambda place: not place.is_receiving)
    return next(iter(fitting), None)


def storage_of(ctx: Context, site_id: UUID, kind: LocationKind = LocationKind.STORAGE) -> Location:
    """Where goods of a kind of place first lie at a site. Raises NotFound where there is none."""
    found = entry_of(locations_of(ctx, site_id), kind)
    if found is None:
        raise NotFound("location", site=str(site_id))
    return found


def new_document(
    ctx: Context,
    kind: StockDocumentKind,
    form: str,
    site: Site,
    counterpart: str,
    details: dict[str, Any],
    incident_id: UUID | None,
    occurred_at: datetime,
) -> StockDocument:
    """A document's row, numbered by its form's series, or by the site's own where no paper goes with it."""
    number = (
        next_slip_number(ctx, form, site.area_code)
        if form
        else f"YK-{site.code}-{next_number(ctx, 'YK', site.code, 'all'):05d}"
    )
    row = StockDocument(
        id=ctx.new_id(),
        number=number,
        kind=kind,
        state=StockDocumentState.POSTED,
        organisation_id=site.organisation_id,
        site_id=site.id,
        incident_id=incident_id,
        counterpart=counterpart,
        details=details,
        occurred_at=occurred_at,
        is_late=is_late(ctx, occurred_at),
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        reversed_at=None,
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    return row


def add_line(
    ctx: Context,
    document: StockDocument,
    line_no: int,
    lot: Lot,
    location_id: UUID | None,
    target_id: UUID | None,
    due: int,
    actual: int,
    rejected: int,
    note: str = "",
) -> StockDocumentLine:
    """One line of a document."""
    assert location_id is not None
    row = StockDocumentLine(
        id=ctx.new_id(),
        document_id=document.id,
        line_no=line_no,
        item_id=lot.item_id,
        lot_id=lot.id,
        location_id=location_id,
        target_id=target_id,
        due=due,
        actual=actual,
        rejected=rejected,
        details={"note": note} if note else {},
    )
    ctx.session.add(row)
    return row
