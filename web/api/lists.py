"""Lists as files over the API: what the pages show, with the pages' own filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g

from supplyops.exchange.lists import FORMATS
from supplyops.kernel.errors import NotFound
from web.api.base import answers, authenticated, noun
from web.lists import LISTINGS, TYPES

blueprint = noun("lists", "清单导出:与页面相同的筛选条件,CSV 或 XLSX")


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list that can be had as a file."""

    name: str
    title: str
    columns: tuple[str, ...]


@blueprint.get("/")
@answers(blueprint, ListRow, many=True)
@authenticated
def lists() -> Any:
    """可导出的清单及其列。"""
    return [ListRow(each.name, each.title, each.headers) for each in LISTINGS.values()]


@blueprint.get("/<name>/<format_name>")
@blueprint.doc(
    responses={"200": {"description": "文件", "content": {kind.partition(";")[0]: {} for kind in TYPES.values()}}}
)
@answers(blueprint, None)
@authenticated
def file(name: str, format_name: str) -> Any:
    """一份清单的全部行(csv 或 xlsx);查询参数与页面地址相同。"""
    wanted = LISTINGS.get(name)
    if wanted is None or format_name not in FORMATS:
        raise NotFound("list")
    g.listing_format = format_name
    return current_app.view_functions[f"pages.{wanted.page}"]()
