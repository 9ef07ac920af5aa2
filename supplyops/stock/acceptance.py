"""Who answers for a receipt: the keeper who took the goods in, an inspector who is somebody else, and the report of the result."""

from __future__ import annotations

from uuid import UUID

from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.norms.figures import calendar, number
from supplyops.runtime import Context, command
from supplyops.stock import papers
from supplyops.stock.documents import AcceptanceReport, ReceiptInput, Signature
from supplyops.stock.rules import StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Acceptance, StockDocument


def open_acceptance(
    ctx: Context, document: StockDocument, receipt: ReceiptInput, inspection: Signature | None
) -> Acceptance:
    """The keeper's signature, the inspector's if there is one, and the last day for the report.

    Raises InvalidInput where keeper and inspector are the same person.
    """
    signed = inspection or _on_paper(ctx, receipt)
    if signed is not None:
        check = Checks()
        check.that(not _is_actor(ctx, signed), "inspected_by", "same_signer", name=signed.name)
        check.that(signed.at <= ctx.now, "inspected_at", "in_the_future")
        check.done()
    days = number(ctx, "acceptance.report_working_days")
    row = Acceptance(
        id=document.id,
        organisation_id=document.organisation_id,
        keeper_id=ctx.principal.user_id,
        keeper_name=ctx.principal.name,
        accepted_at=ctx.now,
        inspector_id=signed.user_id if signed else None,
        inspector_name=signed.name if signed else "",
        inspected_at=signed.at if signed else None,
        report_due_on=calendar(ctx).after(business_day(ctx.now), days),
        reported_at=None,
        reported_by_id=None,
        reported_by_name="",
        reported_to="",
        report_number="",
        note="",
    )
    ctx.session.add(row)
    return row


def _on_paper(ctx: Context, receipt: ReceiptInput) -> Signature | None:
    name = receipt.inspected_by.strip()
    return Signature(name, receipt.inspected_at or ctx.now) if name else None


def _is_actor(ctx: Context, signed: Signature) -> bool:
    if signed.user_id is not None:
        return signed.user_id == ctx.principal.user_id
    return signed.name == ctx.principal.name.strip()


@command(Permission.STOCK_INSPECT)
def sign_inspection(ctx: Context, document_id: UUID) -> None:
    """Sign for the quality of goods that somebody else took in; the receipt is issued anew with both signatures.

    Raises Conflict `same_signer` for the keeper who took them in, `signed_already`, WrongState for a reversed receipt.
    """
    document, row = _standing(ctx, document_id, Permission.STOCK_INSPECT)
    if row.inspected_at is not None:
        raise Conflict("signed_already", number=document.number, name=row.inspector_name)
    if ctx.user_id() == row.keeper_id:
        raise Conflict("same_signer", name=ctx.principal.name)
    row.inspector_id, row.inspector_name, row.inspected_at = ctx.user_id(), ctx.principal.name, ctx.now
    papers.issue_receipt(ctx, document, row)
    ctx.about("acceptance", document.id, document.number)


@command(Permission.STOCK_REPORT)
def report_acceptance(ctx: Context, document_id: UUID, report: AcceptanceReport) -> None:
    """Note that the result of an acceptance was reported, once, after both have signed.

    Raises Conflict `unsigned` or `reported_already`, WrongState for a reversed receipt.
    """
    document, row = _standing(ctx, document_id, Permission.STOCK_REPORT)
    if row.inspected_at is None:
        raise Conflict("unsigned", number=document.number)
    if row.reported_at is not None:
        raise Conflict("reported_already", number=document.number, to=row.reported_to)
    row.reported_at, row.reported_by_id, row.reported_by_name = ctx.now, ctx.user_id(), ctx.principal.name
    row.reported_to, row.report_number, row.note = report.reported_to, report.report_number, report.note
    ctx.about("acceptance", document.id, document.number, to=report.reported_to)


def _standing(ctx: Context, document_id: UUID, permission: Permission) -> tuple[StockDocument, Acceptance]:
    """A receipt that was not taken back and its acceptance, locked, where the actor may do this."""
    document = ctx.get(StockDocument, document_id, lock=True)
    ctx.require(permission, document.organisation_id)
    if document.kind is not StockDocumentKind.RECEIPT:
        raise NotFound("acceptance")
    if document.state is StockDocumentState.REVERSED:
        raise WrongState("stock_document", document.state.value, StockDocumentState.POSTED.value)
    return document, ctx.get(Acceptance, document_id, lock=True)
