"""What the stories must come to, by plain arithmetic from the files: no room of the house is used here.

Only this module and the files know the figures; the rooms are compared with it.
"""

from __future__ import annotations

import csv
import heapq
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[2] / "supplyops" / "demo"
YES, NO = "是", "否"

Row = dict[str, str]
Key = tuple[str, str]
"""(area, item)."""


@cache
def rows(name: str) -> tuple[Row, ...]:
    """All rows of the files of one noun: `lots` is `lots.city.csv` and `lots.prefecture.csv` together."""
    found: list[Row] = []
    paths = sorted(DEMO.glob(f"data/{name}.csv")) + sorted(DEMO.glob(f"data/{name}.*.csv"))
    assert paths, name
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    return tuple(found)


@cache
def story(name: str) -> dict[str, Any]:
    """A story as written."""
    told: dict[str, Any] = json.loads((DEMO / "scenarios" / f"{name}.json").read_text(encoding="utf-8"))
    return told


def parameter(key: str) -> Fraction:
    """A parameter's value."""
    return next(Fraction(row["数值"]) for row in rows("parameters") if row["参数"] == key)


def _up(number: Fraction) -> int:
    return ceil(number)


def _share(given: int | None, people: int, share: Fraction) -> int:
    return given if given is not None else _up(people * share)


def _drivers(place: dict[str, Any]) -> dict[str, int]:
    people = place.get("moved", 0) + place.get("urgent_aid", 0)
    sheltered = place.get("sheltered", place.get("moved", 0))
    livestock = place.get("livestock", 0)
    return {
        "人": people,
        "户": _share(place.get("households"), people, 1 / parameter("household_size")),
        "集中安置人数": sheltered,
        "帐篷数": _up(sheltered / parameter("persons_per_tent")),
        "婴幼儿": _share(place.get("infants"), people, parameter("infant_permille") / 1000),
        "老人": _share(place.get("elderly"), people, parameter("elderly_permille") / 1000),
        "育龄妇女": _share(place.get("women"), people, parameter("women_permille") / 1000),
        "牲畜": livestock,
        "安置点": 1 if people or livestock else 0,
    }


SEASONS = {"summer": "夏季", "winter": "冬季"}
HAZARDS = {"earthquake": "地震", "flood": "洪涝", "snow": "雪灾"}


