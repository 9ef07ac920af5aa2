"""What the sheet of a count says (F6): blank for the pen while a count goes on, with its results afterwards."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.catalogue.packing import ladders_of
from supplyops.catalogue.packs import Ladder
from supplyops.catalogue.tables import Item
from supplyops.counts.rules import BEING_COUNTED
from supplyops.counts.sheet import lines_of, prices_of, reference
from supplyops.counts.tables import StockCount, StockCountHit, StockCountLine
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import CountLine, CountSheet, LotLabel, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context
from supplyops.stock import freezing
from supplyops.stock.tables import Lot
from supplyops.wording.labels import label


def issue_sheet(ctx: Context, count: StockCount) -> None:
    """Issue the sheet as the count stands now; a version before no longer holds."""
    site, keeper = ctx.session.get(Site, count.site_id), ctx.session.get(Organisation, count.organisation_id)
    assert site is not None
    assert keeper is not None
    is_open = count.state in BEING_COUNTED
    hides = is_open and count.is_blind
    content = CountSheet(
        organisation=keeper.name,
        warehouse=site.name,
        count_kind=label(count.kind),
        is_blind=count.is_blind,
        is_frozen=count.is_frozen,
        base_at=count.base_at,
        state=label(count.state),
        lines=tuple(_lines(ctx, count, hides=hides, is_open=is_open)),
        note=count.note,
        share_permille=count.share_permille,
        decision=count.decision_note,
        hits=tuple(_hits(ctx, count)),
        bypasses=tuple(
            f"{row.posting_number}({row.bypassed_by_name}:{row.because})" for row in freezing.bypasses(ctx, count.id)
        ),
        counted=Signed(count.counter_name),
        witnessed=Signed(count.witness_name, count.witnessed_at),
        kept=Signed(count.submitted_by_name, count.submitted_at) if count.submitted_by_name else None,
        approved=Signed(count.decided_by_name, count.decided_at) if count.decided_by_name else None,
    )
    issue(
        ctx,
        PaperInput(
            form="count_sheet",
            number=count.number,
            title=f"{site.name}{label(count.kind)}盘点",
            content=to_plain(content),
            subject=reference(count),
            organisation_id=count.organisation_id,
        ),
    )


def _lines(ctx: Context, count: StockCount, *, hides: bool, is_open: bool) -> list[CountLine]:
    lines = lines_of(ctx, count)
    prices = prices_of(ctx, lines)
    lots = {row.id: row for row in ctx.session.scalars(select(Lot).where(Lot.id.in_({line.lot_id for line in lines})))}
    items = {
        row.id: row for row in ctx.session.scalars(select(Item).where(Item.id.in_({line.item_id for line in lines})))
    }
    places = {
        row.id: row
        for row in ctx.session.scalars(select(Location).where(Location.id.in_({line.location_id for line in lines})))
    }
    packing = ladders_of(ctx, items.values())
    shown = [line for line in lines if line.needs_recount] if is_open and _is_recount(lines) else lines
    return [
        _line(
            line, items[line.item_id], places[line.location_id], lots.get(line.lot_id) if line.lot_id else None,
            prices[line.id], packing[line.item_id], hides=hides, is_open=is_open,
        )
        for line in shown
    ]  # fmt: skip


def _is_recount(lines: list[StockCountLine]) -> bool:
    return any(line.needs_recount for line in lines)


def _line(
    line: StockCountLine,
    item: Item,
    place: Location,
    lot: Lot | None,
    price: int,
    ladder: Ladder,
    *,
    hides: bool,
    is_open: bool,
) -> CountLine:
    book = line.base_quantity if is_open else line.book
    return CountLine(
        item.name,
        item.unit,
        place.name,
        line_no=line.line_no,
        spec=item.spec,
        sku=item.sku,
        lot=LotLabel(lot.number, lot.produced_on, lot.expires_on) if lot else LotLabel("账外"),
        book=None if hides else book,
        counted=None if is_open else line.final,
        unit_price_fen=None if hides else price or None,
        quality="" if is_open else label(line.quality),
        reason="" if is_open or line.reason is None else label(line.reason),
        note="" if is_open else line.reason_note or line.note,
        recounted_by="" if is_open else line.recounted_by_name,
        packed=ladder.told() if is_open else ladder.both_ways(line.final),
    )


def _hits(ctx: Context, count: StockCount) -> list[str]:
    rows = ctx.session.scalars(
        select(StockCountHit).where(StockCountHit.count_id == count.id).order_by(StockCountHit.document_number)
    )
    return [f"{row.document_number}减少{row.quantity}" for row in rows]
