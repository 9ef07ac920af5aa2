"""What F13 says: what was to come back of one issue or delivery, what came, in which condition."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import RecoveredLine, RecoveryRegister, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.recoveries.dues import Due
from supplyops.recoveries.tables import Recovery, RecoveryLine
from supplyops.runtime import Context
from supplyops.wording.labels import label


def issue_register(ctx: Context, row: Recovery, site: Site, out: Mapping[UUID, Due], scrap_number: str) -> None:
    """Issue F13 for goods that came back; `out` says what was out of each before."""
    keeper = ctx.session.get(Organisation, row.organisation_id)
    assert keeper is not None
    rows = ctx.session.execute(
        select(RecoveryLine, Location.name)
        .join(Location, Location.id == RecoveryLine.location_id)
        .where(RecoveryLine.recovery_id == row.id)
        .order_by(RecoveryLine.line_no)
    ).all()
    back: dict[UUID, int] = {}
    for line, _ in rows:
        back[line.due_id] = back.get(line.due_id, 0) + line.quantity
    lines = tuple(
        RecoveredLine(
            out[line.due_id].item_name,
            out[line.due_id].unit,
            line.quantity,
            label(line.condition),
            spec=out[line.due_id].spec,
            sku=out[line.due_id].sku,
            lot=out[line.due_id].lot_number,
            due=out[line.due_id].outstanding,
            outstanding=out[line.due_id].outstanding - back[line.due_id],
            location=place,
        )
        for line, place in rows
    )
    content = RecoveryRegister(
        organisation=keeper.name,
        warehouse=site.name,
        source_document=row.source_number,
        holder=row.holder,
        lines=lines,
        due_on=min((due.due_on for due in out.values() if due.due_on), default=None),
        recovered_at=row.recovered_at,
        is_cleaned=row.is_cleaned,
        is_disinfected=row.is_disinfected,
        receipt_number=row.number,
        scrap_number=scrap_number,
        returned_by=Signed(row.returned_by),
        stored=Signed(row.recorded_by_name, row.recorded_at),
        note=row.note,
    )
    issue(
        ctx,
        PaperInput(
            form="recovery_register",
            number=row.number,
            title=f"{site.name} 回收 {row.source_number}"[:120],
            content=to_plain(content),
            subject=DocumentRef("recovery", row.id, row.number),
            organisation_id=row.organisation_id,
        ),
    )
