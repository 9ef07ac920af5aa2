"""Proposals for teams over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.deployments import commands, queries
from supplyops.deployments.queries import DeploymentHead, DeploymentRow
from supplyops.deployments.rules import DeploymentInput, OrdersInput, StandbyInput
from supplyops.teams import queries as teams
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, writes

deployments_blueprint = noun("deployments", "队伍派遣建议:求解、查看、按建议下达调动命令")


@dataclass(frozen=True, slots=True)
class Ordered:
    """Numbers of the mobilisation orders."""

    numbers: tuple[str, ...]


@deployments_blueprint.get("/")
@asks(deployments_blueprint, incident="事件编号")
@answers(deployments_blueprint, DeploymentHead, many=True)
@authenticated
def deployments() -> Any:
    """可见的派遣建议,新的在前。"""
    return view.read(queries.deployments, request.args.get("incident", ""))


@deployments_blueprint.post("/")
@writes(deployments_blueprint, DeploymentInput)
@answers(deployments_blueprint, DeploymentRow, status=202)
@authenticated
def propose() -> Any:
    """为事件尚缺力量的任务求解派遣建议;由后台完成,不下达命令。"""
    return view.read(queries.deployment, str(run(commands.propose, body(DeploymentInput))))


@deployments_blueprint.get("/<number>")
@answers(deployments_blueprint, DeploymentRow)
@authenticated
def deployment(number: str) -> Any:
    """一份派遣建议,或求解到哪一步。"""
    return view.read(queries.deployment, number)


@deployments_blueprint.post("/<number>/cancel")
@writes(deployments_blueprint)
@answers(deployments_blueprint, DeploymentRow)
@authenticated
def cancel(number: str) -> Any:
    """停止求解。"""
    run(commands.cancel, view.read(queries.deployment, number).head.id)
    return view.read(queries.deployment, number)


@deployments_blueprint.post("/<number>/orders")
@writes(deployments_blueprint, OrdersInput)
@answers(deployments_blueprint, Ordered, status=201)
@authenticated
def order(number: str) -> Any:
    """按所选的行下达调动命令,每队一份;全部下达或全部不下达。"""
    made = run(commands.order_teams, view.read(queries.deployment, number).head.id, body(OrdersInput))
    return Ordered(tuple(view.read(teams.mission, mission_id).number for mission_id in made))


@deployments_blueprint.post("/<number>/standby")
@writes(deployments_blueprint, StandbyInput)
@answers(deployments_blueprint, Ordered, status=201)
@authenticated
def order_standby(number: str) -> Any:
    """给任务候补名单上的一支队伍下达调动命令;该队成为建议的一行。"""
    made = run(commands.order_standby, view.read(queries.deployment, number).head.id, body(StandbyInput))
    return Ordered((view.read(teams.mission, made).number,))
