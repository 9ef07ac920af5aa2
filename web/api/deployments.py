"""Proposals for teams over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supplyops.deployments import commands, queries
from supplyops.deployments.queries import DeploymentProposal
from supplyops.deployments.rules import OrdersInput, ProposalInput
from supplyops.teams import queries as teams
from web import view
from web.api.base import answers, authenticated, body, noun, run, writes

deployments_blueprint = noun("deployments", "队伍派遣建议")


@dataclass(frozen=True, slots=True)
class Ordered:
    """Numbers of the mobilisation orders."""

    numbers: tuple[str, ...]


@deployments_blueprint.post("/proposals")
@writes(deployments_blueprint, ProposalInput)
@answers(deployments_blueprint, DeploymentProposal)
@authenticated
def propose() -> Any:
    """为任务建议队伍;不下达命令。"""
    return view.read(queries.propose, body(ProposalInput))


@deployments_blueprint.post("/orders")
@writes(deployments_blueprint, OrdersInput)
@answers(deployments_blueprint, Ordered, status=201)
@authenticated
def order() -> Any:
    """按建议下达调动命令,每队一份;digest 须与看到的建议一致。"""
    made = run(commands.order_teams, body(OrdersInput))
    return Ordered(tuple(view.read(teams.mission, mission_id).number for mission_id in made))
