"""The rank of a hold, and of a request line that wants it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.norms.figures import text_or_shipped
from supplyops.people.tables import Organisation, User
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.reservations.rules import LEVELS, NO_RESPONSE, Rank, RankPart, level_rank, order_of
from supplyops.reservations.tables import TakeOver
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Reservation

BECAUSE = "ranks are compared whoever the claims belong to"


def order_in_force(ctx: Context) -> tuple[RankPart, ...]:
    """What is compared, as the office has set it."""
    return order_of(text_or_shipped(ctx, "takeover.order"))


def rank_of_hold(ctx: Context, hold: Reservation) -> Rank:
    """How urgent the claim behind a hold is: by its order, by the take-over it came from, else by who placed it."""
    found = ctx.session.execute(
        unscoped(
            select(Incident.response_level, SupplyRequestLine.class_rank, Organisation.level)
            .select_from(ConsignmentLine)
            .join(Consignment, Consignment.id == ConsignmentLine.consignment_id)
            .join(ReleaseInstruction, ReleaseInstruction.id == Consignment.instruction_id)
            .join(Incident, Incident.id == Consignment.incident_id)
            .join(SupplyRequestLine, SupplyRequestLine.id == ConsignmentLine.request_line_id)
            .join(Organisation, Organisation.id == ReleaseInstruction.owner_id)
            .where(ConsignmentLine.reservation_id == hold.id),
            BECAUSE,
        )
    ).one_or_none()
    if found is not None:
        response, need_class, level = found
        return Rank(NO_RESPONSE if response is None else response, need_class, level_rank(level))
    won = ctx.session.scalars(
        unscoped(select(TakeOver).where(TakeOver.winner_reservation_id == hold.id), BECAUSE)
    ).one_or_none()
    if won is not None:
        return Rank(**won.winner_rank)
    home = ctx.session.scalar(
        unscoped(
            select(Organisation.level)
            .join(User, User.organisation_id == Organisation.id)
            .where(User.id == hold.created_by_id),
            BECAUSE,
        )
    )
    return Rank(level=level_rank(home) if home is not None else len(LEVELS))


def rank_of_claim(ctx: Context, line: SupplyRequestLine, owner_id: UUID) -> Rank:
    """How urgent a request line is when the person who asks decides on the owner's goods."""
    request = ctx.session.get_one(SupplyRequest, line.request_id, execution_options={"unscoped": True})
    incident = ctx.session.get_one(Incident, request.incident_id, execution_options={"unscoped": True})
    response = NO_RESPONSE if incident.response_level is None else incident.response_level
    return Rank(response, line.class_rank, _own_level(ctx, owner_id))


def _own_level(ctx: Context, owner_id: UUID) -> int:
    """The highest level at which the person decides over the owner's goods."""
    path = ctx.path_of(owner_id)
    bodies = [
        grant.organisation_id
        for grant in ctx.principal.grants
        if path.startswith(grant.path)
        and ctx.principal.decides_for(Permission.RESERVATIONS_TAKE, grant.organisation_id)
    ]
    levels = ctx.session.scalars(select(Organisation.level).where(Organisation.id.in_(bodies)))
    return min((level_rank(level) for level in levels), default=0 if ctx.principal.is_system else len(LEVELS))
