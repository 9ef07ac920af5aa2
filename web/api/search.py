"""One search over everything, over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.insight.search import TEXT_MAX, SearchHit
from supplyops.insight.search import search as search_everything
from web import view
from web.api.base import answers, asks, authenticated, noun, window

blueprint = noun("search", "搜索:名称、编码、单号、拼音或首字母")


@blueprint.get("/")
@asks(blueprint, text="要找的字", limit="每类最多几条")
@answers(blueprint, SearchHit, many=True)
@authenticated
def search() -> Any:
    """物资、批次、资产、场所、库位、单据、队伍、人员,最符合的在前;只含您可查看的。"""
    return view.read(search_everything, request.args.get("text", "")[:TEXT_MAX], min(window()[1], 50))
