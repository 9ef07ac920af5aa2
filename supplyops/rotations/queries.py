"""Reading rotations, and what is advised for goods that near their date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms.figures import number_or_shipped
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.rotations.rules import NEXT, NextStep, RotationChoice, RotationState
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.blocking import states_of
from supplyops.stock.rules import LotState, MoveReason
from supplyops.stock.tables import Lot, StockBalance, StockMove

USED_WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that could be done, and to whom."""

    choice: RotationChoice
    target: str = ""


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """Goods that near their date, nobody has spoken for them, and what could be done, the best first."""

    lot_number: str
    sku: str
    item_name: str
    spec: str
    unit: str
    owner_name: str
    site_code: str
    site_name: str
    location_code: str
    location_name: str
    expires_on: date
    days_left: int
    free: int
    value_fen: int
    lot_state: LotState
    suggestions: tuple[Suggestion, ...]
    open_rotation: str
    """The number of a rotation of the lot there that is not done yet."""


@query(Permission.STOCK_SEE)
def advice(ctx: Context, site_code: str = "") -> list[AdviceRow]:
    """What expires within the days that the office has set, the first to expire first; of one store or of all."""
    today = business_day(ctx.now)
    until = today + timedelta(days=number_or_shipped(ctx, "rotation.days"))
    rows = ctx.session.execute(
        also_showing(
            select(StockBalance, Lot, Item, Location, Site, Organisation.name)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Item, Item.id == StockBalance.item_id)
            .join(Location, Location.id == StockBalance.location_id)
            .join(Site, Site.id == StockBalance.site_id)
            .join(Organisation, Organisation.id == StockBalance.owner_id)
            .where(
                StockBalance.on_hand > StockBalance.reserved,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise.is_(False),
                Lot.expires_on <= until,
                *((Site.code == site_code,) if site_code else ()),
            )
            .order_by(Lot.expires_on, Lot.number, Location.code),
            Site,
        )
    ).all()
    states = states_of(ctx, {row[1].id for row in rows})
    users, sellers = _users(ctx, {row[2].id for row in rows}), _sellers(ctx, {row[2].id for row in rows})
    waiting = _waiting(ctx)
    found = []
    for balance, lot, item, place, site, owner in rows:
        assert lot.expires_on is not None
        free, left = balance.on_hand - balance.reserved, (lot.expires_on - today).days
        found.append(
            AdviceRow(
                lot.number, item.sku, item.name, item.spec, item.unit, owner, site.code, site.name, place.code,
                place.name, lot.expires_on, left,
                free, free * lot.unit_price_fen, states[lot.id],
                _suggestions(lot, site, left, states[lot.id], users.get(item.id, ()), sellers.get(item.id, ())),
                waiting.get((place.id, lot.id), ""),
            )
        )  # fmt: skip
    return found


def _suggestions(
    lot: Lot, site: Site, days_left: int, state: LotState, users: Sequence[tuple[UUID, str]], sellers: Sequence[str]
) -> tuple[Suggestion, ...]:
    """Past its date or damaged: written off. Recalled: back to the maker. Else where it is used, then what else there is."""
    back = Suggestion(RotationChoice.RETURN, lot.manufacturer)
    if state is LotState.RECALLED:
        return (back, Suggestion(RotationChoice.SCRAP))
    if days_left < 0 or state is LotState.DAMAGED:
        return (Suggestion(RotationChoice.SCRAP), Suggestion(RotationChoice.DOWNGRADE))
    found = [Suggestion(RotationChoice.SWAP, seller) for seller in sellers]
    found += [Suggestion(RotationChoice.TRANSFER, name) for site_id, name in users if site_id != site.id][:1]
    found += [Suggestion(RotationChoice.DRILL)]
    found += [back] if lot.manufacturer else []
    return (*found, Suggestion(RotationChoice.DOWNGRADE))


