"""What the papers of dispatch are written from, and how they are issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import CallOffItem, ContractLine
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.incidents.tables import Incident
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import LotLabel, OralOrder, to_plain
from supplyops.papers.contents.parts import UNLABELLED
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot

BECAUSE = "a paper names everybody it concerns"


def issue_about(
    ctx: Context,
    form: str,
    number: str,
    title: str,
    content: Any,
    subject: tuple[str, UUID],
    organisation_id: UUID,
    incident: Incident,
    addressee_id: UUID,
    document_number: str = "",
) -> None:
    """Issue one paper of an incident about an order."""
    issue(
        ctx,
        PaperInput(
            form=form,
            number=number,
            title=title[:120],
            content=to_plain(content),
            subject=DocumentRef(subject[0], subject[1], number),
            organisation_id=organisation_id,
            addressee_id=addressee_id,
            incident_id=incident.id,
            document_number=document_number,
            is_exercise=incident.is_exercise,
        ),
    )


def consignments_where(ctx: Context, condition: Any) -> list[Consignment]:
    """Consignments by number; a paper names everybody it concerns."""
    ctx.session.flush()  # those just written count
    return list(
        ctx.session.scalars(unscoped(select(Consignment).where(condition).order_by(Consignment.number), BECAUSE))
    )


class PaperLine(NamedTuple):
    """A consignment's line as papers tell of it. What is fetched at a supplier's has no shelf, and no lot before it is loaded."""

    line: ConsignmentLine
    lot: Lot | None
    item: Item
    place: Location
    price_fen: int | None
    """By its lot, or by the contract it is fetched under."""

    @property
    def shelf(self) -> str:
        """Where it lay; empty for what was fetched."""
        return "" if self.line.call_off_item_id else self.place.name

    @property
    def label(self) -> LotLabel:
        """What is written on its boxes."""
        return LotLabel(self.lot.number, self.lot.produced_on, self.lot.expires_on) if self.lot else UNLABELLED


def lines_of(ctx: Context, consignments: Sequence[Consignment]) -> list[PaperLine]:
    """Their lines with lot, item and shelf, in order."""
    ctx.session.flush()  # those just written count
    rows = ctx.session.execute(
        select(ConsignmentLine, Lot, Item, Location, ContractLine.unit_price_fen)
        .outerjoin(Lot, Lot.id == ConsignmentLine.lot_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Location, Location.id == ConsignmentLine.location_id)
        .outerjoin(CallOffItem, CallOffItem.id == ConsignmentLine.call_off_item_id)
        .outerjoin(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
        .where(ConsignmentLine.consignment_id.in_([each.id for each in consignments]))
        .order_by(ConsignmentLine.consignment_id, ConsignmentLine.line_no)
    )
    return [
        PaperLine(line, lot, item, place, (lot.unit_price_fen if lot else price) or None)
        for line, lot, item, place, price in rows
    ]


def sites_of(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Site]:
    """Sites by id, wherever they are."""
    return {site.id: site for site in ctx.session.scalars(unscoped(select(Site).where(Site.id.in_(set(ids))), BECAUSE))}


def bodies_of(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
    """Bodies by id."""
    return {body.id: body for body in ctx.session.scalars(select(Organisation).where(Organisation.id.in_(set(ids))))}


def names_of(rows: Sequence[Site] | Sequence[Organisation]) -> list[str]:
    """Their names, each once."""
    return list(dict.fromkeys(row.name for row in rows))


def oral_order(oral: dict[str, Any], due_at: datetime | None) -> OralOrder | None:
    """The order given by word of mouth first, if it was."""
    if not oral:
        return None
    return OralOrder(oral["by"], oral["to"], datetime.fromisoformat(oral["at"]), oral["witness"], due_at)
