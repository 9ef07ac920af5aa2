"""Taking over a proposal: one mission for each team chosen, with everything it is to do in turn."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from supplyops.deployments.queries import TeamDutyRow, propose
from supplyops.deployments.rules import OrdersInput
from supplyops.incidents import queries as incidents
from supplyops.incidents.commands import mobilise_team
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.runtime import Context, command
from supplyops.teams import queries as teams
from supplyops.teams.rules import MissionInput

TEXT_MAX = 200


@command(Permission.TEAMS_MOBILISE)
def order_teams(ctx: Context, orders: OrdersInput) -> tuple[UUID, ...]:
    """Order out teams of a proposal that is still the proposal. All or none; each gets its mobilisation order (F9)."""
    proposal = propose(ctx, orders.proposal)
    if proposal.digest != orders.digest:
        raise Conflict("proposal_changed")
    duties: dict[str, list[TeamDutyRow]] = {}
    for duty in proposal.duties:
        duties.setdefault(duty.team_code, []).append(duty)
    foreign = [code for code in orders.team_codes if code not in duties]
    if foreign:
        raise InvalidInput(fields=(FieldError("team_codes", "unknown_reference", {"value": foreign[0][:40]}),))
    incident = incidents.incident(ctx, proposal.incident)
    return tuple(
        mobilise_team(ctx, incident.id, _mission(ctx, duties[code], orders))
        for code in dict.fromkeys(orders.team_codes)
    )


def _mission(ctx: Context, duties: list[TeamDutyRow], orders: OrdersInput) -> MissionInput:
    first, last = duties[0], duties[-1]
    team = teams.team(ctx, first.team_code)
    words = [f"{duty.task_name}({duty.site_name},{beijing(duty.arrives_at):%m-%d %H:%M}到达)" for duty in duties]
    length = last.released_at - first.leaves_at
    return MissionInput(
        team_code=first.team_code,
        persons=first.persons,
        task=(first.task_name if len(duties) == 1 else ";".join(words))[:TEXT_MAX],
        place=first.site_name,
        muster_place=team.base_site_name,
        muster_at=max(ctx.now, min(first.leaves_at, first.arrives_at)),
        arrive_by=max(orders.proposal.tasks[first.task_no - 1].arrive_by, first.leaves_at),
        command_relation=orders.command_relation,
        duration_hours=max(1, -(-length // timedelta(hours=1))),
        uninsured_reason=orders.uninsured_reason,
    )
