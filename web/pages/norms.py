"""Norms, thresholds and parameters: every figure with its source; those who may, edit them here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.catalogue import queries as catalogue
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms import commands, queries
from supplyops.norms.rules import NeedNormInput, ParameterInput, ReserveNormInput, ThresholdInput
from supplyops.wording.labels import CRITERIA
from web import forms, view
from web.forms import Form
from web.lists.registers import NEED_NORMS, PARAMETERS, RESERVE_NORMS, THRESHOLDS
from web.view import signed_in

FIELDS = {
    "code": "编码",
    "sku": "物资",
    "season": "季节",
    "driver": "依据",
    "amount_numerator": "分子",
    "amount_denominator": "分母",
    "day_rule": "天数",
    "minimum": "最低量",
    "elevation_min_m": "海拔不低于(m)",
    "source_mark": "来源",
    "valid_from": "生效",
    "valid_to": "失效",
    "note": "说明",
    "level": "层级",
    "quantity_per_thousand": "每千人数量",
    "floor_permille": "底线(‰)",
    "method": "测算方法",
    "fixed_quantity": "固定数量",
    "summer_permille": "夏季系数(‰)",
    "winter_permille": "冬季系数(‰)",
    "response_level": "响应级别",
    "criterion": "条件",
    "key": "参数",
    "value": "数值",
    "unit": "单位",
    "effective_from": "生效日期",
    "name": "名称",
}
KINDS: dict[str, tuple[type[Any], Any]] = {
    "need": (NeedNormInput, commands.save_need_norms),
    "reserve": (ReserveNormInput, commands.save_reserve_norms),
    "threshold": (ThresholdInput, commands.save_thresholds),
    "parameter": (ParameterInput, commands.save_parameters),
}
"""What can be edited: its input and the command that takes a list of it."""


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/norms", view_func=norms)
    pages.add_url_rule("/norms/reserve", view_func=reserve_norms)
    pages.add_url_rule("/norms/thresholds", view_func=thresholds)
    pages.add_url_rule("/norms/parameters", view_func=parameters)
    pages.add_url_rule("/norms/<kind>/edit", view_func=norm_edit, methods=["GET", "POST"])


@signed_in
def norms() -> Any:
    """Need norms: how much of an item a person, a household, a tent needs."""
    season = request.args.get("season", "")
    rows = [row for row in view.read(queries.need_norms) if not season or row.season in {season, "all"}]
    if file := NEED_NORMS.file_of(rows):
        return file
    units = {item.sku: item.content_unit or item.unit for item in view.read(catalogue.items)}
    return view.page("norms/need.html", rows=rows, season=season, units=units)


@signed_in
def reserve_norms() -> Any:
    """Reserve norms: what a level should keep, and what plans may not touch."""
    rows = view.read(queries.reserve_norms)
    if file := RESERVE_NORMS.file_of(rows):
        return file
    return view.page("norms/reserve.html", rows=rows)


@signed_in
def thresholds() -> Any:
    """What starts which response."""
    rows = view.read(queries.thresholds)
    if file := THRESHOLDS.file_of(rows):
        return file
    return view.page("norms/thresholds.html", rows=rows, criteria=CRITERIA)


@signed_in
def parameters() -> Any:
    """Figures used by rules."""
    rows = view.read(queries.parameters)
    if file := PARAMETERS.file_of(rows):
        return file
    return view.page("norms/parameters.html", rows=rows)


@signed_in
def norm_edit(kind: str) -> Answer:
    """Add a figure, or change the one that `code` names."""
    if kind not in KINDS:
        raise NotFound("noun")
    shape, save = KINDS[kind]
    code = request.args.get("code", "")
    form = Form(_initial(kind, code), FIELDS)
    lists = {"need": "norms", "reserve": "reserve_norms", "threshold": "thresholds", "parameter": "parameters"}
    if form.is_posted:
        with form.attempt():
            view.run(save, [forms.parse(shape, _said(kind))])
            return view.back(f"pages.{lists[kind]}", "已保存")
    view.require(view.may("norms.edit"))
    return form.page(
        "norms/edit.html",
        kind=kind,
        code=code,
        back=f"pages.{lists[kind]}",
        items=view.read(catalogue.items),
        criteria=CRITERIA,
        hazards=request.form.getlist("hazards") if form.is_posted else _hazards(kind, code),
    )


def _said(kind: str) -> dict[str, Any]:
    """What an empty field means: norms for every hazard, a parameter without a unit."""
    if kind == "need":
        return {"hazards": request.form.getlist("hazards")}
    return {"unit": request.form.get("unit", "").strip()} if kind == "parameter" else {}


def _hazards(kind: str, code: str) -> list[str]:
    found = [row for row in view.read(queries.need_norms) if row.code == code] if kind == "need" else []
    return list(found[0].hazards) if found else []


def _initial(kind: str, code: str) -> dict[str, str]:
    """The figure as it is, or what a new one starts from."""
    if not code:
        today = business_day(view.runtime().clock()).isoformat()
        reserve = {"floor_permille": "200", "summer_permille": "1000", "winter_permille": "1000"}
        return {"amount_denominator": "1", "minimum": "0", "effective_from": today, **reserve}
    rows: dict[str, Any]
    if kind == "need":
        rows = {row.code: row for row in view.read(queries.need_norms)}
    elif kind == "reserve":
        rows = {row.code: row for row in view.read(queries.reserve_norms)}
    elif kind == "threshold":
        rows = {f"{row.response_level}-{row.criterion}": row for row in view.read(queries.thresholds)}
    else:
        rows = {row.key: row for row in view.read(queries.parameters)}
    if code not in rows:
        raise NotFound("noun")
    values = {name: getattr(rows[code], name) for name in KINDS[kind][0].__dataclass_fields__}
    fields = {name: "" if value is None else str(value) for name, value in values.items() if name != "hazards"}
    if (
        kind == "parameter"
    ):  # a changed parameter is a new figure from a new day; the old one stays for what was decided
        fields["effective_from"] = business_day(view.runtime().clock()).isoformat()
    return fields
