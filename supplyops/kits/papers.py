"""What the paper of kit work says."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.reference import DocumentRef
from supplyops.kits.rules import KitWorkKind
from supplyops.kits.tables import KitWork, KitWorkLine
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import KitLine, KitNote, LotLabel, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context
from supplyops.stock.tables import Lot
from supplyops.wording.labels import label


def issue_kit_note(ctx: Context, work: KitWork) -> None:
    """Issue the paper of kits built or broken: what was used up, what came out."""
    ctx.session.flush()  # the lines were added just before
    site, kit = ctx.session.get(Site, work.site_id), ctx.session.get(Item, work.item_id)
    keeper, owner = ctx.session.get(Organisation, work.organisation_id), ctx.session.get(Organisation, work.owner_id)
    assert site is not None
    assert kit is not None
    assert keeper is not None
    assert owner is not None
    used, made = _lines(ctx, work)
    content = KitNote(
        organisation=keeper.name,
        warehouse=site.name,
        kind=label(work.kind),
        kit=kit.name,
        sku=kit.sku,
        unit=kit.unit,
        quantity=work.quantity,
        owner=owner.name,
        fund_source=work.fund_source,
        used=used,
        made=made,
        done_at=ctx.now,
        stored=Signed(ctx.principal.name, ctx.now),
        note=work.note,
    )
    paper = PaperInput(
        form="kit_note",
        number=work.number,
        title=f"{site.name} {label(work.kind)} {kit.name}",
        content=to_plain(content),
        subject=DocumentRef("kit_work", work.id, work.number),
        organisation_id=work.organisation_id,
        addressee_id=owner.id if owner.id != work.organisation_id else None,
    )
    issue(ctx, paper)


def _lines(ctx: Context, work: KitWork) -> tuple[tuple[KitLine, ...], tuple[KitLine, ...]]:
    rows = ctx.session.execute(
        select(KitWorkLine, Lot, Item, Location.name)
        .join(Lot, Lot.id == KitWorkLine.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Location, Location.id == KitWorkLine.location_id)
        .where(KitWorkLine.kit_work_id == work.id)
        .order_by(KitWorkLine.line_no)
    )
    kits: list[KitLine] = []
    parts: list[KitLine] = []
    for line, lot, item, place in rows:
        said = KitLine(
            item.name,
            item.unit,
            line.quantity,
            spec=item.spec,
            sku=item.sku,
            lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
            location=place,
            unit_price_fen=lot.unit_price_fen or None,
        )
        (kits if item.id == work.item_id else parts).append(said)
    used, made = (parts, kits) if work.kind is KitWorkKind.BUILD else (kits, parts)
    return tuple(used), tuple(made)
