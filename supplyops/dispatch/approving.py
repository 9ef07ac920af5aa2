"""The owner's decision on its part of a plan: checked against the books as they are now, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.contracts import commands as contracts
from supplyops.contracts.rules import CallOffInput, CallOffLine
from supplyops.contracts.tables import ContractLine
from supplyops.dispatch import call_off_papers, fetching, order_papers
from supplyops.dispatch.orders import delay_of, departure, write_consignments
from supplyops.dispatch.rules import ApprovalInput, InstructionState, StalePlan
from supplyops.dispatch.tables import ReleaseInstruction
from supplyops.dispatch.validation import changed_lines
from supplyops.incidents.access import may_see_class
from supplyops.incidents.rules import IncidentState
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.oral import recorded
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number
from supplyops.papers.commands import next_slip_number, take_document_number
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.planning import commands as planning
from supplyops.planning.rules import PartState, PlanState, SourceKind
from supplyops.planning.tables import Plan, PlanLine, PlanPart, PlanTrip
from supplyops.requests import commands as requests
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import ledger
from supplyops.stock.keeping import use_kept
from supplyops.stock.rules import Hold


@command(Permission.PLANS_APPROVE)
def approve(ctx: Context, approval: ApprovalInput) -> UUID:
    """Approve one owner's part: reserve its stock, draw on its contracts, write its release instruction and slips.

    Raises StalePlan naming each line the world has moved away under; Forbidden `own_document` for the plan's author,
    `not_owner` for anybody who does not decide for that owner; WrongState for a part decided before. Nothing is half done.
    """
    plan, part, owner = _part(ctx, approval.plan_id, approval.owner_code)
    incident = _open_incident(ctx, plan)
    lines = _lines(ctx, plan, owner)
    changed = changed_lines(ctx, plan, owner, lines)
    if changed:
        raise StalePlan(tuple(changed))
    instruction = _write_instruction(ctx, plan, incident, owner, approval, lines)
    stock = [line for line in lines if line.source_kind is SourceKind.LOT]
    _reserve(ctx, instruction, stock)
    write_consignments(ctx, plan, incident, instruction, stock)
    called = [line for line in lines if line.source_kind is SourceKind.CONTRACT]
    brought = [line for line in called if line.trip_no is None]
    fetched = [line for line in called if line.trip_no is not None]
    _call_off(ctx, incident, owner, instruction, approval, brought)
    fetching.order(ctx, plan, incident, owner, instruction, approval.oral, fetched)
    for line in lines:
        requests.record_fulfilment(ctx, line.request_line_id, approved=line.serves)
    planning.decide_part(ctx, part.id, PartState.APPROVED, approval.note)
    order_papers.issue_instruction(ctx, instruction, plan, incident, owner)
    ctx.about("release_instruction", instruction.id, instruction.number, plan=plan.number, owner=owner.code)
    return instruction.id


@command(Permission.PLANS_APPROVE)
def refuse(ctx: Context, plan_id: UUID, owner_code: str, note: str) -> None:
    """Refuse one owner's part, with a reason. What it would have served stays open for the next plan."""
    if not note.strip():
        raise InvalidInput("reason_required")
    plan, part, owner = _part(ctx, plan_id, owner_code)
    planning.decide_part(ctx, part.id, PartState.REFUSED, note)
    ctx.about("plan", plan.id, plan.number, owner=owner.code, decision="refused")


@command(Permission.PLANS_APPROVE)
def sign_paper(ctx: Context, instruction_id: UUID) -> None:
    """The paper of an oral approval was signed."""
    row = ctx.get(ReleaseInstruction, instruction_id, lock=True)
    _require_owner(ctx, row.owner_id)
    if row.paper_due_at is None or row.paper_signed_at is not None:
        raise InvalidInput("nothing_to_sign")
    row.paper_signed_at = ctx.now
    ctx.about("release_instruction", row.id, row.number)


def _part(ctx: Context, plan_id: UUID, owner_code: str) -> tuple[Plan, PlanPart, Organisation]:
    """The plan, its part and the owner, locked, checked for who decides and that nothing was decided yet."""
    owner = ctx.session.scalars(select(Organisation).where(Organisation.code == owner_code)).one_or_none()
    plan_row = unscoped(
        select(Plan).where(Plan.id == plan_id).with_for_update(),
        "an owner outside the command's reach decides on its own part",
    )
    plan = ctx.session.scalars(plan_row.execution_options(populate_existing=True)).one_or_none()
    if owner is None or plan is None:
        raise NotFound("plan")
    part = ctx.session.scalars(
        select(PlanPart).where(PlanPart.plan_id == plan_id, PlanPart.owner_id == owner.id)
    ).one_or_none()
    if part is None:
        raise NotFound("plan")
    _require_owner(ctx, owner.id)
    if plan.created_by_id is not None and plan.created_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    if part.state is not PartState.PROPOSED:
        raise WrongState("plan_part", part.state.value, PartState.PROPOSED.value)
    if plan.state not in {PlanState.DRAFT, PlanState.DECIDED}:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    return plan, part, owner


