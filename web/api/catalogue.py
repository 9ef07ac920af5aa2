"""The catalogue over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.catalogue import commands, queries
from supplyops.catalogue.packs import LadderInput
from supplyops.catalogue.queries import ItemRow, NeedClassRow, PackRow, SubstituteRow
from supplyops.catalogue.rules import ItemInput
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, writes

blueprint = noun("items", "物资目录:物资、需求类别、代用")


@blueprint.get("/")
@asks(blueprint, text="名称、编码、拼音或首字母")
@answers(blueprint, ItemRow, many=True)
@authenticated
def items() -> Any:
    """物资目录。"""
    return view.read(queries.items, request.args.get("text", "").strip()[:60])


@blueprint.get("/classes")
@answers(blueprint, NeedClassRow, many=True)
@authenticated
def classes() -> Any:
    """需求类别,先后即保障次序。"""
    return view.read(queries.need_classes)


@blueprint.get("/substitutes")
@answers(blueprint, SubstituteRow, many=True)
@authenticated
def substitutes() -> Any:
    """规定的代用关系。"""
    return view.read(queries.substitutes)


@blueprint.get("/packs")
@answers(blueprint, PackRow, many=True)
@authenticated
def packs() -> Any:
    """物资本身的包装之上的各级包装。"""
    return view.read(queries.packs)


@blueprint.put("/<sku>/packs")
@writes(blueprint, LadderInput)
@answers(blueprint, PackRow, many=True)
@authenticated
def save_packs(sku: str) -> Any:
    """规定一种物资的各级包装;没有列出的不再有。"""
    run(commands.define_ladder, body(LadderInput, sku=sku))
    return view.read(queries.packs, sku)


@blueprint.get("/<sku>")
@answers(blueprint, ItemRow)
@authenticated
def item(sku: str) -> Any:
    """一种物资。"""
    return view.read(queries.item, sku)


@blueprint.put("/<sku>")
@writes(blueprint, ItemInput)
@answers(blueprint, ItemRow)
@authenticated
def save_item(sku: str) -> Any:
    """增加或修改物资;编码以地址中的为准;有出入库流水后计量单位和包装不能改。"""
    run(commands.save_items, [body(ItemInput, sku=sku)])
    return view.read(queries.item, sku)
