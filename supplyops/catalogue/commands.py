"""Keeping the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.kits import KitInput, KitPartInput
from supplyops.catalogue.packs import LadderInput, PackInput, Rung, faults, ladder_of
from supplyops.catalogue.rules import ItemInput, NeedClassInput, SubstituteInput
from supplyops.catalogue.tables import Item, KitPart, NeedClass, Pack, Substitute
from supplyops.database.registry import References, Saved, refuse_repeats, refuse_taken, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.kernel.pinyin import spelled
from supplyops.runtime import Context, command

FROZEN_AFTER_FIRST_MOVE = ("unit", "pack_quantity", "content_quantity", "content_unit")
"""What quantities in the books are counted in, and what papers have said is in a package."""


@command(Permission.CATALOGUE_EDIT)
def save_need_classes(ctx: Context, inputs: Sequence[NeedClassInput]) -> Saved:
    """Add or change rungs of the ladder of urgency."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    refuse_repeats([(item.rank,) for item in inputs], "rank")
    rows = [asdict(item) for item in inputs]
    refuse_taken(ctx.session, NeedClass, rows, by="code", unique=("rank",), field="rank")
    ranks = {item.code: item.rank for item in inputs}
    moving = [
        row
        for row in ctx.session.scalars(select(NeedClass).where(NeedClass.code.in_(ranks)))
        if row.rank != ranks[row.code]
    ]
    for row in moving:
        row.rank = -row.rank
    ctx.session.flush()  # rungs that change places must not meet on the way
    return save_rows(ctx.session, NeedClass, rows, by=("code",), new_id=None)


@command(Permission.CATALOGUE_EDIT)
def save_items(ctx: Context, inputs: Sequence[ItemInput]) -> Saved:
    """Add or change items by sku. Once stock of an item has moved, its unit and what its package holds stay as they are.

    Raises InvalidInput `unit_frozen`, or what is wrong with the ladder of packages that would come out.
    """
    refuse_repeats([(item.sku,) for item in inputs], "sku")
    classes = References(ctx.session, NeedClass, [item.need_class for item in inputs])
    for place, item in enumerate(inputs):
        classes.find(place, "need_class", item.need_class)
    classes.done()
    _refuse_frozen(ctx, inputs)
    rows = []
    for item in inputs:
        row = asdict(item) | {"hazard_tags": list(item.hazard_tags)}
        pinyin, initials = spelled(item.name)
        rows.append(row | {"pinyin": pinyin[:300], "initials": initials[:60]})
    return save_rows(ctx.session, Item, rows, by=("sku",), new_id=ctx.new_id)


def _refuse_frozen(ctx: Context, inputs: Sequence[ItemInput]) -> None:
    """Compare with the items as they are, holding those that would change their units so that no first move slips in."""
    statement = select(Item).where(Item.sku.in_([item.sku for item in inputs]))
    known = {row.sku: row for row in ctx.session.scalars(statement)}
    errors: list[FieldError] = []
    for place, item in enumerate(inputs):
        row = known.get(item.sku)
        changed = [
            name for name in FROZEN_AFTER_FIRST_MOVE if row is not None and getattr(row, name) != getattr(item, name)
        ]
        if row is None or not changed:
            continue
        ctx.session.refresh(row, with_for_update=True)
        if row.first_moved_at is not None:
            errors += [
                FieldError(
                    f"{place}.{name}", "unit_frozen", {"sku": row.sku, "name": row.name, "was": getattr(row, name)}
                )
                for name in changed
            ]
            continue
        ladder = ladder_of(item.unit, item.pack_quantity, item.pack_unit, _rungs(ctx, row.id))
        errors += [FieldError(f"{place}.pack_quantity", code, params) for _, code, params in faults(ladder)]
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.INTERNAL)
def note_first_move(ctx: Context, item_ids: Collection[UUID]) -> None:
    """The ledger tells that stock of these items moves; the first time is remembered and freezes their units."""
    fresh = select(Item).where(Item.id.in_(item_ids), Item.first_moved_at.is_(None)).order_by(Item.id).with_for_update()
    for item in ctx.session.scalars(fresh.execution_options(populate_existing=True)):
        item.first_moved_at = ctx.now


