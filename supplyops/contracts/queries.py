"""Reading contracts and call-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.contracts.rules import CallOffState, Carrier, ContractType, Ramp
from supplyops.contracts.tables import CallOff, CallOffItem, Contract, ContractLine
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query, unscoped


@dataclass(frozen=True, slots=True)
class ContractLineRow:
    """What one line guarantees and what is left."""

    id: UUID
    line_no: int
    item_id: UUID | None
    sku: str
    item_name: str
    unit: str
    vehicle_type: str
    spec: str
    guaranteed_quantity: int
    called: int
    minimum_order: int
    unit_price_fen: int
    price_cap_fen: int
    ramp: tuple[Ramp, ...]

    @property
    def remaining(self) -> int:
        """What can still be called off."""
        return self.guaranteed_quantity - self.called


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract with its lines."""

    id: UUID
    number: str
    title: str
    type: ContractType
    supplier_id: UUID
    supplier_code: str
    supplier_name: str
    buyer_id: UUID
    buyer_code: str
    buyer_name: str
    valid_from: date
    valid_to: date
    signed_on: date | None
    confirm_minutes: int
    lead_time_hours: int
    carrier: Carrier
    supply_site_id: UUID | None
    supply_site_code: str
    contact: str
    duty_phone: str
    second_contact: str
    acceptance_days: int
    late_penalty_permille: int
    verified_on: date | None
    terms: str
    source_mark: str
    is_exercise: bool
    lines: tuple[ContractLineRow, ...]


@dataclass(frozen=True, slots=True)
class CallOffItemRow:
    """One line of a call-off."""

    id: UUID
    contract_line_id: UUID
    line_no: int
    """Counted within the call-off: one line of the contract may go to several places."""
    sku: str
    item_name: str
    unit: str
    spec: str
    quantity: int
    promised: int
    received: int
    serves: int
    unit_price_fen: int
    delivery_site_id: UUID
    delivery_site_name: str
    due_at: datetime
    request_line_id: UUID | None


@dataclass(frozen=True, slots=True)
class CallOffRow:
    """A call-off with its lines."""

    id: UUID
    number: str
    contract_id: UUID
    contract_number: str
    contract_title: str
    contract_type: ContractType
    supplier_id: UUID
    supplier_name: str
    buyer_id: UUID
    buyer_name: str
    state: CallOffState
    is_fetched: bool
    """Our own vehicles fetch it at the supplier's (自提)."""
    basis: str
    cause_kind: str
    cause_id: UUID
    cause_number: str
    incident_id: UUID | None
    notice_method: str
    notified_at: datetime
    confirm_by: datetime
    confirmed_at: datetime | None
    confirmed_by: str
    ended_because: str
    oral: dict[str, Any]
    items: tuple[CallOffItemRow, ...]


_Supplier = aliased(Organisation)
_Buyer = aliased(Organisation)


@query(Permission.CONTRACTS_SEE)
def contracts(ctx: Context, in_force_on: date | None = None) -> list[ContractRow]:
    """Contracts in reach with their lines, by number."""
    statement = (
        select(Contract, _Supplier, _Buyer, Site.code)
        .join(_Supplier, _Supplier.id == Contract.supplier_id)
        .join(_Buyer, _Buyer.id == Contract.buyer_id)
        .outerjoin(Site, Site.id == Contract.supply_site_id)
        .order_by(Contract.number)
    )
    if in_force_on is not None:
        statement = statement.where(Contract.valid_from <= in_force_on, Contract.valid_to >= in_force_on)
    rows = ctx.session.execute(also_showing(statement, Site)).all()
    lines = _lines(ctx, [row[0].id for row in rows])
    taken = {"supplier_code", "supplier_name", "buyer_code", "buyer_name", "supply_site_code", "lines"}
    return [
        ContractRow(
            **{name: getattr(contract, name) for name in ContractRow.__dataclass_fields__ if name not in taken},
            supplier_code=supplier.code,
            supplier_name=supplier.name,
            buyer_code=buyer.code,
            buyer_name=buyer.name,
            supply_site_code=site_code or "",
            lines=tuple(lines.get(contract.id, ())),
        )
        for contract, supplier, buyer, site_code in rows
    ]


@query(Permission.CONTRACTS_SEE)
def contract(ctx: Context, number: str) -> ContractRow:
    """One contract by number."""
    found = next((row for row in contracts(ctx) if row.number == number), None)
    if found is None:
        raise NotFound("contract", number=number)
    return found