def _users(ctx: Context, items: set[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """For each item the places in reach that gave most of it out within a year, the most first."""
    source = select(Location.id, Location.site_id).where(Location.kind == LocationKind.STORAGE).subquery()
    used = func.sum(StockMove.quantity)
    rows = ctx.session.execute(
        select(StockMove.item_id, Site.id, Site.name, used)
        .join(source, source.c.id == StockMove.source_id)
        .join(Site, Site.id == source.c.site_id)
        .where(
            StockMove.item_id.in_(items),
            StockMove.reason == MoveReason.ISSUE,
            StockMove.reverses_id.is_(None),
            StockMove.occurred_at > ctx.now - USED_WITHIN,
        )
        .group_by(StockMove.item_id, Site.id, Site.name)
        .order_by(used.desc(), Site.name)
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for item, site, name, _ in rows:
        found.setdefault(item, []).append((site, name))
    return found


def _sellers(ctx: Context, items: set[UUID]) -> dict[UUID, list[str]]:
    """For each item who is under contract today to deliver it, and could take old goods for fresh ones."""
    today = business_day(ctx.now)
    rows = ctx.session.execute(
        select(ContractLine.item_id, Organisation.name, Contract.number)
        .join(Contract, Contract.id == ContractLine.contract_id)
        .join(Organisation, Organisation.id == Contract.supplier_id)
        .where(ContractLine.item_id.in_(items), Contract.valid_from <= today, Contract.valid_to >= today)
        .order_by(Contract.number)
    )
    found: dict[UUID, list[str]] = {}
    for item, name, number in rows:
        if item is not None:
            found.setdefault(item, []).append(f"{name} {number}")
    return found


def _waiting(ctx: Context) -> dict[tuple[UUID, UUID], str]:
    rows = ctx.session.scalars(
        select(Rotation).where(Rotation.state.in_([RotationState.PROPOSED, RotationState.APPROVED]))
    )
    return {(row.location_id, row.lot_id): row.number for row in rows}


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A rotation, and what carries it out."""

    id: UUID
    number: str
    state: RotationState
    choice: RotationChoice
    next_step: NextStep
    owner_id: UUID
    custodian_id: UUID
    owner_name: str
    site_name: str
    location_name: str
    lot_number: str
    sku: str
    item_name: str
    unit: str
    expires_on: date | None
    quantity: int
    value_fen: int
    target: str
    reason: str
    proposed_at: datetime
    proposed_by_id: UUID | None
    proposed_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    decision_note: str
    done_at: datetime | None
    done_by_name: str
    done_document: str


@query(Permission.STOCK_SEE)
def rotations(
    ctx: Context, state: RotationState | None = None, offset: int = 0, limit: int | None = None
) -> list[RotationRow]:
    """Rotations in reach, the newest first; all of them where no limit is said."""
    statement = _statement().order_by(Rotation.proposed_at.desc(), Rotation.number.desc()).offset(offset).limit(limit)
    return _rows(ctx, statement if state is None else statement.where(Rotation.state == state))


@query(Permission.STOCK_SEE)
def count_rotations(ctx: Context, state: RotationState | None = None, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = select(Rotation.id).where(*[Rotation.state == state] if state is not None else [])
    return int(ctx.session.scalar(counted(rows, most)) or 0)


@query(Permission.STOCK_SEE)
def rotation(ctx: Context, number: str) -> RotationRow:
    """One rotation by number or id."""
    found = _rows(ctx, _statement().where(named(Rotation, number)))
    if not found:
        raise NotFound("rotation", number=number)
    return found[0]


def _statement() -> Select[*tuple[Any, ...]]:
    return (
        select(Rotation, Organisation.name, Site.name, Location.name, Lot, Item)
        .join(Organisation, Organisation.id == Rotation.owner_id)
        .join(Site, Site.id == Rotation.site_id)
        .join(Location, Location.id == Rotation.location_id)
        .join(Lot, Lot.id == Rotation.lot_id)
        .join(Item, Item.id == Lot.item_id)
    )


def _rows(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[RotationRow]:
    taken = {
        "next_step",
        "owner_name",
        "site_name",
        "location_name",
        "lot_number",
        "sku",
        "item_name",
        "unit",
        "expires_on",
    }
    own = [name for name in RotationRow.__dataclass_fields__ if name not in taken | {"value_fen"}]
    return [
        RotationRow(
            **{name: getattr(row, name) for name in own},
            next_step=NEXT[row.choice],
            owner_name=owner,
            site_name=site,
            location_name=place,
            lot_number=lot.number,
            sku=item.sku,
            item_name=item.name,
            unit=item.unit,
            expires_on=lot.expires_on,
            value_fen=row.quantity * lot.unit_price_fen,
        )
        for row, owner, site, place, lot, item in ctx.session.execute(also_showing(statement, Site))
    ]
