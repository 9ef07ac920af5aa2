"""A plan edited by hand comes back as a sheet or as JSON, is judged, and adopted only when the checker passes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.exchange.plan_sheets import SHEET_FILE, judge_file
from supplyops.exchange.problems import FileRefused
from supplyops.kernel.access import Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, WrongState
from supplyops.planning import judging, queries, variants
from supplyops.planning.rules import PlanState
from supplyops.planning.tables import Plan, PlanLine, PlanVariant
from supplyops.planning.variants import VariantPage
from supplyops.runtime import Runtime
from tests.house import TENT
from tests.planning.town import STREET, STREET_POINT, Town, build_town


@pytest.fixture
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 60))
    town.request((TENT, 20), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 50)
    return town


def cells(town: Town, plan_id: UUID) -> list[list[str]]:
    rows = town.runtime.read(judging.sheet, town.commander, str(plan_id))
    text = SHEET_FILE.write(rows, "csv").decode("utf-8-sig")
    return [line.split(",") for line in text.strip().splitlines()]


def changed(rows: list[list[str]], **by_column: Any) -> bytes:
    """The sheet with the first row below the header changed."""
    head, first, *rest = rows
    row = [str(by_column.get(name, cell)) for name, cell in zip(head, first, strict=True)]
    return "\n".join(",".join(each) for each in (head, row, *rest)).encode()


def judged(town: Town, plan_id: UUID, file: str, data: bytes) -> VariantPage:
    made = judge_file(town.runtime, town.commander, plan_id, file, data)
    return town.runtime.read(variants.variant, town.commander, str(plan_id), made)


def counts(town: Town) -> tuple[int, ...]:
    with town.runtime.database.read() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Plan, PlanLine, PlanVariant)
        )


def refused(town: Town, plan_id: UUID, data: bytes, file: str = "改.csv") -> str:
    before = counts(town)
    with pytest.raises(FileRefused) as caught:
        judge_file(town.runtime, town.commander, plan_id, file, data)
    assert counts(town) == before, "a file that is refused leaves nothing"
    return "\n".join(caught.value.lines)


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_what_goes_out_unchanged_comes_back_as_the_same_plan(town: Town, format_name: str) -> None:
    plan_id = town.plan()
    rows = town.runtime.read(judging.sheet, town.commander, str(plan_id))
    found = judged(town, plan_id, f"方案.{format_name}", SHEET_FILE.write(rows, format_name))
    assert (found.variant.is_feasible, found.variant.violations) == (True, ())
    assert found.variant.figures is not None
    assert found.variant.figures.is_same
    with pytest.raises(Conflict, match="variant_no_change"):
        town.runtime.run(variants.adopt, town.commander, plan_id, found.variant.id)


def test_a_clean_edit_becomes_the_plan(town: Town) -> None:
    plan_id = town.plan()
    rows = cells(town, plan_id)
    before = int(rows[1][rows[0].index("数量")])
    whose = {row[rows[0].index("送达")]: int(row[rows[0].index("数量")]) for row in rows[1:]}
    assert sum(whose.values()) == 50
    trip = rows[1][rows[0].index("车次")]
    later = [rows[0]] + [
        [
            ("2026-01-12 14:00" if name == "出发或送达时间" and row[0] == trip else cell)
            for name, cell in zip(rows[0], row, strict=True)
        ]
        for row in rows[1:]
    ]
    found = judged(town, plan_id, "改.csv", "\n".join(map(",".join, later)).encode())
    assert before
    assert found.variant.is_feasible, found.variant.violations
    assert found.variant.figures is not None
    assert (found.variant.figures.deltas.served_persons, found.variant.figures.is_same) == (0, False)
    made = town.runtime.run(variants.adopt, town.commander, plan_id, found.variant.id)
    assert town.head(made).state is PlanState.DRAFT
    assert town.head(plan_id).state is PlanState.SUPERSEDED
    assert town.head(made).options["adopted"]["origin"] == "edited"


def test_a_wrong_edit_is_told_in_words_and_cannot_be_adopted(town: Town) -> None:
    plan_id = town.plan()
    found = judged(town, plan_id, "改.csv", changed(cells(town, plan_id), 数量=5000))
    codes = {each.code for each in found.variant.violations}
    assert {"oversold", "overserved"} <= codes
    assert not found.variant.is_feasible
    before = counts(town)
    with pytest.raises(Conflict, match="variant_not_clean"):
        town.runtime.run(variants.adopt, town.commander, plan_id, found.variant.id)
    assert counts(town) == before
    assert town.head(plan_id).state is PlanState.DRAFT
    assert len(town.runtime.read(variants.variants, town.commander, str(plan_id))) == 1


def test_what_is_wrong_with_a_file_is_said_with_row_and_column(town: Town) -> None:
    plan_id = town.plan()
    rows = cells(town, plan_id)
    assert "第 2 行“来源”列" in refused(town, plan_id, changed(rows, 来源="nowhere"))
    assert "第 2 行“车牌”列" in refused(town, plan_id, changed(rows, 车牌="新X99999"))
    assert "须同时填写" in refused(town, plan_id, changed(rows, 车牌=""))
    assert "第 2 行“数量”列" in refused(town, plan_id, changed(rows, 数量=10**18))
    assert "第 2 行“数量”列" in refused(town, plan_id, changed(rows, 数量=0))
    assert "第 2 行“数量”列" in refused(town, plan_id, changed(rows, 数量="四十"))
    assert "第 2 行“需求单”列" in refused(town, plan_id, changed(rows, 需求单="XQ-0"))
    assert "“出发或送达时间”" in refused(town, plan_id, changed(rows, 出发或送达时间="明天"))
    assert "数量" in refused(town, plan_id, b"a,b\n1,2\n")
    assert refused(town, plan_id, b"")
    assert refused(town, plan_id, ",".join(rows[0]).encode())
    assert refused(town, plan_id, b"PK\x03\x04 not a workbook", "改.xlsx")
    assert refused(town, plan_id, bytes(range(256)) * 40)


def test_rows_of_one_trip_agree(town: Town) -> None:
    plan_id = town.plan()
    rows = cells(town, plan_id)
    other = list(rows[1])
    other[rows[0].index("出发或送达时间")] = "2026-01-12 20:00"
    data = "\n".join(map(",".join, [*rows, other])).encode()
    assert "不一致" in refused(town, plan_id, data)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "nonsense", '{"allocations": 5}', "[" * 100_000, '{"a": 1e999}', f'{{"a": {10**400}}}'],
)  # fmt: skip
def test_json_that_is_no_solution_is_refused(town: Town, text: str) -> None:
    plan_id = town.plan()
    before = counts(town)
    with pytest.raises(InvalidInput, match="not_a_solution"):
        judge_file(town.runtime, town.commander, plan_id, "解.json", text.encode())
    assert counts(town) == before


def test_a_solution_as_json_is_judged_as_it_stands(town: Town) -> None:
    plan_id = town.plan()
    plain = town.runtime.read(queries.solution_json, town.commander, str(plan_id))
    assert judged(town, plan_id, "解.json", json.dumps(plain).encode()).variant.is_feasible
    plain["allocations"][0]["quantity"] += 1
    wrong = judged(town, plan_id, "解.json", json.dumps(plain).encode()).variant
    assert {"wrong_loading"} <= {each.code for each in wrong.violations}
    plain["allocations"][0]["source_id"] = "nobody"
    nameless = judged(town, plan_id, "解.json", json.dumps(plain).encode()).variant
    assert (nameless.figures, nameless.violations[0].code) == (None, "unknown_source")


def test_only_who_makes_plans_may_and_only_of_one_with_a_result(town: Town) -> None:
    plan_id = town.plan()
    data = changed(cells(town, plan_id))
    with pytest.raises(Forbidden):
        judge_file(town.runtime, town.house.actor(Role.KEEPER), plan_id, "改.csv", data)
    running = town.start()
    with pytest.raises(WrongState):
        judge_file(town.runtime, town.commander, running, "改.csv", data)
    rows = [line.row for line in town.runtime.read(judging.sheet, town.commander, str(plan_id))]
    with pytest.raises(InvalidInput):
        replace(rows[0], trip_no=None)
