"""Rescue tasks that are open when a story is over: one that the worker found a team for and that was ordered, others that wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from supplyops.demo.scene import Scene
from supplyops.deployments import commands as deployments
from supplyops.deployments import queries as deployment_queries
from supplyops.deployments.rules import DeploymentInput, OrdersInput
from supplyops.incidents import queries as incidents
from supplyops.tasks import commands as tasks
from supplyops.tasks.rules import TaskInput, TaskNeed

COMMANDER = "commander.city"
VEHICLE_TYPE = "V2"
ITERATIONS = 300


def send_teams(scene: Scene, incident_id: UUID, work: Callable[[], None]) -> None:
    """Three tasks are put down, the worker proposes, the first row is ordered."""
    number = scene.ask(incidents.incident, COMMANDER, str(incident_id)).number
    in_hours = [scene.now + timedelta(hours=hours) for hours in (4, 6, 8)]
    found = (
        TaskInput(number, "R01", "受损房屋二次排查搜救", "dp-kalasu", in_hours[0], (TaskNeed("search"),), 15, hours=8),
        TaskInput(
            number, "R02", "安置点搬运、分发物资", "dp-yaoudong", in_hours[1], (TaskNeed("logistics", 2),), hours=10, class_rank=2
        ),
        TaskInput(
            number, "R03", "安置点临时供电", "dp-yaouxi", in_hours[2], (TaskNeed("power"),), equipment="发电机", hours=12,
            class_rank=2, note="架设到帐篷区",
        ),
    )  # fmt: skip
    scene.do(tasks.save_tasks, COMMANDER, found)
    made = scene.make(deployments.propose, COMMANDER, DeploymentInput(number, VEHICLE_TYPE, iterations=ITERATIONS))
    work()
    proposal = scene.ask(deployment_queries.deployment, COMMANDER, str(made))
    for duty in proposal.duties[:1]:
        scene.do(deployments.order_teams, COMMANDER, made, OrdersInput((duty.row_no,), "市抗震救灾指挥部统一指挥"))
