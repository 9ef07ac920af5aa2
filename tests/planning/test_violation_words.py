"""Whatever the checker finds wrong can be said, with names instead of ids, in Chinese and in English."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import optimizer.check
from supplyops.kernel.access import SYSTEM
from supplyops.planning import judging, queries, variants
from supplyops.planning.findings import SHAPES, Finding
from supplyops.runtime import Runtime
from supplyops.wording.violations import DETAILS, VIOLATIONS, violation_words
from tests.house import QUILT, TENT
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from web.language import catalogue

PLACE = {"expect": 1, "violation": 0}
"""Which argument is the code."""
NOT_TOLD = {"other_problem", "wrong_unloading", "room_left_unused", "higher_class_left_behind", "restricted"}
"""Their figures are hashes and rows, or what the place says already; or the code is chosen by what would be left behind."""


def calls() -> Iterator[tuple[Path, ast.Call, ast.Constant]]:
    """Every place where the checker of plans writes something down."""
    for path in Path(optimizer.check.__file__).parent.glob("*.py"):
        if path.name == "goods.py":  # judges problems in arrays, which nobody plans with
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLACE:
                code = node.args[PLACE[node.func.attr]]
                if isinstance(code, ast.Constant):
                    yield path, node, code


def test_every_code_has_its_words_and_every_word_its_code() -> None:
    spoken = {"higher_class_left_behind", "room_left_unused"}  # chosen by what would have to be left behind
    found = {str(code.value) for _, _, code in calls()}
    assert len(found) > 60
    assert found | spoken == set(VIOLATIONS)


def test_the_figures_that_are_told_are_those_that_the_checker_gives() -> None:
    given: dict[str, list[set[str]]] = defaultdict(list)
    for _, node, code in calls():
        given[str(code.value)].append({word.arg or "" for word in node.keywords})
    for code, names in given.items():
        told = set(re.findall(r"{(\w+)}", DETAILS.get(code, "")))
        assert code in NOT_TOLD or any(told == each or told < each for each in names), (code, told, names)
        assert code in NOT_TOLD or told or not any(names), f"{code}: nothing is told of {names}"


def test_every_place_that_the_checker_names_is_known() -> None:
    found = set()
    for path in Path(optimizer.check.__file__).parent.glob("*.py"):
        if path.name in {"goods.py", "teams.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and not isinstance(node.values[0], ast.FormattedValue):
                parts = (str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
                found.add("".join(parts))
    assert {"trip 7", "trip 7 to 7", "line 7", "lock of 7 for 7"} <= found
    assert not [each for each in found if not any(shape.fullmatch(each) for shape in SHAPES.values())]


@pytest.fixture
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 20))
    town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(sku=QUILT), 30)
    town.contract("HT-7", sku=QUILT, quantity=100, minimum_order=5)
    return town


def wrongs(town: Town) -> tuple[Finding, ...]:
    """A plan with much wrong in it, judged."""
    plan_id = town.plan()
    solution = deepcopy(town.runtime.read(queries.solution_json, SYSTEM, str(plan_id)))
    assert {row["trip_no"] for row in solution["allocations"]} > {None}, "goods of the supplier are among them"
    for row in solution["allocations"]:
        row["quantity"] *= 10_000
    first, *others = solution["trips"]
    first["departs_at"] += 60
    first["stops"][1]["arrives_at"] -= 60
    first["stops"][2]["departs_at"] -= 1
    first["stops"][2]["edges"] = first["stops"][2]["edges"][:-1]
    first["distance_m"] += 1
    for trip in others:
        trip["vehicle_id"] = first["vehicle_id"]
    solution["figures"]["cost_fen"] += 1
    solution["figures"]["last_arrival_at"] += 60
    solution["figures"]["drive_s"] += 1
    solution["gaps"] = []
    made = town.runtime.run(judging.judge_solution, town.commander, plan_id, json.dumps(solution))
    return town.runtime.read(variants.variant, town.commander, str(plan_id), made).variant.violations


RAW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|contract:|\b(trip|line|lot|site|allocation|edge)\b|\b[a-z]+_[a-z_]+\b|n-city|R-STREET|不明"
)


def test_what_is_wrong_is_said_with_names_and_in_english_with_the_same_names(town: Town) -> None:
    found = wrongs(town)
    told = "\n".join(each.text for each in found)
    assert len({each.code for each in found}) > 10
    assert not RAW.search(told), told
    for text in (
        r"霍尔果斯市库的棉被\(批号 A02003-\d+\):用量超过现有数量\(用了 300,000 床,只有 30 床\)",
        r"合同 HT-7 的棉被:用量超过现有数量",
        r"\) 300,000 床,给需求 XQ-654004001-\d+-0001 第1行\(卡拉苏体育馆 棉被\):折算的满足数量不对\(写的是 30 床,",
        r"第 1 车次\(新F1000\d\)开往伊车嘎善乡中学的路上:路线不相连",
        r"第 3 站\(伊车嘎善乡中学\):装卸时间不够\(至少要 22 分钟\)",
        r"行驶时间比道路允许的短\(用 \d+ 分( \d+ 秒|钟),至少要 ",
        r"里程不对\(写的是 20,000 m,应为 14,000 m\)",
        r"运费:汇总数字不对\(写的是 200.01 元,应为 200.00 元\)",
    ):
        assert re.search(text, told), (text, told)
    english = partial(lambda words, text: words.get(text, text), catalogue("en"))
    names = re.compile("霍尔果斯市库|伊车嘎善乡中学|卡拉苏体育馆|棉被|12m²棉帐篷|新F|床|顶")
    for each in found:
        foreign = violation_words(each, english)
        assert not re.search("[\u4e00-\u9fff]", names.sub("", foreign)), foreign
        assert sorted(names.findall(each.text)) == sorted(names.findall(foreign))


def wrong(code: str, **more: Any) -> Finding:
    return Finding(code, "", {}, "", **more)


def test_what_nobody_knows_is_said_all_the_same() -> None:
    assert violation_words(wrong("overloaded", subject={"text": "x{y}"}, values={"mass_g": "1"})) == "x(不明):超载"
    assert (
        violation_words(wrong("gap_missing", subject={"text": "x"}, values={"quantity": "1 顶"}))
        == "x:有缺口没有写明(缺 1 顶)"
    )
    assert violation_words(wrong("new_code", subject={"text": "x"})) == "x:new_code"