@command(Permission.CATALOGUE_EDIT)
def save_packs(ctx: Context, inputs: Sequence[PackInput]) -> Saved:
    """Add or change rungs of items' ladders. What a rung holds stays once stock of the item has moved.

    Raises InvalidInput where a package would not hold a whole number of the next smaller one.
    """
    refuse_repeats([(item.sku, item.unit) for item in inputs], "unit")
    items = References(ctx.session, Item, [item.sku for item in inputs], column="sku")
    for place, item in enumerate(inputs):
        items.find(place, "sku", item.sku)
    items.done()
    _refuse_bad_ladders(ctx, inputs, items)
    rows = [
        {
            "item_id": items[item.sku].id,
            "unit": item.unit,
            "contains": item.contains,
            "mass_g": item.mass_g,
            "volume_cm3": item.volume_cm3,
        }
        for item in inputs
    ]
    return save_rows(ctx.session, Pack, rows, by=("item_id", "unit"), new_id=ctx.new_id)


@command(Permission.CATALOGUE_EDIT)
def define_ladder(ctx: Context, ladder: LadderInput) -> Saved:
    """Say all rungs of one item. A rung that is not named goes, unless stock has moved; a refusal names the form's rows."""
    inputs = [PackInput(ladder.sku, rung.unit, rung.contains, rung.mass_g, rung.volume_cm3) for rung in ladder.rungs]
    item = ctx.session.scalars(select(Item).where(Item.sku == ladder.sku)).one_or_none()
    if item is None:
        raise NotFound("item", sku=ladder.sku)
    ctx.session.refresh(item, with_for_update=True)
    named = {each.unit for each in inputs}
    gone = [row for row in ctx.session.scalars(select(Pack).where(Pack.item_id == item.id)) if row.unit not in named]
    if gone and item.first_moved_at is not None:
        params: dict[str, object] = {"sku": item.sku, "name": item.name, "was": f"{gone[0].contains} {gone[0].unit}"}
        raise InvalidInput(fields=(FieldError("rungs", "unit_frozen", params),))
    for row in gone:
        ctx.session.delete(row)
    ctx.session.flush()  # the rungs that stay are looked at without those that went
    try:
        saved = save_packs(ctx, inputs)
    except InvalidInput as error:
        moved = tuple(FieldError(f"rungs.{each.field}", each.code, each.params) for each in error.fields)
        raise InvalidInput(fields=moved) from None
    return saved + Saved(changed=len(gone))


def _refuse_bad_ladders(ctx: Context, inputs: Sequence[PackInput], items: References[Item]) -> None:
    errors: list[FieldError] = []
    for sku in sorted({item.sku for item in inputs}):
        item = items[sku]
        places = {(each.sku, each.unit): place for place, each in enumerate(inputs)}
        rungs = {rung.unit: rung for rung in _rungs(ctx, item.id)}
        for each in inputs:
            if each.sku != sku:
                continue
            before = rungs.get(each.unit)
            if before is not None and before.contains != each.contains:
                ctx.session.refresh(item, with_for_update=True)
                if item.first_moved_at is not None:
                    params: dict[str, object] = {"sku": sku, "name": item.name, "was": before.contains}
                    errors.append(FieldError(f"{places[sku, each.unit]}.contains", "unit_frozen", params))
            rungs[each.unit] = Rung(each.unit, each.contains)
        ladder = ladder_of(item.unit, item.pack_quantity, item.pack_unit, list(rungs.values()))
        errors += [
            FieldError(f"{places.get((sku, unit), 0)}.contains", code, params) for unit, code, params in faults(ladder)
        ]
    if errors:
        raise InvalidInput(fields=tuple(errors))


def _rungs(ctx: Context, item_id: UUID) -> list[Rung]:
    rows = ctx.session.scalars(select(Pack).where(Pack.item_id == item_id))
    return [Rung(row.unit, row.contains, row.mass_g, row.volume_cm3) for row in rows]


