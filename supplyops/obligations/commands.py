"""Writing down what is owed, and what is given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_none
from supplyops.obligations.counting import settled_of
from supplyops.obligations.rules import Debt, SettlementInput, SettlementKind
from supplyops.obligations.tables import Obligation, ObligationLine, ObligationSettlement
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.runtime import Context, command, unscoped
from supplyops.stock.rules import StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Lot, StockDocument, StockDocumentLine

SERIES = "QH"
DAYS = "obligation.days"


@command(Permission.INTERNAL)
def owe(ctx: Context, debt: Debt) -> UUID | None:
    """Write down what one body owes another for a document's goods; nothing where nothing was taken.

    Without a day of its own it is due after the days of the parameter `obligation.days`, if that is set.
    """
    if not debt.lines:
        return None
    creditor = ctx.session.get(Organisation, debt.creditor_id)
    assert creditor is not None
    day = business_day(ctx.now)
    days = number_or_none(ctx, DAYS)
    row = Obligation(
        id=ctx.new_id(),
        number=next_in_series(ctx, SERIES, creditor.area_code),
        creditor_id=debt.creditor_id,
        debtor_id=debt.debtor_id,
        basis_kind=debt.basis.kind,
        basis_id=debt.basis.id,
        basis_number=debt.basis.number,
        incident_id=debt.incident_id,
        arose_at=ctx.now,
        due_on=debt.due_on or (day + timedelta(days=days) if days is not None else None),
        note=debt.note,
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    for line_no, owed in enumerate(debt.lines, start=1):
        ctx.session.add(
            ObligationLine(
                id=ctx.new_id(),
                obligation_id=row.id,
                line_no=line_no,
                item_id=owed.item_id,
                quantity=owed.quantity,
                value_fen=owed.value_fen,
            )
        )
    ctx.session.flush()  # settlements of the same command refer to them
    return row.id


@command(Permission.OBLIGATIONS_SETTLE)
def settle(ctx: Context, settlement: SettlementInput) -> None:
    """The creditor says what it was given back: goods that a receipt of its store shows, or money.

    Raises InvalidInput `more_than_owed`, and `not_that_receipt` where the receipt does not hold so much of the item.
    """
    row = _locked(ctx, settlement.obligation)
    ctx.require(Permission.OBLIGATIONS_SETTLE, row.creditor_id)
    line = _line(ctx, row, settlement.sku)
    _need_open(ctx, line, settlement.quantity)
    receipt = None
    if settlement.kind is SettlementKind.IN_KIND:
        receipt = _receipt(ctx, row, line, settlement)
    _write(ctx, line, settlement, receipt)
    ctx.about("obligation", row.id, row.number, sku=settlement.sku, quantity=settlement.quantity)


@command(Permission.INTERNAL)
def settle_in_kind(ctx: Context, obligation_id: UUID, goods: Mapping[UUID, int], document: DocumentRef) -> None:
    """Goods that came back by a transfer settle what is still open of them; what is more than that settles nothing."""
    row = ctx.session.scalars(
        unscoped(select(Obligation).where(Obligation.id == obligation_id).with_for_update(), "the transfer names it")
    ).one()
    lines = list(ctx.session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == row.id)))
    settled = settled_of(ctx, [line.id for line in lines])
    for line in lines:
        amount = min(goods.get(line.item_id, 0), line.quantity - settled.get(line.id, 0))
        if amount > 0:
            _add(ctx, line, SettlementKind.IN_KIND, amount, document=document)


def _locked(ctx: Context, reference: str) -> Obligation:
    row = ctx.session.scalars(
        select(Obligation)
        .where(Obligation.number == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("obligation", reference=reference)
    return row


def _line(ctx: Context, row: Obligation, sku: str) -> ObligationLine:
    line = ctx.session.scalars(
        select(ObligationLine)
        .join(Item, Item.id == ObligationLine.item_id)
        .where(ObligationLine.obligation_id == row.id, Item.sku == sku)
    ).one_or_none()
    if line is None:
        raise InvalidInput(fields=(FieldError("sku", "unknown_reference", {"value": sku}),))
    return line


def _need_open(ctx: Context, line: ObligationLine, quantity: int) -> None:
    left = line.quantity - settled_of(ctx, [line.id]).get(line.id, 0)
    if quantity > left:
        raise InvalidInput(fields=(FieldError("quantity", "more_than_owed", {"value": quantity, "maximum": left}),))


def _receipt(ctx: Context, row: Obligation, line: ObligationLine, given: SettlementInput) -> StockDocument:
    """The receipt that shows the goods: posted, of goods that the creditor owns, with so much of the item not used yet."""
    receipt = ctx.session.scalars(
        select(StockDocument)
        .where(
            StockDocument.number == given.receipt_number,
            StockDocument.kind == StockDocumentKind.RECEIPT,
            StockDocument.state == StockDocumentState.POSTED,
        )
        .with_for_update()  # two people may show it for two debts at the same time
    ).one_or_none()
    if receipt is None:
        raise InvalidInput(fields=(FieldError("receipt_number", "unknown_reference", {"value": given.receipt_number}),))
    came = ctx.session.scalar(
        select(func.sum(StockDocumentLine.actual))
        .join(Lot, Lot.id == StockDocumentLine.lot_id)
        .where(
            StockDocumentLine.document_id == receipt.id,
            StockDocumentLine.item_id == line.item_id,
            Lot.owner_id == row.creditor_id,
        )
    )
    used = ctx.session.scalar(
        select(func.sum(ObligationSettlement.quantity))
        .join(ObligationLine, ObligationLine.id == ObligationSettlement.line_id)
        .where(ObligationSettlement.document_id == receipt.id, ObligationLine.item_id == line.item_id)
    )
    left = int(came or 0) - int(used or 0)
    if given.quantity > left or receipt.occurred_at < row.arose_at:
        raise InvalidInput(
            fields=(
                FieldError(
                    "receipt_number", "not_that_receipt", {"value": given.receipt_number, "maximum": max(left, 0)}
                ),
            )
        )
    return receipt


def _write(ctx: Context, line: ObligationLine, given: SettlementInput, receipt: StockDocument | None) -> None:
    document = DocumentRef("receipt", receipt.id, receipt.number) if receipt is not None else None
    _add(
        ctx,
        line,
        given.kind,
        given.quantity,
        document=document,
        amount_fen=given.amount_fen,
        voucher=given.voucher,
        note=given.note,
    )


def _add(
    ctx: Context,
    line: ObligationLine,
    kind: SettlementKind,
    quantity: int,
    *,
    document: DocumentRef | None,
    amount_fen: int = 0,
    voucher: str = "",
    note: str = "",
) -> None:
    ctx.session.add(
        ObligationSettlement(
            line_id=line.id,
            kind=kind,
            quantity=quantity,
            amount_fen=amount_fen,
            document_kind=document.kind if document else "",
            document_id=document.id if document else None,
            document_number=document.number if document else "",
            voucher=voucher,
            note=note,
            recorded_at=ctx.now,
            recorded_by_id=ctx.principal.user_id,
            recorded_by_name=ctx.principal.name,
        )
    )
