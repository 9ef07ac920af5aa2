"""Reserves over the API: adequacy, what stands behind a figure, how long stock lasts."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.catalogue.rules import GbMajor
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.norms.rules import Season
from supplyops.people.rules import Level
from supplyops.reserves import queries
from supplyops.reserves.cover import CoverInput, cover
from supplyops.reserves.rules import Adequacy, Grouping
from supplyops.reserves.views import (
    AdequacyDetail,
    AdequacyFilter,
    AdequacyGroup,
    AdequacyRow,
    CoverRow,
    MethodRow,
)
from web import view
from web.api.base import answers, asks, authenticated, choice, noun

blueprint = noun("reserves", "储备:充足性、缺口、保障时长")
COVER_NEEDS = ("level", "area", "persons", "season")
NARROWING = {
    "level": "层级",
    "area": "区划代码",
    "tag": "保障类别",
    "need_class": "需求类别代码",
    "gb_major": "国标大类",
    "sku": "物资编码",
    "colour": "状态:green、amber、red、grey",
    "season": "按哪个季节的目标:summer、winter、all;不填为当天所在季节",
}


def narrowed() -> AdequacyFilter:
    """The filter that the query names. Raises InvalidInput for a code that is not known."""
    args = request.args
    return AdequacyFilter(
        level=choice(Level, "level"),
        area_code=args.get("area", "")[:20],
        tag=args.get("tag", "")[:20],
        need_class=args.get("need_class", "")[:20],
        gb_major=choice(GbMajor, "gb_major"),
        sku=args.get("sku", "")[:6],
        colour=choice(Adequacy, "colour"),
        season=choice(Season, "season"),
    )


@blueprint.get("/adequacy")
@asks(blueprint, **NARROWING)
@answers(blueprint, AdequacyRow, many=True)
@authenticated
def adequacy() -> Any:
    """逐地逐项的储备充足性。"""
    return view.read(queries.adequacy, narrowed())


@blueprint.get("/groups")
@asks(blueprint, by="汇总方式:tier、place、tag、need_class、gb_major", **NARROWING)
@answers(blueprint, AdequacyGroup, many=True)
@authenticated
def groups() -> Any:
    """储备充足性按层级、地方、保障类别、需求类别或国标大类汇总。"""
    return view.read(queries.groups, choice(Grouping, "by") or Grouping.TIER, narrowed())


@blueprint.get("/below")
@answers(blueprint, AdequacyRow, many=True)
@authenticated
def below() -> Any:
    """低于储备目标的,最缺的在前。"""
    return view.read(queries.below)


@blueprint.get("/methods")
@answers(blueprint, MethodRow, many=True)
@authenticated
def methods() -> Any:
    """各种测算方法得出的目标人数,以及现用的方法。"""
    return view.read(queries.methods)


@blueprint.get("/adequacy/<level>/<area>/<sku>")
@asks(blueprint, season=NARROWING["season"])
@answers(blueprint, AdequacyDetail)
@authenticated
def detail(level: str, area: str, sku: str) -> Any:
    """一个数字的由来:批次、合同、代用品。"""
    return view.read(queries.detail, level_of(level), area, sku, choice(Season, "season"))


@blueprint.get("/cover")
@asks(
    blueprint, needs=COVER_NEEDS, level="层级", area="区划代码", persons="人数", season="季节:summer、winter",
    hazard="灾种代码", sheltered="集中安置人数", livestock="牲畜数", with_below="是否计入下级储备:1、0",
)  # fmt: skip
@answers(blueprint, CoverRow, many=True)
@authenticated
def hours() -> Any:
    """现有库存能保障多少小时;hours 为空是不限,0 是不够立即所需。"""
    return view.read(cover, asked_cover())


def asked_cover() -> CoverInput:
    """Whom stock has to last for, from the query. Raises InvalidInput naming the fields."""
    args = request.args
    missing = [FieldError(name, "required") for name in COVER_NEEDS if not args.get(name)]
    if missing:
        raise InvalidInput(fields=tuple(missing))
    level, season = choice(Level, "level"), choice(Season, "season")
    assert level is not None and season is not None
    return CoverInput(
        level=level,
        area_code=args["area"],
        persons=_whole("persons") or 0,
        season=season,
        hazard=args.get("hazard", "")[:40],
        sheltered=_whole("sheltered"),
        livestock=_whole("livestock") or 0,
        with_below=args.get("with_below", "1") != "0",
    )


def _whole(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 12:
        raise InvalidInput(fields=(FieldError(name, "not_whole", {"value": text[:40]}),))
    return int(text)


def level_of(code: str) -> Level:
    """A level named in the address. Raises InvalidInput."""
    if code not in set(Level):
        raise InvalidInput(fields=(FieldError("level", "unknown_choice", {"value": code[:40]}),))
    return Level(code)