@command(Permission.CATALOGUE_EDIT)
def save_kits(ctx: Context, inputs: Sequence[KitPartInput]) -> Saved:
    """Say what kits are made of. The rows of a kit are all of it: a part that is not among them is in it no more.

    Kits built before keep what they were built of. Raises InvalidInput for a kit inside a kit.
    """
    refuse_repeats([(item.kit_sku, item.part_sku) for item in inputs], "part_sku")
    codes = [code for item in inputs for code in (item.kit_sku, item.part_sku)]
    items = References(ctx.session, Item, codes, column="sku")
    for place, item in enumerate(inputs):
        items.find(place, "kit_sku", item.kit_sku)
        items.find(place, "part_sku", item.part_sku)
    items.done()
    kit_ids = {items[item.kit_sku].id for item in inputs}
    _refuse_nested(ctx, inputs, items, kit_ids)
    rows = [
        {
            "kit_id": items[item.kit_sku].id,
            "part_id": items[item.part_sku].id,
            "quantity": item.quantity,
            "note": item.note,
        }
        for item in inputs
    ]
    kept = {(row["kit_id"], row["part_id"]) for row in rows}
    gone = [
        row
        for row in ctx.session.scalars(select(KitPart).where(KitPart.kit_id.in_(kit_ids)))
        if (row.kit_id, row.part_id) not in kept
    ]
    for row in gone:
        ctx.session.delete(row)
    saved = save_rows(ctx.session, KitPart, rows, by=("kit_id", "part_id"), new_id=ctx.new_id)
    trimmed = min(len({row.kit_id for row in gone}), saved.unchanged)  # a kit that lost a part has changed by one row
    return saved + Saved(changed=trimmed, unchanged=-trimmed)


def _refuse_nested(ctx: Context, inputs: Sequence[KitPartInput], items: References[Item], kit_ids: set[UUID]) -> None:
    """A kit is made of plain items: one level, so that what lies on the shelf can be counted."""
    others = ctx.session.scalars(select(KitPart).where(KitPart.kit_id.not_in(kit_ids))).all()
    kits = kit_ids | {row.kit_id for row in others}
    parts = {items[item.part_sku].id for item in inputs} | {row.part_id for row in others}
    errors = []
    for place, item in enumerate(inputs):
        if items[item.part_sku].id in kits:
            errors.append(FieldError(f"{place}.part_sku", "kit_in_kit", {"value": item.part_sku}))
        elif items[item.kit_sku].id in parts:
            errors.append(FieldError(f"{place}.kit_sku", "kit_in_kit", {"value": item.kit_sku}))
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.CATALOGUE_EDIT)
def define_kit(ctx: Context, kit: KitInput) -> Saved:
    """Say what one kit is made of; a refusal names the rows of its own form."""
    try:
        return save_kits(ctx, [KitPartInput(kit.sku, part.sku, part.quantity, part.note) for part in kit.parts])
    except InvalidInput as error:
        names = {"part_sku": "sku", "kit_sku": "sku"}
        moved = []
        for each in error.fields:
            place, _, name = each.field.partition(".")
            moved.append(FieldError(f"parts.{place}.{names.get(name, name)}", each.code, each.params))
        raise InvalidInput(fields=tuple(moved)) from None


@command(Permission.CATALOGUE_EDIT)
def save_substitutes(ctx: Context, inputs: Sequence[SubstituteInput]) -> Saved:
    """Add or change which item may stand in for which."""
    refuse_repeats([(item.sku, item.substitute_sku) for item in inputs], "substitute_sku")
    items = References(
        ctx.session, Item, [code for item in inputs for code in (item.sku, item.substitute_sku)], column="sku"
    )
    for place, item in enumerate(inputs):
        items.find(place, "sku", item.sku)
        items.find(place, "substitute_sku", item.substitute_sku)
    items.done()
    rows = [
        {
            "item_id": items[item.sku].id,
            "substitute_id": items[item.substitute_sku].id,
            "item_quantity": item.item_quantity,
            "substitute_quantity": item.substitute_quantity,
            "note": item.note,
        }
        for item in inputs
    ]
    return save_rows(ctx.session, Substitute, rows, by=("item_id", "substitute_id"), new_id=ctx.new_id)
