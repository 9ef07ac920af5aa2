"""The advice of a store on paper: what nears its date, for the table at which it is decided."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_shipped
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import LotLabel, RotationAdviceLine, RotationAdvicePaper, Signed, to_plain
from supplyops.papers.tables import Paper
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.rotations.queries import AdviceRow, advice
from supplyops.runtime import Context, command, unscoped
from supplyops.wording.labels import label

FORM = "rotation_advice"


@command(Permission.PAPERS_PRINT)
def issue_advice(ctx: Context, site_code: str) -> UUID:
    """Issue today's advice for a store; issued again on the same day it is a new version of the same paper."""
    site = ctx.session.scalars(select(Site).where(Site.code == site_code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": site_code[:40]}),))
    ctx.require(Permission.PAPERS_PRINT, site.organisation_id)
    day = business_day(ctx.now)
    subject = derived_id(FORM, site.id, day)
    known = ctx.session.scalars(
        unscoped(
            select(Paper.number).where(Paper.subject_id == subject).order_by(Paper.version.desc()).limit(1),
            "a store has one such paper a day, whoever printed it",
        )
    ).one_or_none()
    number = known or next_slip_number(ctx, FORM, site.area_code)
    content = RotationAdvicePaper(
        organisation=ctx.session.get_one(Organisation, site.organisation_id).name,
        warehouse=site.name,
        day=day,
        within_days=number_or_shipped(ctx, "rotation.days"),
        lines=tuple(_line(row) for row in advice(ctx, site_code)),
        prepared=Signed(ctx.principal.name, ctx.now),
    )
    made = issue(
        ctx,
        PaperInput(
            form=FORM,
            number=number,
            title=f"{site.name}轮换建议",
            content=to_plain(content),
            subject=DocumentRef(FORM, subject, number),
            organisation_id=site.organisation_id,
        ),
    )
    ctx.about(FORM, subject, number)
    return made


def _line(row: AdviceRow) -> RotationAdviceLine:
    return RotationAdviceLine(
        row.item_name,
        row.unit,
        row.free,
        "；".join(f"{label(each.choice)} {each.target}".strip() for each in row.suggestions),
        spec=row.spec,
        sku=row.sku,
        lot=LotLabel(row.lot_number, None, row.expires_on),
        location=row.location_name,
        owner=row.owner_name,
        days_left=row.days_left,
        value_fen=row.value_fen,
        rotation=row.open_rotation,
    )
