"""The postings that carry a rotation out."""

from __future__ import annotations

from collections.abc import Callable

from supplyops.catalogue.tables import Item
from supplyops.kernel.canonical import plain
from supplyops.kernel.codec import to_json
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Site
from supplyops.rotations.rules import NextStep
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Context
from supplyops.stock import commands as stock
from supplyops.stock import ledger, papers
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.lots import kept_since, make_lot
from supplyops.stock.rules import Leg, LotInput, MoveReason, Posting, StockDocumentKind
from supplyops.stock.tables import Lot, StockDocument
from supplyops.stock.writing import add_line, new_document

Carry = Callable[[Context, Rotation, Site, Lot, Item], str]
LOWER_USE = "降级使用"
_KEPT = ("fund_source", "produced_on", "expires_on", "unit_price_fen", "manufacturer", "maker_batch", "restricted_area")


def _issue(ctx: Context, row: Rotation, site: Site, lot: Lot, item: Item) -> str:
    """Used in a drill: an issue of that very lot."""
    wanted = _request(ctx, row, site, lot, item, IssueKind.DRILL)
    document = ctx.session.get_one(StockDocument, stock.issue(ctx, wanted))
    return document.number


def _send_back(ctx: Context, row: Rotation, site: Site, lot: Lot, item: Item) -> str:
    """Back to the maker, or to the enterprise that brings fresh goods: an issue note whose goods go to the supplier."""
    wanted = _request(ctx, row, site, lot, item, IssueKind.ROTATION)
    owner = ctx.session.get_one(Organisation, lot.owner_id)
    details = plain(to_json(wanted))
    document = new_document(ctx, StockDocumentKind.ISSUE, "issue_note", site, row.target, details, None, ctx.now)
    add_line(ctx, document, 1, lot, row.location_id, None, row.quantity, row.quantity, 0, note=row.number)
    leg = Leg(lot.id, row.location_id, virtual_location_id(LocationKind.SUPPLIER), row.quantity)
    reference = DocumentRef("issue", document.id, document.number)
    ledger.post(
        ctx,
        Posting(
            derived_id("rotation", row.id), MoveReason.RETURN, (leg,), reference, ctx.now, note=f"轮换 {row.number}"
        ),
    )
    papers.issue_issue(ctx, document, site, owner, wanted)
    return document.number


def _regrade(ctx: Context, row: Rotation, _: Site, lot: Lot, item: Item) -> str:
    """Lower use: the goods become a child lot that says so."""
    owner = ctx.session.get_one(Organisation, lot.owner_id)
    reference = DocumentRef("rotation", row.id, row.number)
    kept = {name: getattr(lot, name) for name in _KEPT}
    given = LotInput(
        item.sku,
        owner.code,
        **kept,
        restriction=f"{LOWER_USE} {row.target}".strip()[:80],
        is_exercise=lot.is_exercise,
        stored_on=kept_since(lot),
    )
    child = make_lot(ctx, item, owner, given, reference, parent_lot_id=lot.id)
    ctx.session.flush()  # the posting refers to it
    conversion = virtual_location_id(LocationKind.CONVERSION)
    legs = (
        Leg(lot.id, row.location_id, conversion, row.quantity),
        Leg(child.id, conversion, row.location_id, row.quantity),
    )
    ledger.post(
        ctx,
        Posting(derived_id("rotation", row.id), MoveReason.CONVERSION, legs, reference, ctx.now, note=row.reason[:200]),
    )
    return child.number


def _request(ctx: Context, row: Rotation, site: Site, lot: Lot, item: Item, kind: IssueKind) -> IssueInput:
    owner = ctx.session.get_one(Organisation, lot.owner_id)
    return IssueInput(
        kind=kind,
        site_code=site.code,
        owner_code=owner.code,
        recipient=row.target,
        purpose=row.reason,
        lines=(IssueLineInput(item.sku, row.quantity, lot.number, f"轮换 {row.number}"),),
        slip_number=row.number,
    )


POSTINGS: dict[NextStep, Carry] = {
    NextStep.ISSUE: _issue,
    NextStep.SEND_BACK: _send_back,
    NextStep.REGRADE: _regrade,
}
