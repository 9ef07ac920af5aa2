"""Numbered units over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.assets import commands, due_queries, lending, loan_queries, queries, upkeep
from supplyops.assets.papers import issue_card
from supplyops.assets.rules import AssetInput, AssetWorkInput, HandBackInput, HandOutInput, OutOfOrderInput
from supplyops.assets.views import (
    AssetDueRow,
    AssetEventRow,
    AssetLoanRow,
    AssetPlanRow,
    AssetRow,
    AssetUpkeepRow,
    AssetWorkRow,
    UnregisteredRow,
)
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, window, writes
from web.api.orders import Reason
from web.pages.assets import filter_from_query

blueprint = noun("assets", "资产:逐件编号的装备,登记、领用、归还、保养、检定")
_WINDOW = {"offset": "跳过几行", "limit": "最多几行"}


@dataclass(frozen=True, slots=True)
class Registration:
    """Units to be registered."""

    assets: tuple[AssetInput, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering did."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Picking:
    """Units that go with the next goods of their lots; without a purpose they stay after all."""

    asset_numbers: tuple[str, ...]
    purpose: str = ""


@blueprint.get("/")
@asks(
    blueprint,
    text="序列号、编号、物资、领用人",
    sku="物资编码",
    lot="批次号",
    site="场所代码",
    team="队伍代码",
    state="状态",
    gone="1 包括已消耗、报废的",
    **_WINDOW,
)
@answers(blueprint, AssetRow, many=True)
@authenticated
def assets() -> Any:
    """所辖资产,按物资和序列号。"""
    offset, limit = window()
    return view.read(queries.assets, filter_from_query(), offset=offset, limit=limit)


@blueprint.post("/")
@writes(blueprint, Registration)
@answers(blueprint, Registered)
@authenticated
def register() -> Any:
    """登记资产,或更正已登记的。"""
    return run(commands.save_assets, list(body(Registration).assets))


@blueprint.get("/due")
@asks(blueprint, overdue="1 只看逾期", site="场所代码")
@answers(blueprint, AssetDueRow, many=True)
@authenticated
def due() -> Any:
    """该办的事:待归还、保养、检定、检查、待维修;逾期的在前。"""
    return view.read(
        due_queries.assets_due,
        only_overdue=bool(request.args.get("overdue")),
        site_code=request.args.get("site", "")[:40],
    )


@blueprint.get("/unregistered")
@asks(blueprint, site="场所代码")
@answers(blueprint, UnregisteredRow, many=True)
@authenticated
def unregistered() -> Any:
    """还没有登记序列号的库存。"""
    return view.read(due_queries.unregistered, request.args.get("site", "")[:40])


@blueprint.get("/plans")
@asks(blueprint, sku="物资编码")
@answers(blueprint, AssetPlanRow, many=True)
@authenticated
def plans() -> Any:
    """维护计划。"""
    return view.read(queries.asset_plans, request.args.get("sku", "")[:6])


@blueprint.post("/pick")
@writes(blueprint, Picking)
@answers(blueprint, None, status=204)
@authenticated
def pick() -> Any:
    """备货:选定随下一张单据走的资产;不写用途即取消备货。"""
    given = body(Picking)
    if given.purpose.strip():
        run(commands.pick_assets, list(given.asset_numbers), given.purpose)
    else:
        run(commands.put_back_assets, list(given.asset_numbers))


@blueprint.get("/loans")
@asks(blueprint, show="open 未还清,overdue 逾期未还,不填为全部", **_WINDOW)
@answers(blueprint, AssetLoanRow, many=True)
@authenticated
def loans() -> Any:
    """领用单。"""
    offset, limit = window()
    shown = request.args.get("show", "")
    return view.read(
        loan_queries.asset_loans,
        only_open=shown == "open",
        only_overdue=shown == "overdue",
        offset=offset,
        limit=limit,
    )


@blueprint.post("/loans")
@writes(blueprint, HandOutInput)
@answers(blueprint, AssetLoanRow, status=201)
@authenticated
def hand_out() -> Any:
    """领用。"""
    return view.read(loan_queries.asset_loan_by_id, run(lending.hand_out, body(HandOutInput)))


@blueprint.get("/loans/<loan_number>")
@answers(blueprint, AssetLoanRow)
@authenticated
def loan(loan_number: str) -> Any:
    """一张领用单。"""
    return view.read(loan_queries.asset_loan, loan_number)


@blueprint.post("/loans/<loan_number>/return")
@writes(blueprint, HandBackInput)
@answers(blueprint, AssetLoanRow)
@authenticated
def hand_back(loan_number: str) -> Any:
    """归还。"""
    run(lending.take_back, body(HandBackInput, loan_number=loan_number))
    return view.read(loan_queries.asset_loan, loan_number)


@blueprint.get("/<number>")
@answers(blueprint, AssetRow)
@authenticated
def asset(number: str) -> Any:
    """一件资产,按资产编号或序列号。"""
    return view.read(queries.asset, number)


@blueprint.get("/<number>/history")
@answers(blueprint, AssetEventRow, many=True)
@authenticated
def history(number: str) -> Any:
    """一件资产的经过,新的在前。"""
    return view.read(queries.asset_history, number)


@blueprint.get("/<number>/upkeep")
@answers(blueprint, AssetUpkeepRow, many=True)
@authenticated
def asset_upkeep(number: str) -> Any:
    """一件资产的维护计划和到期。"""
    return view.read(queries.asset_upkeep, number)


@blueprint.get("/<number>/works")
@answers(blueprint, AssetWorkRow, many=True)
@authenticated
def works(number: str) -> Any:
    """一件资产的工作记录。"""
    return view.read(queries.asset_works, number)


@blueprint.post("/<number>/works")
@writes(blueprint, AssetWorkInput)
@answers(blueprint, AssetRow, status=201)
@authenticated
def record(number: str) -> Any:
    """登记保养、检定、检查、维修。"""
    run(upkeep.record_work, body(AssetWorkInput, asset_number=number))
    return view.read(queries.asset, number)


@blueprint.post("/<number>/out-of-order")
@writes(blueprint, OutOfOrderInput)
@answers(blueprint, AssetRow)
@authenticated
def out_of_order(number: str) -> Any:
    """停用。"""
    run(upkeep.put_out_of_order, body(OutOfOrderInput, asset_number=number))
    return view.read(queries.asset, number)


@blueprint.post("/<number>/restore")
@writes(blueprint, Reason)
@answers(blueprint, AssetRow)
@authenticated
def restore(number: str) -> Any:
    """恢复使用。"""
    run(upkeep.put_back_in_service, number, body(Reason).because)
    return view.read(queries.asset, number)


@blueprint.post("/<number>/card")
@writes(blueprint)
@answers(blueprint, AssetRow)
@authenticated
def card(number: str) -> Any:
    """签发资产卡。"""
    run(issue_card, number)
    return view.read(queries.asset, number)
