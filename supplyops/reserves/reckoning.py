"""Reckoning adequacy: what should be at each place, what is, what is missing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.queries import ladders
from supplyops.catalogue.tables import Item
from supplyops.kernel.errors import NotFound
from supplyops.norms.targets import Target, Targets
from supplyops.people.rules import Level
from supplyops.reserves.places import Place, Places
from supplyops.reserves.rules import Yardstick, coverage_of, gap_of, pallets_of, permille_of
from supplyops.reserves.supply import Amounts, supply_of
from supplyops.reserves.views import AdequacyFilter, AdequacyRow
from supplyops.runtime import Context

_NOTHING = Amounts()


def place_named(ctx: Context, level: Level, area_code: str) -> Place:
    """A visible place. Raises NotFound."""
    found = next((each for each in Places(ctx).visible(ctx) if each.key == (level, area_code)), None)
    if found is None:
        raise NotFound("reserve_place", area=area_code)
    return found


def yardstick(targets: Targets) -> Yardstick:
    """From the parameters in force. Raises NotFound."""
    return Yardstick(*(targets.number(f"reserve.{name}") for name in Yardstick.__dataclass_fields__))


def all_items(ctx: Context) -> dict[UUID, Item]:
    """The catalogue by id, in the order of its codes."""
    return {item.id: item for item in ctx.session.scalars(select(Item).order_by(Item.sku))}


def rows_of(ctx: Context, where: AdequacyFilter, targets: Targets) -> list[AdequacyRow]:
    """Every item that a visible place should keep or has, by place, then item."""
    places, stick, items, packing = Places(ctx), yardstick(targets), all_items(ctx), ladders(ctx)
    good_after = where.good_until or targets.day + timedelta(days=stick.horizon_days)
    signed_on = where.good_until or targets.day
    supply = supply_of(ctx, places, targets.day, good_after, signed_on, stick.contract_hours)
    found = []
    for place in places.visible(ctx):
        if (where.level and place.level is not where.level) or (where.area_code and place.area_code != where.area_code):
            continue
        wanted = set(targets.items_at(place.level)) | {item_id for key, item_id in supply if key == place.key}
        for item_id, item in items.items():
            if item_id in wanted and _asked(item, where):
                amounts = supply.get((place.key, item_id), _NOTHING)
                # No target where a figure is missing: the row is grey, as for an item without a norm.
                target = targets.known(place.level, place.area_code, item_id, where.season)
                found.append(row_of(place, item, amounts, target, stick, packing[item.sku].per_pallet))
    return [row for row in found if where.colour is None or row.colour is where.colour]


def _asked(item: Item, where: AdequacyFilter) -> bool:
    return (
        (not where.sku or item.sku == where.sku)
        and (not where.tag or where.tag in item.hazard_tags)
        and (not where.need_class or item.need_class == where.need_class)
        and (where.gb_major is None or item.gb_major is where.gb_major)
    )


def row_of(
    place: Place,
    item: Item,
    amounts: Amounts,
    target: Target | None,
    stick: Yardstick,
    per_pallet: int | None,
) -> AdequacyRow:
    """One item at one place, measured."""
    quantity = target.quantity if target else 0
    counted = amounts.usable + stick.weighted(amounts.contract, amounts.social)
    coverage, gap = coverage_of(counted, quantity), gap_of(counted, quantity)
    return AdequacyRow(
        level=place.level,
        area_code=place.area_code,
        place_name=place.name,
        sku=item.sku,
        item_name=item.name,
        spec=item.spec,
        unit=item.unit,
        need_class=item.need_class,
        gb_major=item.gb_major,
        hazard_tags=tuple(item.hazard_tags),
        target=quantity,
        floor=target.floor if target else 0,
        persons=target.persons if target else 0,
        method=target.method if target else None,
        source_marks=target.source_marks if target else (),
        usable=amounts.usable,
        own=amounts.own,
        delegated=amounts.delegated,
        contract=amounts.contract,
        social=amounts.social,
        reserved=amounts.reserved,
        expiring=amounts.expiring,
        expired=amounts.expired,
        quarantined=amounts.quarantined,
        held=amounts.held,
        coverage_permille=permille_of(coverage),
        colour=stick.colour(coverage),
        gap=gap,
        gap_cost_fen=gap * item.reference_price_fen,
        gap_volume_cm3=gap * item.unit_volume_cm3,
        gap_pallets=pallets_of(gap, per_pallet, item.unit_volume_cm3, stick.pallet_cm3),
        is_below_floor=target is not None and amounts.usable < target.floor,
    )
