"""Numbered units go where their goods go: a posting carries assets along, or is refused until it says which.

At each real place lie at least as many units of a lot as assets of it. Units without a number go first; what a posting names,
then what was picked beforehand, goes with it; numbered units that nobody named go only where there is no choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.places.rules import REAL_KINDS
from supplyops.runtime import Context, unscoped
from supplyops.stock.rules import AssetEventKind, AssetState, Leg, Place, Posting, net_changes
from supplyops.stock.tables import Asset, AssetEvent, StockBalance

Key = tuple[UUID, UUID]


@dataclass(slots=True)
class _Carrying:
    """One posting's work: what lies where while its legs are followed one by one."""

    ctx: Context
    posting: Posting
    places: Mapping[UUID, Place]
    lots: Mapping[UUID, Row[Any]]
    assets: list[Asset]
    units: dict[Key, int]
    """(location, lot) -> units there, before the leg at hand."""
    carried_before: Mapping[int, frozenset[UUID]]
    """For a reversal: line -> what the original carried."""
    moved: set[UUID] = field(default_factory=set)

    def follow(self, line_no: int, leg: Leg) -> None:
        """Move what goes with one leg."""
        going = self._named(line_no, leg)
        if self.places[leg.source_id].kind in REAL_KINDS:
            going += self._without_choice(leg, going)
            self.units[leg.source_id, leg.lot_id] -= leg.quantity
        for asset in going:
            self._move(asset, line_no, leg)
        if self.places[leg.target_id].kind in REAL_KINDS:
            key = (leg.target_id, leg.lot_id)
            self.units[key] = self.units.get(key, 0) + leg.quantity

    def _named(self, line_no: int, leg: Leg) -> list[Asset]:
        """What must go: taken back by a reversal, named by the posting, turned into this lot, picked beforehand."""
        named, carried = set(self.posting.asset_ids), self.carried_before.get(line_no, frozenset())
        parent = self.lots[leg.lot_id].parent_lot_id
        first, then = [], []
        for asset in self.assets:
            if asset.location_id != leg.source_id:
                continue
            if (
                asset.id in carried
                or (asset.lot_id == parent and asset.id in self.moved)
                or (asset.lot_id == leg.lot_id and asset.id in named)
            ):
                first.append(asset)
            elif asset.lot_id == leg.lot_id and asset.picked_at is not None and not named:
                then.append(asset)
        then.sort(key=lambda asset: (asset.picked_at, asset.serial_number))
        return (first + then)[: leg.quantity]

    def _without_choice(self, leg: Leg, going: list[Asset]) -> list[Asset]:
        here = [a for a in self.assets if (a.location_id, a.lot_id) == (leg.source_id, leg.lot_id)]
        without_number = self.units[leg.source_id, leg.lot_id] - len(here)
        missing = leg.quantity - len(going) - without_number
        if missing <= 0:
            return []
        free = [asset for asset in here if asset not in going and asset.state is AssetState.READY]
        if len(free) == missing:
            return free
        raise Conflict(
            "assets_not_named",
            lot=self.lots[leg.lot_id].number,
            location=self.places[leg.source_id].name,
            quantity=leg.quantity,
            registered=len(here),
            missing=missing,
        )

    def _move(self, asset: Asset, line_no: int, leg: Leg) -> None:
        ctx, posting = self.ctx, self.posting
        asset.lot_id, asset.location_id = leg.lot_id, leg.target_id
        asset.owner_id = self.lots[leg.lot_id].owner_id
        asset.custodian_id = self.places[leg.target_id].keeper_id
        asset.picked_at, asset.picked_for = None, ""
        self.moved.add(asset.id)
        ctx.session.add(
            AssetEvent(
                asset_id=asset.id,
                kind=AssetEventKind.MOVED,
                lot_id=leg.lot_id,
                location_id=leg.target_id,
                posting_id=posting.id,
                line_no=line_no,
                document_kind=posting.document.kind,
                document_id=posting.document.id,
                document_number=posting.document.number,
                happened_at=min(posting.occurred_at, ctx.now),
                recorded_at=ctx.now,
                actor_id=ctx.principal.user_id,
                actor_name=ctx.principal.name,
                note=posting.note,
            )
        )


def carry(
    ctx: Context,
    posting: Posting,
    places: Mapping[UUID, Place],
    lots: Mapping[UUID, Row[Any]],
) -> list[Asset]:
    """Let the assets of the posting's lots follow its legs; the balances are changed already.

    Returns those out of order that lie at a real place now: their units are to be held there. Raises Conflict
    `assets_not_named` where numbered units would have to go and nobody said which.
    """
    assets = _assets(ctx, lots)
    if unknown := set(posting.asset_ids) - {asset.id for asset in assets}:
        raise InvalidInput(fields=(FieldError("asset_ids", "asset_elsewhere", {"value": str(min(unknown))}),))
    if not assets:
        return []
    work = _Carrying(ctx, posting, places, lots, assets, _units_before(ctx, posting), _carried_before(ctx, posting))
    numbered = list(enumerate(posting.legs, start=1))
    for line_no, leg in reversed(numbered) if posting.reverses_id else numbered:
        work.follow(line_no, leg)
    if left := set(posting.asset_ids) - work.moved:
        raise InvalidInput(fields=(FieldError("asset_ids", "asset_elsewhere", {"value": _number(assets, left)}),))
    return [
        asset
        for asset in assets
        if asset.id in work.moved
        and asset.state is AssetState.OUT_OF_ORDER
        and places[asset.location_id].kind in REAL_KINDS
    ]


def _number(assets: list[Asset], ids: set[UUID]) -> str:
    return min(asset.number for asset in assets if asset.id in ids)


def _assets(ctx: Context, lots: Mapping[UUID, Row[Any]]) -> list[Asset]:
    """Every asset of these lots and of the lots they came from, held against other writers."""
    wanted = set(lots) | {lot.parent_lot_id for lot in lots.values() if lot.parent_lot_id is not None}
    statement = (
        select(Asset)
        .where(Asset.lot_id.in_(wanted))
        .order_by(Asset.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    ctx.session.flush()  # what this command changed of an asset must not be read back as it was
    return list(ctx.session.scalars(unscoped(statement, "goods take their numbers along, whoever moves them")))


def _units_before(ctx: Context, posting: Posting) -> dict[Key, int]:
    changes = net_changes(posting.legs)
    keys = {(place, leg.lot_id) for leg in posting.legs for place in (leg.source_id, leg.target_id)}
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance.location_id, StockBalance.lot_id, StockBalance.on_hand).where(
                StockBalance.lot_id.in_({lot for _, lot in keys}),
                StockBalance.location_id.in_({place for place, _ in keys}),
            ),
            "what lies there decides, whoever sees it",
        )
    )
    after = {(row.location_id, row.lot_id): row.on_hand for row in rows}
    return {key: after.get(key, 0) - changes.get(key, 0) for key in keys}


def _carried_before(ctx: Context, posting: Posting) -> dict[int, frozenset[UUID]]:
    if posting.reverses_id is None:
        return {}
    rows = ctx.session.execute(
        select(AssetEvent.line_no, AssetEvent.asset_id).where(AssetEvent.posting_id == posting.reverses_id)
    )
    found: dict[int, set[UUID]] = {}
    for line_no, asset_id in rows:
        found.setdefault(line_no or 0, set()).add(asset_id)
    return {line_no: frozenset(ids) for line_no, ids in found.items()}