def _lines(ctx: Context, contract_ids: list[UUID]) -> dict[UUID, list[ContractLineRow]]:
    rows = ctx.session.execute(
        select(ContractLine, Item)
        .outerjoin(Item, Item.id == ContractLine.item_id)
        .where(ContractLine.contract_id.in_(contract_ids))
        .order_by(ContractLine.contract_id, ContractLine.line_no)
    )
    found: dict[UUID, list[ContractLineRow]] = {}
    for line, item in rows:
        found.setdefault(line.contract_id, []).append(
            ContractLineRow(
                line.id,
                line.line_no,
                line.item_id,
                item.sku if item else "",
                item.name if item else "",
                item.unit if item else "",
                line.vehicle_type_code,
                line.spec,
                line.guaranteed_quantity,
                line.called,
                line.minimum_order,
                line.unit_price_fen,
                line.price_cap_fen,
                from_json(tuple[Ramp, ...], line.ramp),
            )
        )
    return found


@query(Permission.CONTRACTS_SEE)
def call_offs(
    ctx: Context,
    *,
    incident_id: UUID | None = None,
    contract_id: UUID | None = None,
    state: CallOffState | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[CallOffRow]:
    """Call-offs in reach with their lines, newest first; all of them where no limit is said."""
    statement = _call_offs().order_by(CallOff.notified_at.desc(), CallOff.number.desc()).offset(offset).limit(limit)
    for column, value in (
        (CallOff.incident_id, incident_id), (CallOff.contract_id, contract_id), (CallOff.state, state)
    ):  # fmt: skip
        if value is not None:
            statement = statement.where(column == value)
    return _call_off_rows(ctx, statement)


@query(Permission.CONTRACTS_SEE)
def count_call_offs(ctx: Context, state: CallOffState | None = None, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = select(CallOff.id).where(*[CallOff.state == state] if state is not None else [])
    return int(ctx.session.scalar(counted(rows, most)) or 0)


def _call_offs() -> Select[*tuple[Any, ...]]:
    return (
        select(CallOff, Contract, _Supplier.name, _Buyer.name)
        .join(Contract, Contract.id == CallOff.contract_id)
        .join(_Supplier, _Supplier.id == CallOff.supplier_id)
        .join(_Buyer, _Buyer.id == CallOff.buyer_id)
    )


def _call_off_rows(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[CallOffRow]:
    return by_parts(partial(_whole_call_offs, ctx), ctx.session.execute(also_showing(statement, Contract)).all())


def _whole_call_offs(ctx: Context, rows: Sequence[Any]) -> list[CallOffRow]:
    items = _call_off_items(ctx, [row[0].id for row in rows])
    taken = {"contract_number", "contract_title", "contract_type", "supplier_name", "buyer_name", "items"}
    return [
        CallOffRow(
            **{name: getattr(row, name) for name in CallOffRow.__dataclass_fields__ if name not in taken},
            contract_number=head.number,
            contract_title=head.title,
            contract_type=head.type,
            supplier_name=supplier,
            buyer_name=buyer,
            items=tuple(items.get(row.id, ())),
        )
        for row, head, supplier, buyer in rows
    ]


@query(Permission.CONTRACTS_SEE)
def call_off(ctx: Context, call_off_id: UUID) -> CallOffRow:
    """One call-off."""
    found = _call_off_rows(ctx, _call_offs().where(CallOff.id == call_off_id))
    if not found:
        raise NotFound("call_off")
    return found[0]


@query(Permission.CONTRACTS_SEE)
def call_off_named(ctx: Context, reference: str) -> CallOffRow:
    """One call-off by number or id."""
    found = _call_off_rows(ctx, _call_offs().where(named(CallOff, reference)))
    if not found:
        raise NotFound("call_off", reference=reference)
    return found[0]


def _call_off_items(ctx: Context, call_off_ids: list[UUID]) -> dict[UUID, list[CallOffItemRow]]:
    rows = ctx.session.execute(
        unscoped(
            select(CallOffItem, ContractLine, Item, Site.name)
            .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
            .outerjoin(Item, Item.id == ContractLine.item_id)
            .join(Site, Site.id == CallOffItem.delivery_site_id)
            .where(CallOffItem.call_off_id.in_(call_off_ids))
            .order_by(CallOffItem.call_off_id, ContractLine.line_no, CallOffItem.due_at, CallOffItem.id),
            "the call-offs are in reach; a supplier must learn where to deliver",
        )
    )
    found: dict[UUID, list[CallOffItemRow]] = {}
    for item, line, goods, site_name in rows:
        rows_of = found.setdefault(item.call_off_id, [])
        rows_of.append(
            CallOffItemRow(
                item.id,
                line.id,
                len(rows_of) + 1,
                goods.sku if goods else "",
                goods.name if goods else line.vehicle_type_code,
                goods.unit if goods else "辆",
                line.spec,
                item.quantity,
                item.promised,
                item.received,
                item.serves,
                line.unit_price_fen,
                item.delivery_site_id,
                site_name,
                item.due_at,
                item.request_line_id,
            )
        )
    return found
