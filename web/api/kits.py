"""Kits over the API: what they are made of, building, breaking, taking back."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.catalogue import commands as catalogue_commands
from supplyops.catalogue import queries as catalogue
from supplyops.catalogue.kits import KitInput
from supplyops.catalogue.queries import KitPartRow
from supplyops.kits import commands, queries
from supplyops.kits.queries import Buildable, ContentRow, KitWorkRow
from supplyops.kits.rules import KitBreakInput, KitBuildInput
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, window, writes
from web.api.orders import Reason

blueprint = noun("kits", "成套物资:组成、组装、拆解")


@blueprint.get("/")
@answers(blueprint, KitPartRow, many=True)
@authenticated
def kits() -> Any:
    """全部成套物资的组成。"""
    return view.read(catalogue.kit_parts)


@blueprint.put("/<sku>/parts")
@writes(blueprint, KitInput)
@answers(blueprint, KitPartRow, many=True)
@authenticated
def save_kit(sku: str) -> Any:
    """规定一种成套物资由什么组成;没有列出的不再属于它。"""
    run(catalogue_commands.define_kit, body(KitInput, sku=sku))
    return view.read(catalogue.kit_parts, sku)


@blueprint.get("/buildable")
@asks(blueprint, sku="成套物资编码")
@answers(blueprint, Buildable, many=True)
@authenticated
def buildable() -> Any:
    """各库用现有物资可以组装多少。"""

    return view.read(queries.buildable, request.args.get("sku", "")[:6])


@blueprint.get("/lots/<number>/contents")
@answers(blueprint, ContentRow, many=True)
@authenticated
def contents(number: str) -> Any:
    """一个成套批次里每套有哪些批次的组成物资。"""
    return view.read(queries.contents, number)


@blueprint.get("/works")
@asks(blueprint, offset="跳过几行", limit="最多几行")
@answers(blueprint, KitWorkRow, many=True)
@authenticated
def works() -> Any:
    """组拆单,新的在前。"""
    offset, limit = window()
    return view.read(queries.works, offset, limit)


@blueprint.get("/works/<number>")
@answers(blueprint, KitWorkRow)
@authenticated
def work(number: str) -> Any:
    """一张组拆单。"""
    return view.read(queries.work, number)


@blueprint.post("/builds")
@writes(blueprint, KitBuildInput)
@answers(blueprint, KitWorkRow, status=201)
@authenticated
def build() -> Any:
    """组装。"""
    return view.read(queries.work_by_id, run(commands.build_kits, body(KitBuildInput)))


@blueprint.post("/breaks")
@writes(blueprint, KitBreakInput)
@answers(blueprint, KitWorkRow, status=201)
@authenticated
def take_apart() -> Any:
    """拆解。"""
    return view.read(queries.work_by_id, run(commands.break_kits, body(KitBreakInput)))


@blueprint.post("/works/<number>/reverse")
@writes(blueprint, Reason)
@answers(blueprint, KitWorkRow)
@authenticated
def reverse(number: str) -> Any:
    """冲销一张组拆单。"""
    row = view.read(queries.work, number)
    run(commands.reverse_kit_work, row.id, body(Reason).because)
    return view.read(queries.work, number)
