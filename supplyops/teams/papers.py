"""What the mobilisation order says (F9)."""

from __future__ import annotations

from supplyops.kernel.clock import business_day
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import Contact, IncidentRef, MobilisationOrder, OralOrder, to_plain
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.runtime import Context
from supplyops.teams.rules import MissionInput
from supplyops.teams.tables import Mission, RescueTeam
from supplyops.wording.labels import label


def issue_order(
    ctx: Context,
    row: Mission,
    team: RescueTeam,
    issuer: Organisation,
    incident: IncidentRef,
    mission: MissionInput,
    *,
    is_exercise: bool,
) -> None:
    """Issue F9 for a team that is being sent."""
    home = ctx.session.get(Organisation, team.organisation_id)
    assert home is not None
    office = issuing_office(ctx, issuer)
    content = MobilisationOrder(
        issuer=office.name,
        team_name=team.name,
        team_code=team.code,
        team_type=label(team.type),
        incident=incident,
        persons=mission.persons,
        leader=Contact(team.leader, team.duty_phone),
        muster_place=mission.muster_place,
        muster_at=mission.muster_at,
        task=mission.task,
        task_place=mission.place,
        arrive_by=mission.arrive_by,
        command_relation=mission.command_relation,
        signatory=ctx.principal.name,
        signed_on=business_day(ctx.now),
        team_organisation=home.name,
        vehicles=mission.vehicles or team.vehicles,
        communication=mission.communication,
        liaison=Contact(ctx.principal.name, office.duty_phone or office.phone),
        logistics=mission.logistics,
        safety=mission.safety,
        insurance=_insurance(ctx, team, mission),
        duration_hours=mission.duration_hours,
        oral=OralOrder(mission.oral.by, mission.oral.to, mission.oral.at, mission.oral.witness, row.paper_due_at)
        if mission.oral
        else None,
        equipment_note=mission.equipment or team.equipment,
    )
    issue(
        ctx,
        PaperInput(
            form="mobilisation_order",
            number=row.number,
            title=f"调动{team.name}",
            content=to_plain(content),
            subject=DocumentRef("mission", row.id, row.number),
            organisation_id=issuer.id,
            addressee_id=team.organisation_id,
            incident_id=row.incident_id,
            is_exercise=is_exercise,
        ),
    )


def _insurance(ctx: Context, team: RescueTeam, mission: MissionInput) -> str:
    """The policy in force, or why the team goes without one."""
    if team.insurance_valid_to is None:
        return f"未投保:{mission.uninsured_reason}"
    if team.insurance_valid_to < business_day(ctx.now):
        return f"保险已于{team.insurance_valid_to}到期:{mission.uninsured_reason}"
    return f"{team.insurer} {team.insurance_policy} 有效期至{team.insurance_valid_to}"
