"""Keeping norms and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References, Saved, refuse_repeats, refuse_taken, save_rows
from supplyops.kernel.access import Permission
from supplyops.norms.rules import NeedNormInput, ParameterInput, ReserveNormInput, ThresholdInput
from supplyops.norms.tables import NeedNorm, Parameter, ReserveNorm, Threshold
from supplyops.runtime import Context, command


def _items(ctx: Context, skus: Sequence[str]) -> References[Item]:
    items = References(ctx.session, Item, skus, column="sku")
    for place, sku in enumerate(skus):
        items.find(place, "sku", sku)
    items.done()
    return items


@command(Permission.NORMS_EDIT)
def save_need_norms(ctx: Context, inputs: Sequence[NeedNormInput]) -> Saved:
    """Add or change need norms by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    items = _items(ctx, [item.sku for item in inputs])
    rows = []
    for item in inputs:
        row = asdict(item) | {"item_id": items[item.sku].id, "hazards": list(item.hazards)}
        del row["sku"]
        rows.append(row)
    return save_rows(ctx.session, NeedNorm, rows, by=("code",), new_id=ctx.new_id)


@command(Permission.NORMS_EDIT)
def save_reserve_norms(ctx: Context, inputs: Sequence[ReserveNormInput]) -> Saved:
    """Add or change reserve norms by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    refuse_repeats([(item.sku, item.level.value) for item in inputs], "level")
    items = _items(ctx, [item.sku for item in inputs])
    rows = []
    for item in inputs:
        row = asdict(item) | {"item_id": items[item.sku].id}
        del row["sku"]
        rows.append(row)
    refuse_taken(ctx.session, ReserveNorm, rows, by="code", unique=("item_id", "level"), field="level")
    return save_rows(ctx.session, ReserveNorm, rows, by=("code",), new_id=ctx.new_id)


@command(Permission.NORMS_EDIT)
def save_thresholds(ctx: Context, inputs: Sequence[ThresholdInput]) -> Saved:
    """Add or change response thresholds by level and criterion."""
    refuse_repeats([(item.response_level, item.criterion) for item in inputs], "criterion")
    return save_rows(
        ctx.session, Threshold, [asdict(item) for item in inputs], by=("response_level", "criterion"), new_id=ctx.new_id
    )


@command(Permission.NORMS_EDIT)
def save_parameters(ctx: Context, inputs: Sequence[ParameterInput]) -> Saved:
    """Add or change parameters by key and first day."""
    refuse_repeats([(item.key, item.effective_from) for item in inputs], "key")
    return save_rows(
        ctx.session, Parameter, [asdict(item) for item in inputs], by=("key", "effective_from"), new_id=ctx.new_id
    )


@command(Permission.INTERNAL)
def add_missing_parameters(ctx: Context, inputs: Sequence[ParameterInput]) -> tuple[str, ...]:
    """Add the parameters that have no value yet; what anybody has set stays. Returns the keys that were added."""
    present = set(ctx.session.scalars(select(Parameter.key)))
    missing = [item for item in inputs if item.key not in present]
    save_rows(
        ctx.session, Parameter, [asdict(item) for item in missing], by=("key", "effective_from"), new_id=ctx.new_id
    )
    return tuple(item.key for item in missing)
