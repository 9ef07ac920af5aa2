"""What a plan has to find: outstanding request lines, and who commands."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item, Substitute
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import ROLE_PERMISSIONS, Permission
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Site
from supplyops.requests.rules import RequestState
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped

BECAUSE = "a plan looks at everything the chain of command can draw on; each owner decides on its own part"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request line that is not met yet."""

    line: SupplyRequestLine
    request: SupplyRequest
    asking: Organisation
    site: Site
    quantity: int


@dataclass(frozen=True, slots=True)
class Demand:
    """All request lines a plan has to serve, with what may stand in for what they ask for."""

    body: Organisation
    """The body that plans: the one in command, or the level above that was asked."""
    lines: tuple[Wanted, ...]
    items: dict[UUID, Item]
    """Items asked for and their substitutes."""
    substitutes: dict[UUID, tuple[Substitute, ...]]
    areas: dict[str, str]
    """Area code -> code of the area above."""

    def usable_items(self, wanted: Wanted) -> list[UUID]:
        """What can serve a line: the item itself, then its substitutes where the line allows them."""
        others = self.substitutes.get(wanted.line.item_id, ()) if wanted.line.allows_substitutes else ()
        return [wanted.line.item_id, *(each.substitute_id for each in others)]

    def is_inside(self, area_code: str, outer: str) -> bool:
        """Does an area lie in another one, or is it that one?"""
        code = area_code
        while code and code != outer:
            code = self.areas.get(code, "")
        return bool(code)


def demand_of(ctx: Context, incident: Incident, body: Organisation | None = None) -> Demand:
    """The accepted lines that nobody has approved goods for yet, addressed to the body that plans: one given, or the reader's."""
    body = body or _planning_body(ctx, incident)
    lines = _outstanding(ctx, incident, body)
    substitutes: dict[UUID, tuple[Substitute, ...]] = {}
    item_ids = {wanted.line.item_id for wanted in lines}
    allowing = {wanted.line.item_id for wanted in lines if wanted.line.allows_substitutes}
    for row in ctx.session.scalars(
        select(Substitute)
        .join(Item, Item.id == Substitute.substitute_id)
        .where(Substitute.item_id.in_(allowing))
        .order_by(Item.sku)
    ):
        substitutes[row.item_id] = (*substitutes.get(row.item_id, ()), row)
        item_ids.add(row.substitute_id)
    items = {row.id: row for row in ctx.session.scalars(select(Item).where(Item.id.in_(item_ids)))}
    areas = {row.code: row.parent_code for row in ctx.session.scalars(select(Area))}
    return Demand(body, tuple(lines), items, substitutes, areas)


def _planning_body(ctx: Context, incident: Incident) -> Organisation:
    """The body in command where the planner may plan for it, else the nearest level above at which the planner may."""
    above = [
        grant
        for grant in ctx.principal.grants
        if Permission.PLANS_MAKE in ROLE_PERMISSIONS[grant.role]
        and ctx.path_of(incident.organisation_id).startswith(grant.path)
    ]
    nearest = max(above, key=lambda grant: len(grant.path)).organisation_id if above else incident.organisation_id
    body = ctx.session.get(Organisation, nearest)
    assert body is not None
    return body


def _outstanding(ctx: Context, incident: Incident, body: Organisation) -> list[Wanted]:
    """A request to a level above is a paper for that level: whoever plans there serves it, the body that wrote it does not."""
    asked = select(Organisation.id).where(Organisation.path.startswith(body.path, autoescape=True))
    if body.id != incident.organisation_id:
        command = ctx.path_of(incident.organisation_id)
        asked = asked.where(Organisation.path.not_like(f"{command}%"))
    rows = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest, Organisation, Site)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .join(Organisation, Organisation.id == SupplyRequest.organisation_id)
            .join(Site, Site.id == SupplyRequest.delivery_site_id)
            .where(
                SupplyRequest.incident_id == incident.id,
                SupplyRequest.state == RequestState.ACCEPTED,
                SupplyRequest.addressee_id.in_(asked),
                SupplyRequestLine.accepted > SupplyRequestLine.approved,
            )
            .order_by(SupplyRequest.number, SupplyRequestLine.line_no),
            BECAUSE,
        )
    )
    return [Wanted(line, request, asking, site, line.accepted - line.approved) for line, request, asking, site in rows]
