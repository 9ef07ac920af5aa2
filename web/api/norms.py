"""Norms, thresholds and parameters over the API."""

from __future__ import annotations

from typing import Any

from supplyops.kernel.errors import NotFound
from supplyops.norms import commands, queries
from supplyops.norms.queries import NeedNormRow, ParameterRow, ReserveNormRow, ThresholdRow
from supplyops.norms.rules import NeedNormInput, ParameterInput, ReserveNormInput, ThresholdInput
from web import view
from web.api.base import answers, authenticated, body, noun, run, writes

blueprint = noun("norms", "标准:需求标准、储备标准、响应条件、参数")


@blueprint.get("/needs")
@answers(blueprint, NeedNormRow, many=True)
@authenticated
def need_norms() -> Any:
    """需求标准。"""
    return view.read(queries.need_norms)


@blueprint.put("/needs/<code>")
@writes(blueprint, NeedNormInput)
@answers(blueprint, NeedNormRow)
@authenticated
def save_need_norm(code: str) -> Any:
    """增加或修改一条需求标准。"""
    run(commands.save_need_norms, [body(NeedNormInput, code=code)])
    return _found(view.read(queries.need_norms), "code", code)


@blueprint.get("/reserves")
@answers(blueprint, ReserveNormRow, many=True)
@authenticated
def reserve_norms() -> Any:
    """储备标准和底线。"""
    return view.read(queries.reserve_norms)


@blueprint.put("/reserves/<code>")
@writes(blueprint, ReserveNormInput)
@answers(blueprint, ReserveNormRow)
@authenticated
def save_reserve_norm(code: str) -> Any:
    """增加或修改一条储备标准。"""
    run(commands.save_reserve_norms, [body(ReserveNormInput, code=code)])
    return _found(view.read(queries.reserve_norms), "code", code)


@blueprint.get("/thresholds")
@answers(blueprint, ThresholdRow, many=True)
@authenticated
def thresholds() -> Any:
    """应急响应的启动条件。"""
    return view.read(queries.thresholds)


@blueprint.post("/thresholds")
@writes(blueprint, ThresholdInput)
@answers(blueprint, ThresholdRow, many=True)
@authenticated
def save_threshold() -> Any:
    """增加或修改一个启动条件;答全部条件。"""
    run(commands.save_thresholds, [body(ThresholdInput)])
    return view.read(queries.thresholds)


@blueprint.get("/parameters")
@answers(blueprint, ParameterRow, many=True)
@authenticated
def parameters() -> Any:
    """现行参数。"""
    return view.read(queries.parameters)


@blueprint.put("/parameters/<key>")
@writes(blueprint, ParameterInput)
@answers(blueprint, ParameterRow)
@authenticated
def save_parameter(key: str) -> Any:
    """自某日起修改参数;此前的测算不受影响。答现行值。"""
    run(commands.save_parameters, [body(ParameterInput, key=key)])
    return _found(view.read(queries.parameters), "key", key)


def _found(rows: list[Any], name: str, value: str) -> Any:
    for row in rows:
        if getattr(row, name) == value:
            return row
    raise NotFound("parameter", key=value)
