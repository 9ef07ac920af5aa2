"""What a posting asks before it writes: its places with the heads of their chains, which are locked, and its lots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import FromClause, Row, Select, Uuid, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from supplyops.audit.chain import HEADS, locking, take_head
from supplyops.catalogue.tables import Item
from supplyops.database.base import table_of
from supplyops.database.prepared import Prepared
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location, Site
from supplyops.stock.blocking import state_in_force
from supplyops.stock.freezing import frozen_now
from supplyops.stock.tables import Asset, LocationFreeze, Lot, StockMove

_M, _P, _S, _L, _I, _A = map(table_of, (StockMove, Location, Site, Lot, Item, Asset))
_IDS = bindparam("ids", expanding=True, type_=Uuid())
_IS_REAL = _P.c.kind.in_(sorted(REAL_KINDS))
_JOURNAL = func.replace(_P.c.shard, "stock:", "journal:")


def _finding_places(heads: FromClause, journals: FromClause) -> Select[Any]:
    """Places with who keeps them, whether the posting is in the books already, and the heads of their warehouse's two chains."""
    head_of = _P.outerjoin(_S, _S.c.id == _P.c.site_id).outerjoin(heads, and_(_IS_REAL, heads.c.shard == _P.c.shard))
    return (
        select(
            _P.c.id,
            _P.c.name,
            _P.c.kind,
            _P.c.shard,
            _P.c.site_id,
            _S.c.organisation_id,
            exists().where(_M.c.posting_id == bindparam("posting", type_=Uuid())).label("is_posted"),
            *(heads.c[name] for name in ("seq", "hash", "recorded_at")),
            *(journals.c[name].label(f"journal_{name}") for name in ("seq", "hash", "recorded_at")),
        )
        .select_from(head_of.outerjoin(journals, and_(_IS_REAL, journals.c.shard == _JOURNAL)))
        .where(_P.c.id.in_(_IDS))
    )


_REAL = select(_P.c.shard).where(_P.c.id.in_(_IDS), _IS_REAL)
_LOCKED = locking(_REAL.union_all(_REAL.with_only_columns(_JOURNAL))).cte("locked")
FIND_PLACES = Prepared(
    _finding_places(_LOCKED, _LOCKED.alias()),
    on_sqlite=_finding_places(HEADS, HEADS.alias()),
    lists=("ids",),
)
"""Locks the heads as well, in sorted order; what it says of the places is from before."""
FIND_SITES = Prepared(select(_S.c.id, _S.c.organisation_id).where(_S.c.id.in_(_IDS)), lists=("ids",))
FIND_LOTS = Prepared(
    select(
        _L.c.id,
        _L.c.number,
        _L.c.item_id,
        _L.c.owner_id,
        _L.c.fund_source,
        _L.c.parent_lot_id,
        _L.c.is_exercise,
        _L.c.expires_on,
        _I.c.first_moved_at.is_(None).label("is_first_move"),
        state_in_force().label("state"),
        exists().where(_A.c.lot_id.in_([_L.c.id, _L.c.parent_lot_id])).label("is_numbered"),
        frozen_now()
        .where(LocationFreeze.location_id.in_(bindparam("places", expanding=True, type_=Uuid())))
        .exists()
        .label("is_still"),
    )
    .join_from(_L, _I, _I.c.id == _L.c.item_id)
    .where(_L.c.id.in_(_IDS)),
    lists=("ids", "places"),
)
"""The lots of a posting with what has to be looked at closer: an item's first move, a lot's state, numbered units; and whether
one of its places stands still."""


def journal_of(shard: str) -> str:
    """The journal's chain beside a warehouse's."""
    return shard.replace("stock:", "journal:")


def take_heads(session: Session, places: Iterable[Row[Any]]) -> None:
    """Remember the heads that were locked with the places."""
    for row in places:
        if row.seq is not None:
            take_head(session, row.shard, row.seq, row.hash, row.recorded_at)
        if row.journal_seq is not None:
            take_head(session, journal_of(row.shard), row.journal_seq, row.journal_hash, row.journal_recorded_at)
