"""What waits for somebody, one kind at a time: how to find the rows, and how each is shown. The number is their count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from supplyops.arrivals.queries import ArrivalFilter, arrival_rows
from supplyops.arrivals.rules import ArrivalState
from supplyops.arrivals.tables import Arrival
from supplyops.contracts.rules import CallOffState
from supplyops.contracts.tables import CallOff, Contract
from supplyops.dispatch.rules import ConsignmentState, InstructionState
from supplyops.dispatch.tables import Consignment, ReleaseInstruction
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day, start_of_day
from supplyops.obligations.rules import Standing
from supplyops.obligations.tables import Obligation, ObligationLine, ObligationSettlement
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, also_showing
from supplyops.scraps.rules import HELD, ScrapState
from supplyops.scraps.tables import Scrap
from supplyops.stock.acceptance_queries import AcceptanceFilter, acceptance_rows
from supplyops.stock.documents import AcceptanceState
from supplyops.stock.rules import StockDocumentState
from supplyops.stock.tables import StockDocument
from supplyops.teams.rules import MissionState
from supplyops.teams.tables import Mission, RescueTeam
from supplyops.transfers.rules import ON_THE_ROAD, TransferState
from supplyops.transfers.tables import Transfer

Found = Select[*tuple[Any, ...]]
_C = ConsignmentState
CONTRACT_WARNING = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing that waits: what it is, where it stands, by when."""

    kind: str
    id: UUID
    number: str
    title: str
    detail: str
    state: StrEnum
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of waiting things: who may see it, which rows, how one is shown."""

    permission: Permission
    statement: Callable[[Context], Found]
    row: Callable[[Any], WorkRow]


_Receiver = aliased(Site)
_Debtor = aliased(Organisation)


def _consignments(*states: ConsignmentState) -> Callable[[Context], Found]:
    def statement(_ctx: Context) -> Found:
        found = (
            select(Consignment, Site.name, _Receiver.name)
            .join(Site, Site.id == Consignment.origin_site_id)
            .join(_Receiver, _Receiver.id == Consignment.delivery_site_id)
            .where(Consignment.state.in_(states))
            .order_by(Consignment.planned_arrival_at, Consignment.number)
        )
        return also_showing(found, Site)

    return statement


def _late(ctx: Context) -> Found:
    running = _consignments(_C.ORDERED, _C.ACCEPTED, _C.LOADED, _C.IN_TRANSIT)(ctx)
    return running.where(Consignment.planned_arrival_at < ctx.now)


def _consignment_row(row: Any) -> WorkRow:
    goods, origin, receiver = row
    return WorkRow(
        "consignment", goods.id, goods.number, f"{origin} → {receiver}", "", goods.state, goods.planned_arrival_at
    )


def _transfers(*states: TransferState) -> Callable[[Context], Found]:
    def statement(_ctx: Context) -> Found:
        due = func.coalesce(Transfer.expected_at, Transfer.send_by)
        found = (
            select(Transfer, Site.name, _Receiver.name)
            .join(Site, Site.id == Transfer.from_site_id)
            .join(_Receiver, _Receiver.id == Transfer.to_site_id)
            .where(Transfer.state.in_(states))
            .order_by(due, Transfer.number)
        )
        return also_showing(found, Site)

    return statement


def _transfers_to_approve(ctx: Context) -> Found:
    """An approver sees what waits for their own word."""
    found = _transfers(TransferState.DRAFT)(ctx)
    own = [grant.organisation_id for grant in ctx.principal.grants]
    return found.where(Transfer.approver_id.in_(own)) if ctx.principal.holds(Permission.TRANSFERS_APPROVE) else found


def _transfers_late(ctx: Context) -> Found:
    return _transfers(*ON_THE_ROAD)(ctx).where(Transfer.expected_at < ctx.now)


def _transfer_row(row: Any) -> WorkRow:
    found, origin, receiver = row
    who = f"{found.vehicle} {found.driver}".strip()
    due = found.expected_at or found.send_by
    return WorkRow("transfer", found.id, found.number, f"{origin} → {receiver}", who, found.state, due)


def _obligations_due(ctx: Context) -> Found:
    """What is owed after its day and not given back in full, by either side."""
    gone = select(StockDocument.id).where(StockDocument.state == StockDocumentState.REVERSED)
    settled = (
        select(func.coalesce(func.sum(ObligationSettlement.quantity), 0))
        .where(
            ObligationSettlement.line_id == ObligationLine.id,
            or_(ObligationSettlement.document_id.is_(None), ObligationSettlement.document_id.not_in(gone)),
        )
        .scalar_subquery()
    )
    still = select(ObligationLine.id).where(
        ObligationLine.obligation_id == Obligation.id, ObligationLine.quantity > settled
    )
    found = (
        select(Obligation, Organisation.name, _Debtor.name)
        .join(Organisation, Organisation.id == Obligation.creditor_id)
        .join(_Debtor, _Debtor.id == Obligation.debtor_id)
        .where(Obligation.due_on < business_day(ctx.now), still.exists())
        .order_by(Obligation.due_on, Obligation.number)
    )
    return also_showing(found, StockDocument)


def _obligation_row(row: Any) -> WorkRow:
    found, creditor, debtor = row
    due_at = start_of_day(found.due_on + timedelta(days=1))
    title = f"{debtor} → {creditor}"
    return WorkRow("obligation", found.id, found.number, title, found.basis_number, Standing.OPEN, due_at)


def _scraps(*states: ScrapState) -> Callable[[Context], Found]:
    def statement(_ctx: Context) -> Found:
        found = (
            select(Scrap, Site.name)
            .join(Site, Site.id == Scrap.site_id)
            .where(Scrap.state.in_(states))
            .order_by(Scrap.applied_at, Scrap.number)
        )
        return also_showing(found, Site)

    return statement


def _scrap_row(row: Any) -> WorkRow:
    found, site = row
    public = found.public_to
    due_at = start_of_day(public + timedelta(days=1)) if public and found.state is ScrapState.PUBLICISED else None
    return WorkRow("scrap", found.id, found.number, site, found.note, found.state, due_at)


def _parts(ctx: Context) -> Found:
    """Parts of plans that wait for their owner. An approver sees what waits for their own word."""
    found = (
        select(PlanPart, Plan, Organisation.name)
        .join(Plan, Plan.id == PlanPart.plan_id)
        .join(Organisation, Organisation.id == PlanPart.owner_id)
        .where(PlanPart.state == PartState.PROPOSED, Plan.state == PlanState.DRAFT)
        .order_by(Plan.created_at, Organisation.path)
    )
    own = [grant.organisation_id for grant in ctx.principal.grants]
    approves = ctx.principal.holds(Permission.PLANS_APPROVE) and not ctx.principal.holds(Permission.PLANS_MAKE)
    return found.where(PlanPart.owner_id.in_(own)) if approves else found


def _part_row(row: Any) -> WorkRow:
    part, plan, owner = row
    return WorkRow("plan", plan.id, plan.number, owner, "", part.state, None)


def _oral(_ctx: Context) -> Found:
    return (
        select(ReleaseInstruction, Organisation.name)
        .join(Organisation, Organisation.id == ReleaseInstruction.owner_id)
        .where(
            ReleaseInstruction.paper_due_at.is_not(None),
            ReleaseInstruction.paper_signed_at.is_(None),
            ReleaseInstruction.state != InstructionState.CANCELLED,
        )
        .order_by(ReleaseInstruction.paper_due_at)
    )


def _oral_row(row: Any) -> WorkRow:
    found, owner = row
    title = f"{owner} {found.document_number}".strip()
    return WorkRow(
        "instruction", found.id, found.number, title, found.approved_by_name, found.state, found.paper_due_at
    )


def _call_offs(*states: CallOffState) -> Callable[[Context], Found]:
    def statement(_ctx: Context) -> Found:
        found = (
            select(CallOff, Contract, Organisation.name)
            .join(Contract, Contract.id == CallOff.contract_id)
            .join(Organisation, Organisation.id == CallOff.supplier_id)
            .where(CallOff.state.in_(states))
            .order_by(CallOff.confirm_by, CallOff.number)
        )
        return also_showing(found, Contract)

    return statement


def _to_ship(ctx: Context) -> Found:
    """What our own vehicles fetch is not shipped: it waits among the orders to be loaded."""
    return _call_offs(CallOffState.CONFIRMED)(ctx).where(CallOff.is_fetched.is_(False))


def _call_off_row(row: Any) -> WorkRow:
    found, contract, supplier = row
    due = found.confirm_by if found.state is CallOffState.NOTIFIED else None
    return WorkRow("call_off", found.id, found.number, supplier, contract.title, found.state, due)


def _contracts_ending(ctx: Context) -> Found:
    today = business_day(ctx.now)
    return (
        select(Contract, Organisation.name)
        .join(Organisation, Organisation.id == Contract.supplier_id)
        .where(Contract.valid_to >= today, Contract.valid_to <= today + CONTRACT_WARNING)
        .order_by(Contract.valid_to, Contract.number)
    )


def _contract_row(row: Any) -> WorkRow:
    found, supplier = row
    ends_at = start_of_day(found.valid_to + timedelta(days=1))
    return WorkRow("contract", found.id, found.number, found.title, supplier, found.type, ends_at)


def _missions(_ctx: Context) -> Found:
    return (
        select(Mission, RescueTeam.name, Incident.name)
        .join(RescueTeam, RescueTeam.id == Mission.team_id)
        .join(Incident, Incident.id == Mission.incident_id)
        .where(Mission.state == MissionState.ORDERED)
        .order_by(Mission.ordered_at, Mission.number)
    )


def _mission_row(row: Any) -> WorkRow:
    found, team, incident = row
    return WorkRow("mission", found.id, found.number, team, incident, found.state, None)


def _acceptances(**where: Any) -> Callable[[Context], Found]:
    return lambda ctx: acceptance_rows(AcceptanceFilter(**where), business_day(ctx.now))


def _acceptance_row(row: Any) -> WorkRow:
    found, document, site, state = row
    due_at = start_of_day(found.report_due_on + timedelta(days=1))
    title = f"{site.name} {document.counterpart}".strip()
    return WorkRow("acceptance", found.id, document.number, title, found.keeper_name, AcceptanceState(state), due_at)


def _arrivals(**where: Any) -> Callable[[Context], Found]:
    def statement(ctx: Context) -> Found:
        rows = arrival_rows(ArrivalFilter(**where), business_day(ctx.now))
        return rows.order_by(None).order_by(Arrival.expected_on)

    return statement


def _arrival_row(row: Any) -> WorkRow:
    found, site, _, state = row
    due_at = start_of_day(found.expected_on + timedelta(days=1))
    return WorkRow(
        "arrival", found.id, found.number, f"{found.source} → {site.name}", found.contact, ArrivalState(state), due_at
    )


WORK: dict[str, Work] = {
    "arrivals_open": Work(Permission.STOCK_SEE, _arrivals(only_open=True), _arrival_row),
    "arrivals_inspected": Work(Permission.STOCK_SEE, _arrivals(state=ArrivalState.INSPECTED), _arrival_row),
    "arrivals_late": Work(Permission.STOCK_SEE, _arrivals(only_late=True), _arrival_row),
    "acceptances_unsigned": Work(Permission.STOCK_SEE, _acceptances(state=AcceptanceState.UNSIGNED), _acceptance_row),
    "acceptances_unreported": Work(
        Permission.STOCK_SEE, _acceptances(state=AcceptanceState.UNREPORTED), _acceptance_row
    ),
    "acceptances_overdue": Work(Permission.STOCK_SEE, _acceptances(only_overdue=True), _acceptance_row),
    "parts_waiting": Work(Permission.PLANS_SEE, _parts, _part_row),
    "oral_unsigned": Work(Permission.ORDERS_SEE, _oral, _oral_row),
    "orders_to_accept": Work(Permission.ORDERS_SEE, _consignments(_C.ORDERED), _consignment_row),
    "orders_to_load": Work(Permission.ORDERS_SEE, _consignments(_C.ACCEPTED), _consignment_row),
    "consignments_underway": Work(Permission.ORDERS_SEE, _consignments(_C.LOADED, _C.IN_TRANSIT), _consignment_row),
    "consignments_late": Work(Permission.ORDERS_SEE, _late, _consignment_row),
    "transfers_to_approve": Work(Permission.TRANSFERS_SEE, _transfers_to_approve, _transfer_row),
    "transfers_to_send": Work(Permission.TRANSFERS_SEE, _transfers(TransferState.APPROVED), _transfer_row),
    "transfers_underway": Work(Permission.TRANSFERS_SEE, _transfers(*ON_THE_ROAD), _transfer_row),
    "transfers_late": Work(Permission.TRANSFERS_SEE, _transfers_late, _transfer_row),
    "obligations_overdue": Work(Permission.TRANSFERS_SEE, _obligations_due, _obligation_row),
    "scraps_to_approve": Work(Permission.STOCK_SEE, _scraps(ScrapState.APPRAISED), _scrap_row),
    "scraps_open": Work(Permission.STOCK_SEE, _scraps(*sorted(HELD)), _scrap_row),
    "calloffs_unconfirmed": Work(Permission.CONTRACTS_SEE, _call_offs(CallOffState.NOTIFIED), _call_off_row),
    "calloffs_to_ship": Work(Permission.CONTRACTS_SEE, _to_ship, _call_off_row),
    "receipts_due": Work(Permission.CONTRACTS_SEE, _call_offs(CallOffState.SHIPPED), _call_off_row),
    "contracts_ending": Work(Permission.CONTRACTS_SEE, _contracts_ending, _contract_row),
    "missions_unanswered": Work(Permission.TEAMS_SEE, _missions, _mission_row),
}
"""Everything a board counts that has no list of its own with a filter for it."""