def needs(name: str) -> dict[Key, tuple[int, int]]:
    """(area, item) -> (raw, in whole packages): what the newest report of a story means by the norms."""
    told = story(name)
    report = told["reports"][-1]["report"]
    days = report["days_of_cover"]
    season, hazard = SEASONS[report["season"]], HAZARDS[told["opening"]["incident"]["hazard"]]
    times = {"一次": 1, "按天": days, "前三天": min(3, days), "三天以后": max(0, days - 3)}
    items = {row["物资编码"]: row for row in rows("items")}
    heights = {row["区划代码"]: int(row["海拔(m)"] or 0) for row in rows("areas")}
    found: dict[Key, tuple[int, int]] = {}
    for place in report["areas"]:
        amounts: dict[str, Fraction] = defaultdict(Fraction)
        drivers = _drivers(place)
        for norm in rows("need-norms"):
            if norm["季节"] not in {season, "全年"}:
                continue
            if norm["适用灾种"] and hazard not in norm["适用灾种"].split("、"):
                continue
            if norm["最低海拔(m)"] and heights[place["area_code"]] < int(norm["最低海拔(m)"]):
                continue
            many = drivers[norm["测算依据"]]
            amount = many * Fraction(norm["每单位用量"]) * times[norm["天数规则"]]
            content = int(items[norm["物资编码"]]["单位内含量"])
            if many:
                amount = max(amount, Fraction(int(norm["最低数量"]) * content))
            amounts[norm["物资编码"]] += amount / content
        for sku, amount in amounts.items():
            raw, pack = _up(amount), int(items[sku]["每包装数量"])
            if raw:
                found[place["area_code"], sku] = (raw, -(-raw // pack) * pack)
    return found


def asked(name: str) -> dict[str, int]:
    """item -> what people need and what bodies ask for beyond it, all places together."""
    total: dict[str, int] = defaultdict(int)
    for (_, sku), (_, packed) in needs(name).items():
        total[sku] += packed
    for request in story(name)["requests"]:
        for line in request["lines"]:
            total[line["sku"]] += line["quantity"]
    return dict(total)


def requested(name: str) -> dict[Key, int]:
    """(area, item) -> what is asked for where the norms name a need: the needs themselves, and what bodies ask for there."""
    waiting = {key: packed for key, (_, packed) in needs(name).items()}
    for request in story(name)["requests"]:
        for line in request["lines"]:
            key = request["area_code"], line["sku"]
            if key in waiting:
                waiting[key] += line["quantity"]
    return waiting


def _floor(level: str, sku: str) -> int:
    persons = {"自治州": "prefecture", "市": "city", "乡场街道": "township", "村社区": "community"}
    for row in rows("reserve-norms"):
        if (row["层级"], row["物资编码"]) == (level, sku):
            target = int(row["每千人储备数量"]) * parameter(f"reserve.persons.{persons[level]}") / 1000
            return _up(target * Fraction(row["储备底线"].rstrip("%")) / 100)
    return 0


def stock(day: date, areas: tuple[str, ...] = ()) -> dict[tuple[str, str, str], int]:
    """(store, owner, item) -> stock that plans may use: on a shelf, good on that day, and more of it than the floor.

    Goods that a donor gave for one place count where it is among `areas` or above one of them.
    """
    shelves = {row["库位代码"]: row["场所代码"] for row in rows("locations") if row["库位类别"] == "存储"}
    outside = {row["单位代码"] for row in rows("organisations") if row["在指挥体系内"] == NO}
    levels = {row["场所代码"]: row["层级"] for row in rows("sites")}
    usable: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows("lots"):
        if row["库位代码"] not in shelves or row["物权单位代码"] in outside:
            continue  # what bodies outside the chain of command own can only be asked for
        store = shelves[row["库位代码"]]
        key = store, row["物权单位代码"], row["物资编码"]
        expired = bool(row["有效期至"]) and date.fromisoformat(row["有效期至"]) < day
        for_us = not row["使用限制"] or any(
            row["限用区划代码"] and area.startswith(row["限用区划代码"]) for area in areas
        )
        if not expired and for_us:
            usable[key] += int(row["数量"])
    found = {}
    for key, quantity in usable.items():
        store, _, sku = key
        free = quantity - _floor(levels[store], sku)
        if free > 0:
            found[key] = free
    return found


def contracts(called_at: datetime, hours: int) -> dict[str, int]:
    """item -> what suppliers in force bring within so many hours of the call. What has to be fetched is not counted."""
    total: dict[str, int] = defaultdict(int)
    day = called_at.date()
    heads = {row["合同编号"]: row for row in rows("contracts")}
    for line in rows("contract-lines"):
        head = heads[line["合同编号"]]
        in_force = date.fromisoformat(head["生效日期"]) <= day <= date.fromisoformat(head["截止日期"])
        is_brought = head["运输方式"] == "供方送货" and bool(head["供货场所代码"])
        if line["物资编码"] and in_force and is_brought:
            total[line["物资编码"]] += _handed_over(head, line, hours)
    return dict(total)


def _handed_over(head: Row, line: Row, hours: int) -> int:
    guaranteed, lead = int(line["保证数量"]), int(head["供货时限(小时)"])
    if not line["供应进度"]:
        return guaranteed if lead <= hours else 0
    best = 0
    for step in line["供应进度"].split("、"):
        after, share = step.split(":")
        if max(int(after.rstrip("h")), lead) <= hours:
            best = max(best, int(guaranteed * Fraction(share.strip().rstrip("%")) / 100))
    return best


def supply(name: str) -> dict[str, int]:
    """item -> stock that plans may use, in all stores, and what contracts give in time for the first batch."""
    called_at = datetime.fromisoformat(story(name)["plan"]["at"])
    total: dict[str, int] = defaultdict(int)
    areas = tuple(place["area_code"] for place in story(name)["reports"][-1]["report"]["areas"])
    for (_, _, sku), quantity in stock(called_at.date(), areas).items():
        total[sku] += quantity
    hours = int(parameter("first_batch_hours"))
    drafted_at = datetime.fromisoformat(story(name)["needs"]["at"])
    left = int((drafted_at + timedelta(hours=hours) - called_at).total_seconds() // 3600)
    for sku, quantity in contracts(called_at, left).items():
        total[sku] += quantity
    return dict(total)


def short(name: str) -> dict[str, tuple[int, int]]:
    """item -> (asked for, in reach), where less is in reach; substitutes are not counted."""
    have = supply(name)
    return {sku: (wanted, have.get(sku, 0)) for sku, wanted in asked(name).items() if have.get(sku, 0) < wanted}


def kilometres(month: int, start: str) -> dict[str, Fraction]:
    """node -> shortest way there by roads that are not closed in that month."""
    ways: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    for road in rows("roads"):
        if str(month) in road["封闭月份"].split("、"):
            continue
        length = Fraction(road["里程(km)"])
        ways[road["起点节点"]].append((road["终点节点"], length))
        if road["双向通行"] == YES:
            ways[road["终点节点"]].append((road["起点节点"], length))
    best: dict[str, Fraction] = {}
    heap = [(Fraction(0), start)]
    while heap:
        far, node = heapq.heappop(heap)
        if node in best:
            continue
        best[node] = far
        for other, length in ways[node]:
            heapq.heappush(heap, (far + length, other))
    return best
