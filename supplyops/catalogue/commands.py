"""Keeping the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import select

from supplyops.catalogue.rules import ItemInput, NeedClassInput, SubstituteInput
from supplyops.catalogue.tables import Item, NeedClass, Substitute
from supplyops.database.registry import References, Saved, refuse_repeats, refuse_taken, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict
from supplyops.runtime import Context, command

FROZEN_AFTER_FIRST_MOVE = frozenset({"unit"})


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
    """Add or change items by sku. The unit of an existing item stays: quantities already counted are in it."""
    refuse_repeats([(item.sku,) for item in inputs], "sku")
    classes = References(ctx.session, NeedClass, [item.need_class for item in inputs])
    for place, item in enumerate(inputs):
        classes.find(place, "need_class", item.need_class)
    classes.done()
    rows = []
    for item in inputs:
        row = asdict(item) | {"hazard_tags": list(item.hazard_tags)}
        row["pinyin"] = "".join(lazy_pinyin(item.name))[:300].lower()
        row["initials"] = "".join(lazy_pinyin(item.name, style=Style.FIRST_LETTER))[:60].lower()
        rows.append(row)
    return save_rows(ctx.session, Item, rows, by=("sku",), new_id=ctx.new_id, on_change=_keep_unit)


def _keep_unit(item: Item, differing: Mapping[str, Any]) -> None:
    frozen = sorted(FROZEN_AFTER_FIRST_MOVE & set(differing))
    if frozen:
        raise Conflict("unit_frozen", sku=item.sku, name=item.name)


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
