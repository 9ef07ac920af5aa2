"""Holds on stock over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supplyops.reservations import commands, queries
from supplyops.reservations.queries import ChallengerRow, HoldRow, TakeOverRow
from supplyops.reservations.rules import TakeOverInput
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, window, writes
from web.pages.reservations import filter_from_query

blueprint = noun("reservations", "占用:谁占用什么、到何时、为哪个单据;按紧急程度接管")


@blueprint.get("/")
@asks(
    blueprint,
    state="状态",
    text="物资、批次、单号的一部分",
    lot="批次号",
    sku="物资编码",
    site="场所代码",
    soon="1:只看6小时内到期",
    offset="跳过几行",
    limit="最多几行",
)
@answers(blueprint, HoldRow, many=True)
@authenticated
def reservations() -> Any:
    """所辖库存上的占用,先到期的在前。"""
    offset, limit = window()
    return view.read(queries.holds, filter_from_query(), offset, limit)


@blueprint.get("/<uuid:reservation_id>")
@answers(blueprint, HoldRow)
@authenticated
def reservation(reservation_id: UUID) -> Any:
    """一份占用。"""
    return view.read(queries.hold, reservation_id)


@blueprint.get("/<uuid:reservation_id>/challengers")
@answers(blueprint, ChallengerRow, many=True)
@authenticated
def challengers(reservation_id: UUID) -> Any:
    """还缺这种物资的需求,以及能否接管,最紧急的在前。"""
    return view.read(queries.challengers, reservation_id)


@blueprint.get("/take-overs")
@answers(blueprint, TakeOverRow, many=True)
@authenticated
def take_overs() -> Any:
    """接管记录,新的在前。"""
    return view.read(queries.take_overs, *window())


@blueprint.post("/take-overs")
@writes(blueprint, TakeOverInput)
@answers(blueprint, TakeOverRow, status=201)
@authenticated
def take_over() -> Any:
    """为更紧急的需求接管一份占用的全部或一部分。"""
    taken = run(commands.take_over, body(TakeOverInput))
    return next(row for row in view.read(queries.take_overs, 0, 500) if row.id == taken)
