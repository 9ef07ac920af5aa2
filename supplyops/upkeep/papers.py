"""What the paper of a handover says, signed by both."""

from __future__ import annotations

from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import DutyNote, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context
from supplyops.upkeep.tables import DutyHandover


def issue_handover(ctx: Context, row: DutyHandover) -> None:
    """Issue the paper of duty that has been taken."""
    site, keeper = ctx.session.get(Site, row.site_id), ctx.session.get(Organisation, row.organisation_id)
    assert site is not None
    assert keeper is not None
    content = DutyNote(
        organisation=keeper.name,
        warehouse=site.name,
        open_matters=row.open_matters,
        keys=row.keys,
        readings=row.readings,
        note=row.note,
        taking_note=row.taking_note,
        outgoing=Signed(row.outgoing_name, row.offered_at),
        incoming=Signed(row.incoming_name, row.taken_at),
    )
    issue(
        ctx,
        PaperInput(
            form="duty_handover",
            number=row.number,
            title=f"{site.name}值班交接",
            content=to_plain(content),
            subject=DocumentRef("duty_handover", row.id, row.number),
            organisation_id=row.organisation_id,
        ),
    )
