"""Notices over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from supplyops.notices import commands, queries
from supplyops.notices.queries import NoticeFilter, NoticeRow
from web import view
from web.api.base import answers, asks, authenticated, noun, run, window, writes

blueprint = noun("notices", "提醒:占用被接管、批次停用等")


@blueprint.get("/")
@asks(blueprint, all="1:包括已确认的", below="1:包括发给下级单位的", offset="跳过几行", limit="最多几行")
@answers(blueprint, NoticeRow, many=True)
@authenticated
def notices() -> Any:
    """提醒,新的在前。"""
    offset, limit = window()
    where = NoticeFilter(not request.args.get("all"), not request.args.get("below"))
    return view.read(queries.notices, where, offset, limit)


@blueprint.post("/<uuid:notice_id>/acknowledge")
@writes(blueprint)
@answers(blueprint, None, status=204)
@authenticated
def acknowledge(notice_id: UUID) -> Any:
    """确认一条提醒。"""
    run(commands.acknowledge, notice_id)
    return ""
