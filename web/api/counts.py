"""Counts over the API: what is due, the sheet, figures, differences, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from supplyops.counts import commands, deciding, due_queries, late, queries
from supplyops.counts.due_queries import DueCount
from supplyops.counts.queries import CountDetail, CountFilter, CountRow
from supplyops.counts.rules import (
    CountInput,
    CountKind,
    CountState,
    EntriesInput,
    ExplanationsInput,
    FoundInput,
)
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.stock.late_entries import LateEffect
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, rehearse, run, window, writes

blueprint = noun("counts", "盘点:到期、盘点表、实盘数、差异、审批")


@dataclass(frozen=True, slots=True)
class Decision:
    """The approver's word."""

    note: str = ""
    cut_holds: bool = False


@blueprint.get("/")
@asks(blueprint, kind="类型", state="状态", site="场所代码", text="单号的一部分", offset="跳过几行", limit="最多几行")
@answers(blueprint, CountRow, many=True)
@authenticated
def counts() -> Any:
    """可见的盘点单,新的在前。"""
    offset, limit = window()
    where = CountFilter(
        kind=choice(CountKind, "kind"),
        state=choice(CountState, "state"),
        site_code=request.args.get("site", "")[:40],
        text=request.args.get("text", "")[:60],
    )
    return view.read(queries.counts, where, offset=offset, limit=limit)


@blueprint.get("/due")
@asks(blueprint, site="场所代码", by="到哪一天为止(2026-01-31);不写即今天")
@answers(blueprint, DueCount, many=True)
@authenticated
def due() -> Any:
    """该盘点的:食品药品每月、全库每季度、年终。"""
    return view.read(due_queries.due_counts, request.args.get("site", "")[:40], day_of("by"))


def day_of(name: str) -> date | None:
    """A day of the query. Raises InvalidInput for what is none."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(fields=(FieldError(name, "not_a_date", {"value": text[:40]}),)) from None


@blueprint.get("/<number>")
@answers(blueprint, CountDetail)
@authenticated
def count(number: str) -> Any:
    """一次盘点;盲盘在提交前不含账面数。"""
    return view.read(queries.count, number)


@blueprint.post("/")
@writes(blueprint, CountInput)
@answers(blueprint, CountDetail, status=201)
@authenticated
def start() -> Any:
    """开始盘点。"""
    return view.read(queries.count_by_id, run(commands.start, body(CountInput)))


def _id(number: str) -> Any:
    return view.read(queries.count, number).row.id


@blueprint.post("/<number>/entries")
@writes(blueprint, EntriesInput)
@answers(blueprint, CountDetail)
@authenticated
def enter(number: str) -> Any:
    """填写实盘数;复盘时由另一人填写。"""
    run(commands.enter, _id(number), body(EntriesInput))
    return view.read(queries.count, number)


@blueprint.post("/<number>/found")
@writes(blueprint, FoundInput)
@answers(blueprint, CountDetail, status=201)
@authenticated
def found(number: str) -> Any:
    """登记盘点表上没有的物资。"""
    run(commands.add_found, _id(number), body(FoundInput))
    return view.read(queries.count, number)


@blueprint.post("/<number>/witness")
@writes(blueprint)
@answers(blueprint, CountDetail)
@authenticated
def witness(number: str) -> Any:
    """监盘人确认在场。"""
    run(commands.witness, _id(number))
    return view.read(queries.count, number)


@blueprint.post("/<number>/submit")
@writes(blueprint)
@answers(blueprint, CountDetail)
@authenticated
def submit(number: str) -> Any:
    """与账面比对:转复盘、转审批或结束,见答复的 state。"""
    run(commands.submit, _id(number))
    return view.read(queries.count, number)


@blueprint.post("/<number>/explanations")
@writes(blueprint, ExplanationsInput)
@answers(blueprint, CountDetail)
@authenticated
def explain(number: str) -> Any:
    """说明差异原因。"""
    run(deciding.explain, _id(number), body(ExplanationsInput))
    return view.read(queries.count, number)


@blueprint.post("/<number>/approve/effect")
@writes(blueprint, Decision)
@answers(blueprint, LateEffect)
@authenticated
def approve_effect(number: str) -> Any:
    """试算批准的影响(补录的盘点),不过账。"""
    decision = body(Decision)
    return rehearse(late.try_approve, _id(number), decision.note, decision.cut_holds)


@blueprint.post("/<number>/approve")
@writes(blueprint, Decision)
@answers(blueprint, CountDetail)
@authenticated
def approve(number: str) -> Any:
    """批准差异并过账。"""
    decision = body(Decision)
    run(deciding.approve, _id(number), decision.note, decision.cut_holds)
    return view.read(queries.count, number)


@blueprint.post("/<number>/send-back")
@writes(blueprint, Reason)
@answers(blueprint, CountDetail)
@authenticated
def send_back(number: str) -> Any:
    """退回复盘。"""
    run(deciding.send_back, _id(number), body(Reason).because)
    return view.read(queries.count, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint, Reason)
@answers(blueprint, CountDetail)
@authenticated
def cancel(number: str) -> Any:
    """取消盘点。"""
    run(commands.cancel, _id(number), body(Reason).because)
    return view.read(queries.count, number)