def _open_incident(ctx: Context, plan: Plan) -> Incident:
    """The plan's incident, locked and open. An owner outside the chain of command sees it through its part of the plan."""
    locked = select(Incident).where(Incident.id == plan.incident_id).with_for_update()
    incident = ctx.session.scalars(
        unscoped(locked.execution_options(populate_existing=True), "whoever decides on a plan knows what it is for")
    ).one()
    if not may_see_class(ctx, incident.event_class):
        raise NotFound("incident")
    if incident.state is not IncidentState.OPEN:
        raise WrongState("incident", incident.state.value, IncidentState.OPEN.value)
    return incident


def _require_owner(ctx: Context, owner_id: UUID) -> None:
    """Goods are released by whoever holds the approver's role at the owner itself, not above it and not below."""
    if not ctx.principal.is_system and not ctx.principal.decides_for(Permission.PLANS_APPROVE, owner_id):
        raise Forbidden("not_owner")


def _lines(ctx: Context, plan: Plan, owner: Organisation) -> list[PlanLine]:
    rows = select(PlanLine).where(PlanLine.plan_id == plan.id, PlanLine.owner_id == owner.id).order_by(PlanLine.line_no)
    return list(ctx.session.scalars(rows))


def _write_instruction(
    ctx: Context, plan: Plan, incident: Incident, owner: Organisation, approval: ApprovalInput, lines: list[PlanLine]
) -> ReleaseInstruction:
    paper_due = ctx.now + timedelta(hours=number(ctx, "oral.paper_hours")) if approval.oral else None
    office = issuing_office(ctx, owner)
    load_by, arrive_by = _deadlines(ctx, plan, lines)
    row = ReleaseInstruction(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "release_instruction", owner.area_code),
        document_number=take_document_number(
            ctx, office.document_prefix or owner.document_prefix or owner.short_name, approval.document_number
        ),
        plan_id=plan.id,
        incident_id=incident.id,
        incident_organisation_id=incident.organisation_id,
        owner_id=owner.id,
        state=InstructionState.ISSUED,
        load_by=load_by,
        arrive_by=arrive_by,
        approved_at=ctx.now,
        approved_by_id=ctx.user_id(),
        approved_by_name=ctx.principal.name,
        oral=recorded(approval.oral, ctx.now),
        paper_due_at=paper_due,
        paper_signed_at=None,
        note=approval.note,
        ended_because="",
    )
    ctx.session.add(row)
    ctx.session.flush()  # consignments refer to it
    return row


def _deadlines(ctx: Context, plan: Plan, lines: list[PlanLine]) -> tuple[datetime, datetime]:
    """When the last of the part's goods leave and when the last are there, as its orders say: later where the approval is late.

    A vehicle's second trip cannot be loaded with its first. Goods that no vehicle of ours fetches have the usual hours.
    """
    numbers = {line.trip_no for line in lines if line.trip_no is not None}
    rows = select(PlanTrip).where(PlanTrip.plan_id == plan.id, PlanTrip.trip_no.in_(numbers))
    trips = {trip.trip_no: trip for trip in ctx.session.scalars(rows)}
    leaving, arriving = [], [line.arrives_at for line in lines if line.trip_no is None]
    for line in lines:
        if line.trip_no is not None:
            leaves = departure(trips[line.trip_no].stops, line.origin_site_id)
            delay = delay_of(ctx, leaves, ctx.now)
            leaving.append(leaves + delay)
            arriving.append(line.arrives_at + delay)
    return max(leaving, default=ctx.now + timedelta(hours=number(ctx, "load_hours"))), max(arriving)


def _reserve(ctx: Context, instruction: ReleaseInstruction, lines: list[PlanLine]) -> None:
    expires_at = ctx.now + timedelta(hours=number(ctx, "hold.hours"))
    document = DocumentRef("release_instruction", instruction.id, instruction.number)
    for line in sorted(lines, key=lambda line: (str(line.location_id), str(line.lot_id), line.line_no)):
        assert line.location_id is not None
        assert line.lot_id is not None
        hold_id = derived_id("plan_line", line.id)
        use_kept(ctx, instruction.incident_id, line.location_id, line.lot_id, line.quantity)
        ledger.reserve(
            ctx,
            Hold(hold_id, document, line.location_id, line.lot_id, line.quantity, expires_at, instruction.incident_id),
        )


def _call_off(
    ctx: Context,
    incident: Incident,
    owner: Organisation,
    instruction: ReleaseInstruction,
    approval: ApprovalInput,
    lines: list[PlanLine],
) -> None:
    by_contract: dict[UUID, list[CallOffLine]] = defaultdict(list)
    for line in lines:
        assert line.contract_line_id is not None
        contract_line = ctx.session.get(ContractLine, line.contract_line_id)
        assert contract_line is not None
        by_contract[contract_line.contract_id].append(
            CallOffLine(
                contract_line.id,
                line.quantity,
                line.delivery_site_id,
                line.arrives_at,
                line.request_line_id,
                line.serves,
            )
        )
    for contract_id, wanted in sorted(by_contract.items(), key=lambda entry: str(entry[0])):
        order = CallOffInput(
            contract_id=contract_id,
            basis=f"{incident.name} {instruction.document_number}",
            lines=tuple(wanted),
            cause=DocumentRef("release_instruction", instruction.id, instruction.document_number),
            incident_id=incident.id,
            oral=approval.oral,
        )
        call_off_id = contracts.call_off(ctx, order)
        call_off_papers.issue_call_off(ctx, call_off_id, incident, owner)
