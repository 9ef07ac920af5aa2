"""Putting goods away: from the receiving area into the bin where they will be found."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock.commands import transfer
from supplyops.stock.documents import TransferInput, TransferLineInput
from supplyops.stock.space import Placing, check_placings
from supplyops.stock.tables import Lot
from supplyops.warehouse.rules import PutAwayInput
from supplyops.wording.labels import PUT_AWAY


@command(Permission.STOCK_MOVE)
def put_away(ctx: Context, move: PutAwayInput) -> UUID:
    """Move goods from the receiving area to a bin of the same store, as a transfer; returns the document's id.

    Raises InvalidInput for a bin without room or not made for the goods unless a reason is given, InsufficientStock.
    """
    places = References(ctx.session, Location, [move.from_code, move.to_code])
    lots = References(ctx.session, Lot, [move.lot_number], column="number")
    for field in ("from_code", "to_code"):
        places.find("", field, getattr(move, field))
    lots.find("", "lot_number", move.lot_number)
    _named(places, lots)
    source, target, lot = places[move.from_code], places[move.to_code], lots[move.lot_number]
    site = ctx.session.scalars(select(Site).where(Site.id == source.site_id)).one_or_none()
    if site is None or target.site_id != site.id:
        raise InvalidInput(fields=(FieldError("to_code", "other_site", {"value": target.code}),))
    ctx.require(Permission.STOCK_MOVE, site.organisation_id)
    if not source.is_receiving:
        raise InvalidInput(fields=(FieldError("from_code", "not_receiving", {"value": source.code}),))
    if target.kind is not LocationKind.STORAGE or target.is_receiving:
        raise InvalidInput(fields=(FieldError("to_code", "not_a_bin", {"value": target.code}),))
    item = ctx.session.get_one(Item, lot.item_id)
    check_placings(ctx, [Placing("reason", target, item, move.quantity, move.reason)])
    line = TransferLineInput(lot.number, source.code, target.code, move.quantity)
    return transfer(ctx, TransferInput(site.code, f"{PUT_AWAY} {move.reason}".strip(), (line,)))


def _named(*references: References[Location] | References[Lot]) -> None:
    """Raise InvalidInput for codes that do not exist, each under its own field."""
    errors = [error for found in references for error in found.errors]
    if errors:
        raise InvalidInput(
            fields=tuple(FieldError(error.field.removeprefix("."), error.code, error.params) for error in errors)
        )
