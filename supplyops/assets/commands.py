"""Registering numbered units, saying which of them go with the next goods, planning their upkeep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import func, select

from supplyops.assets.finding import numbered_units
from supplyops.assets.rules import AssetInput, AssetPlanInput
from supplyops.assets.tables import AssetPlan
from supplyops.catalogue.tables import Item
from supplyops.database.registry import References, Saved, refuse_repeats, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import FieldError, InvalidInput, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import ledger
from supplyops.stock.numbering import TOLD, NewUnit, has_left, known_units, note, register_unit
from supplyops.stock.rules import AssetEventKind, AssetState
from supplyops.stock.tables import Asset, Lot, StockBalance

Place = tuple[UUID, UUID]


@command(Permission.ASSETS_KEEP)
def save_assets(ctx: Context, inputs: Sequence[AssetInput]) -> Saved:
    """Register units of lots that lie at places, or correct what is written about them; item and serial number tell them apart.

    A unit that has left the real places (used up, recovered later) may be registered again where it lies now.
    Raises InvalidInput where the item is not serial-tracked, or more units would be registered than lie there.
    """
    refuse_repeats([(each.sku, each.serial_number) for each in inputs], "serial_number")
    places = References(ctx.session, Location, [each.location_code for each in inputs])
    items = References(ctx.session, Item, [each.sku for each in inputs], column="sku")
    lots = References(ctx.session, Lot, [each.lot_number for each in inputs], column="number")
    for row, each in enumerate(inputs):
        places.find(row, "location_code", each.location_code)
        items.find(row, "sku", each.sku)
        lots.find(row, "lot_number", each.lot_number)
    places.done(items, lots)
    ledger.lock_places(ctx, sorted({places[each.location_code].id for each in inputs}))
    known = known_units(ctx, {items[each.sku].id for each in inputs}, {each.serial_number for each in inputs})
    added = changed = 0
    fresh: list[tuple[int, AssetInput]] = []
    for row, each in enumerate(inputs):
        asset = known.get((items[each.sku].id, each.serial_number))
        if asset is None or _may_return(ctx, asset, places[each.location_code], lots[each.lot_number]):
            fresh.append((row, each))
            added += 1
        else:
            changed += _correct(ctx, row, asset, each, lots[each.lot_number], places[each.location_code])
    sites = _stores(ctx, fresh, places)
    _check_room(ctx, fresh, items, lots, places)
    for row, each in fresh:
        item, lot, place = items[each.sku], lots[each.lot_number], places[each.location_code]
        told = {name: getattr(each, name) for name in TOLD}
        unit = NewUnit(each.serial_number, item, lot, place.id, sites[row], each.meter_hours, told)
        asset = register_unit(ctx, unit, known.get((item.id, each.serial_number)))
        ctx.about("asset", asset.id, asset.number)
    ctx.session.flush()  # whoever asks next in this command must find them
    return Saved(added, changed, len(inputs) - added - changed)


def _may_return(ctx: Context, asset: Asset, place: Location, lot: Lot) -> bool:
    """Has the unit left the real places, and is it registered somewhere else now?"""
    return has_left(ctx, asset) and (asset.location_id, asset.lot_id) != (place.id, lot.id)


def _correct(ctx: Context, row: int, asset: Asset, each: AssetInput, lot: Lot, place: Location) -> int:
    if (asset.lot_id, asset.location_id) != (lot.id, place.id):
        raise InvalidInput(
            fields=(FieldError(f"{row}.serial_number", "asset_elsewhere", {"value": each.serial_number}),)
        )
    if each.meter_hours < asset.meter_hours:
        raise InvalidInput(
            fields=(FieldError(f"{row}.meter_hours", "meter_backwards", {"minimum": asset.meter_hours}),)
        )
    differing = {name: getattr(each, name) for name in TOLD if getattr(asset, name) != getattr(each, name)}
    if each.meter_hours != asset.meter_hours:
        differing["meter_hours"] = each.meter_hours
    if not differing:
        return 0
    ctx.require(Permission.ASSETS_KEEP, asset.custodian_id or asset.owner_id)
    for name, value in differing.items():
        setattr(asset, name, value)
    note(ctx, asset, AssetEventKind.CHANGED)
    return 1


def _check_room(
    ctx: Context,
    fresh: Sequence[tuple[int, AssetInput]],
    items: References[Item],
    lots: References[Lot],
    places: References[Location],
) -> None:
    """Each unit stands for one that lies there; goods of another item or untracked ones have no numbers."""
    wanted: Counter[Place] = Counter()
    last: dict[Place, int] = {}
    errors = []
    for row, each in fresh:
        item, lot = items[each.sku], lots[each.lot_number]
        if not item.is_serial_tracked:
            errors.append(FieldError(f"{row}.sku", "not_serial_tracked", {"value": f"{item.sku} {item.name}"}))
        if lot.item_id != item.id:
            errors.append(FieldError(f"{row}.lot_number", "lot_of_other_item", {"value": lot.number}))
        key = (places[each.location_code].id, lot.id)
        wanted[key] += 1
        last[key] = row
    for key, count in wanted.items():
        lying, registered = _counts(ctx, key)
        if registered + count > lying:
            params = {"lying": lying, "registered": registered, "more": count}
            errors.append(FieldError(f"{last[key]}.serial_number", "more_assets_than_stock", params))
    if errors:
        raise InvalidInput(fields=tuple(errors))


def _counts(ctx: Context, key: Place) -> tuple[int, int]:
    """(units lying at a place of a lot, units registered there)."""
    location_id, lot_id = key
    lying = select(StockBalance.on_hand).where(StockBalance.location_id == location_id, StockBalance.lot_id == lot_id)
    registered = select(func.count()).select_from(Asset).where(Asset.location_id == location_id, Asset.lot_id == lot_id)
    because = "what lies there decides; who may register is checked by the place"
    return (
        int(ctx.session.scalar(unscoped(lying, because)) or 0),
        int(ctx.session.scalar(unscoped(registered, because)) or 0),
    )


def _stores(ctx: Context, fresh: Sequence[tuple[int, AssetInput]], places: References[Location]) -> dict[int, Site]:
    """row -> the site it is registered at, each checked for the right to keep assets there."""
    ids = {places[each.location_code].site_id for _, each in fresh}
    statement = unscoped(select(Site).where(Site.id.in_(ids)), "each is checked before anything is registered there")
    sites = {site.id: site for site in ctx.session.scalars(statement)}
    for site in sites.values():
        ctx.require(Permission.ASSETS_KEEP, site.organisation_id)
    found: dict[int, Site] = {}
    for row, each in fresh:
        site_id = places[each.location_code].site_id
        if site_id is None:
            value = {"value": each.location_code}
            raise InvalidInput(fields=(FieldError(f"{row}.location_code", "not_in_a_store", value),))
        found[row] = sites[site_id]
    return found


@command(Permission.ASSETS_KEEP)
def pick_assets(ctx: Context, asset_numbers: Sequence[str], purpose: str) -> int:
    """Say which units go with the next goods of their lots that leave where they lie; returns how many.

    Raises WrongState for one that is handed out.
    """
    check = Checks()
    check.text("purpose", purpose, length_max=80)
    check.done()
    assets = numbered_units(ctx, asset_numbers, "asset_numbers")
    for asset in assets:
        ctx.require(Permission.ASSETS_KEEP, asset.custodian_id or asset.owner_id)
        if asset.state is AssetState.LENT:
            raise WrongState("asset", asset.state.value, AssetState.READY.value)
        ledger.free_unit(ctx, asset)
        asset.picked_at, asset.picked_for = ctx.now, purpose
        note(ctx, asset, AssetEventKind.PICKED, purpose)
    if assets:
        ctx.about("asset", assets[0].id, assets[0].number, assets=len(assets))
    return len(assets)


@command(Permission.ASSETS_KEEP)
def put_back_assets(ctx: Context, asset_numbers: Sequence[str]) -> int:
    """Units that were picked stay after all; returns how many."""
    assets = [each for each in numbered_units(ctx, asset_numbers, "asset_numbers") if each.picked_at is not None]
    for asset in assets:
        ctx.require(Permission.ASSETS_KEEP, asset.custodian_id or asset.owner_id)
        asset.picked_at, asset.picked_for = None, ""
        if asset.state is AssetState.OUT_OF_ORDER:
            ledger.hold_unit(ctx, asset, DocumentRef("asset", asset.id, asset.number))
        note(ctx, asset, AssetEventKind.CHANGED)
    if assets:
        ctx.about("asset", assets[0].id, assets[0].number, assets=len(assets))
    return len(assets)


@command(Permission.CATALOGUE_EDIT)
def save_asset_plans(ctx: Context, inputs: Sequence[AssetPlanInput]) -> Saved:
    """Add or change how often units of an item are worked on; item, kind and name tell plans apart."""
    refuse_repeats([(each.sku, each.kind, each.name) for each in inputs], "name")
    items = References(ctx.session, Item, [each.sku for each in inputs], column="sku")
    for row, each in enumerate(inputs):
        items.find(row, "sku", each.sku)
    items.done()
    untracked = [row for row, each in enumerate(inputs) if not items[each.sku].is_serial_tracked]
    if untracked:
        row = untracked[0]
        value = f"{inputs[row].sku} {items[inputs[row].sku].name}"
        raise InvalidInput(fields=(FieldError(f"{row}.sku", "not_serial_tracked", {"value": value}),))
    rows = []
    for each in inputs:
        row_values = asdict(each)
        row_values["item_id"] = items[row_values.pop("sku")].id
        rows.append(row_values)
    return save_rows(ctx.session, AssetPlan, rows, by=("item_id", "kind", "name"), new_id=ctx.new_id)
