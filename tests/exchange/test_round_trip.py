"""What was exported is taken in again and changes nothing, KIND by KIND, in both formats."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supplyops.catalogue import queries as catalogue
from supplyops.exchange.columns import Kind
from supplyops.exchange.exporting import export_kind, write_rows
from supplyops.exchange.importing import import_data
from supplyops.exchange.kinds import ALL, KINDS
from supplyops.exchange.parsers import TEXT, WHOLE, Scaled
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import names_of, read_as, read_file
from supplyops.exchange.sheets import AS_FOUND, read_sheet
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import InvalidInput
from supplyops.runtime import Runtime
from supplyops.stock import commands, document_queries
from supplyops.stock import queries as stock
from supplyops.stock.as_of_queries import AsOf, StockClock, stock_rows_as_of
from supplyops.stock.views import StockFilter
from supplyops.teams import queries as teams
from supplyops.verify.books import verify
from tests.exchange.city import ROWS, build_city, csv_of, load
from tests.once import START

NOT_WITHOUT = {
    "road-reports": ["原因", "限行车型级别"],
    "asset-plans": ["每几个月", "每运行几小时"],
    "contract-lines": ["物资编码", "车型代码"],
    "tasks": ["力量需求", "需要人数"],
}
"""Columns that a row of the KIND cannot be read without."""
TRICKY = st.text(alphabet=st.sampled_from("=+-@'\"\t\n,; ;,\u3000\u00a0\uff11\uff21天山A01._x0041_ة²"), max_size=12)


@pytest.fixture
def city(runtime: Runtime) -> Runtime:
    build_city(runtime)
    return runtime


def test_every_kind_goes_out_and_comes_in_unchanged(city: Runtime) -> None:
    for format_name in ("csv", "xlsx"):
        for kind in ALL:
            data = export_kind(city, SYSTEM, kind.name, format_name)
            done = import_data(city, SYSTEM, kind.name, f"{kind.name}.{format_name}", data)
            assert done.rows >= len(ROWS[kind.name]), (kind.name, format_name)
            assert (done.saved.added, done.saved.changed) == (0, 0), (kind.name, format_name)
            assert done.is_no_op
            assert export_kind(city, SYSTEM, kind.name, format_name) == data, kind.name
    assert wrong(city) == [], "what changed nothing has written nothing"


def wrong(runtime: Runtime) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(runtime.database) if not each.is_clean]


def test_an_answer_that_is_kept_is_no_row_of_the_file(city: Runtime) -> None:
    for key, expected in (("a", True), ("a", True), ("b", True), ("c", False)):
        rows = [{**ROWS["items"][0], "物资名称": "单帐篷" if key == "c" else ROWS["items"][0]["物资名称"]}]
        assert load(city, "items", rows, SYSTEM.keyed(key)).is_no_op is expected
        assert wrong(city) == []


def test_the_same_file_twice_changes_nothing(city: Runtime) -> None:
    for kind in ALL:
        done = load(city, kind.name, ROWS[kind.name])
        assert (done.saved.added, done.saved.changed, done.saved.unchanged) == (0, 0, len(ROWS[kind.name])), kind.name


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
@pytest.mark.parametrize("kind_name", sorted(KINDS))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_row_survives_the_way_out_and_in(
    kind_name: str, format_name: str, data: st.DataObject
) -> None:
    """Text of any look and numbers of any size, in every KIND: what is written is what is read.

    Workbooks too are read in this process: that a process of its own comes to the same is told by the corpus.
    """
    kind = KINDS[kind_name]
    rows = []
    for row in read_file(kind, "base.csv", csv_of(ROWS[kind_name])).inputs:
        values = kind.show(row)
        for column in kind.columns:
            if column.field in kind.key or (kind_name, column.field) == (
                "parameters",
                "value",
            ):  # has a meaning by its key
                continue
            if column.parser is TEXT:
                values[column.field] = data.draw(TRICKY)
            elif isinstance(column.parser, Scaled) and column.parser is not WHOLE and values[column.field] is not None:
                values[column.field] = data.draw(st.integers(0, 10**9))
        try:
            rows.append(kind.make(dict(values)))
        except InvalidInput:
            assume(False)
    written = write_rows(kind, rows, format_name)
    sheet = read_sheet(f"{kind_name}.{format_name}", written, AS_FOUND, frozenset(names_of(kind)))
    assert read_as(kind, sheet).done().inputs == rows


def test_a_blank_is_not_a_no(city: Runtime) -> None:
    (team,) = ROWS["teams"]
    load(city, "teams", [team | {"可夜间作业": "", "可零下30度作业": "否"}])
    kept = city.read(teams.team, SYSTEM, team["队伍代码"])
    assert (kept.works_at_night, kept.works_at_minus_30) == (None, False)
    load(city, "teams", [team | {"可夜间作业": "是", "可零下30度作业": ""}])
    kept = city.read(teams.team, SYSTEM, team["队伍代码"])
    assert (kept.works_at_night, kept.works_at_minus_30) == (True, None)


def test_a_role_with_other_days_is_changed(city: Runtime) -> None:
    row = {**ROWS["roles"][0], "截止日期": "2026-12-31"}
    assert load(city, "roles", [row]).saved.changed == 1
    assert load(city, "roles", [row]).is_no_op
    out = export_kind(city, SYSTEM, "roles", "csv").decode("utf-8-sig").splitlines()
    assert "wangjg,业务员,654004,2026-01-05,2026-12-31,自然灾害、事故灾难" in out
    assert load(city, "roles", [{**row, "生效日期": ""}]).is_no_op


def _needed(kind: Kind) -> list[str]:
    """The fewest columns that the rows of a KIND can be told by."""
    marked = [column.header for column in kind.columns if column.required or column.field in kind.key]
    return marked + NOT_WITHOUT.get(kind.name, [])


def test_a_column_that_is_not_in_the_file_empties_nothing(city: Runtime) -> None:
    for kind in ALL:
        before = export_kind(city, SYSTEM, kind.name, "csv")
        needed = _needed(kind)
        rows = list(csv.DictReader(io.StringIO(before.decode("utf-8-sig"))))
        done = import_data(city, SYSTEM, kind.name, "narrow.csv", csv_of(rows, headers=needed))
        assert (done.is_no_op, done.rows) == (True, len(rows)), kind.name
        assert export_kind(city, SYSTEM, kind.name, "csv") == before, kind.name


def test_a_cell_that_is_emptied_is_empty(city: Runtime) -> None:
    item = {**ROWS["items"][1], "参考单价(元)": "", "使用年限(月)": ""}
    assert load(city, "items", [item]).saved.changed == 1
    kept = city.read(catalogue.item, SYSTEM, "A01002")
    assert (kept.reference_price_fen, kept.service_life_months, kept.is_recoverable) == (0, None, True)


def test_what_a_row_keeps_has_to_go_with_what_it_says(city: Runtime) -> None:
    team = {
        name: ROWS["teams"][0][name]
        for name in ("队伍代码", "队伍名称", "队伍类别", "用人方式", "所属单位代码", "区划代码")
    }
    with pytest.raises(FileRefused) as refused:
        load(city, "teams", [{**team, "编制人数": "1", "能力": ROWS["teams"][0]["能力"]}])
    assert [(each.row, each.code) for each in refused.value.problems] == [(2, "too_large")]


def test_a_column_that_cannot_be_left_out_is_marked_so() -> None:
    for kind in ALL:
        needed = _needed(kind)
        rows = [{name: row.get(name, "") for name in needed} for row in ROWS[kind.name]]
        assert len(read_file(kind, "narrow.csv", csv_of(rows)).inputs) == len(rows), kind.name


def test_exercise_goods_and_others_may_stand_in_one_file(city: Runtime) -> None:
    water = ROWS["lots"][1]
    rows = [{**water, "批次号": "W-1"}, {**water, "批次号": "W-2", "演练物资": "是"}, {**water, "批次号": "W-3"}]
    assert load(city, "lots", rows).saved.added == 3
    assert load(city, "lots", rows).is_no_op
    out = export_kind(city, SYSTEM, "lots", "csv").decode("utf-8-sig")
    told = {row["批次号"]: row["演练物资"] for row in csv.DictReader(io.StringIO(out))}
    assert [told[number] for number in ("W-1", "W-2", "W-3")] == ["否", "是", "否"]
    assert wrong(city) == []


def test_the_day_on_which_opening_stock_came_in_is_kept(city: Runtime) -> None:
    row = ROWS["lots"][2]
    out = export_kind(city, SYSTEM, "lots", "csv").decode("utf-8-sig")
    assert {each["批次号"]: each["入库日期"] for each in csv.DictReader(io.StringIO(out))} == {
        each["批次号"]: each.get("入库日期", "") for each in ROWS["lots"]
    }
    with pytest.raises(FileRefused) as refused:
        load(city, "lots", [{**row, "入库日期": "2023-06-20"}])
    assert [each.code for each in refused.value.problems] == ["lot_exists"], "what is in the books is not told anew"
    assert load(city, "lots", [{name: value for name, value in row.items() if name != "入库日期"}]).is_no_op
    shown = city.read(stock.lot, SYSTEM, row["批次号"])
    assert (shown.came_on, shown.created_at) == (date(2023, 6, 19), START)
    for clock in StockClock:
        before = AsOf(START - timedelta(microseconds=1), clock)
        assert city.read(stock_rows_as_of, SYSTEM, StockFilter(), before) == [], "nobody knew of it"
    assert wrong(city) == []


def test_a_lot_may_lie_in_two_bins(city: Runtime) -> None:
    water = {**ROWS["lots"][1], "批次号": "W-1", "入库日期": "2025-10-01"}
    two = [water, {**water, "库位代码": "city-q", "数量": "30"}]
    assert load(city, "lots", two).saved.added == 2
    assert load(city, "lots", two).is_no_op
    rows = city.read(stock.stock_rows, SYSTEM, StockFilter(lot_number="W-1"))
    assert [(row.location_code, row.on_hand) for row in rows] == [("city-a-01", 2000), ("city-q", 30)]
    out = export_kind(city, SYSTEM, "lots", "csv")
    assert import_data(city, SYSTEM, "lots", "lots.csv", out).is_no_op
    for wrongly, code in (
        ([{**water, "批次号": "W-2"}, {**two[1], "批次号": "W-2", "入库日期": ""}], "lot_of_two_minds"),
        ([water, {**water, "库位代码": "city-q", "数量": "31"}], "lot_exists"),
        ([{**water, "批次号": "A01002-QC-001"}], "lot_exists"),
        ([{**ROWS["lots"][0], "库位代码": "city-q"}], "lot_exists"),
        ([{**water, "批次号": "W-2"}, {**water, "批次号": "W-2"}], "row_repeated"),
    ):
        with pytest.raises(FileRefused) as refused:
            load(city, "lots", wrongly)
        assert [each.code for each in refused.value.problems] == [code]
    assert wrong(city) == []


def test_stock_whose_opening_was_reversed_is_opened_anew(city: Runtime) -> None:
    water = {**ROWS["lots"][1], "批次号": "W-1"}
    wrongly = [water, {**water, "库位代码": "city-q", "数量": "30"}]
    load(city, "lots", wrongly)
    number = city.read(stock.lot, SYSTEM, "W-1").document_number
    opened = city.read(document_queries.document, SYSTEM, number)
    city.run(commands.reverse_document, SYSTEM, opened.id, "数量抄错")
    out = export_kind(city, SYSTEM, "lots", "csv").decode("utf-8-sig")
    assert "W-1" not in out, "what was taken back was never there"
    with pytest.raises(FileRefused):
        load(city, "lots", [{**water, "厂家批号": "008"}])
    right = [{**water, "数量": "1999"}]
    assert load(city, "lots", right).saved.added == 1
    assert load(city, "lots", right).is_no_op
    rows = city.read(stock.stock_rows, SYSTEM, StockFilter(lot_number="W-1"))
    assert [(row.location_code, row.on_hand) for row in rows] == [("city-a-01", 1999)]
    with pytest.raises(FileRefused):
        load(city, "lots", wrongly[1:])
    assert wrong(city) == []


def test_every_lot_whose_number_is_taken_is_named(city: Runtime) -> None:
    with pytest.raises(FileRefused) as refused:
        load(city, "lots", [{**row, "数量": "77"} for row in ROWS["lots"]])
    assert [(each.row, each.code) for each in refused.value.problems] == [
        (2, "lot_exists"),
        (3, "lot_exists"),
        (4, "lot_exists"),
    ]
    assert all(row["批次号"] in problem.text for row, problem in zip(ROWS["lots"], refused.value.problems, strict=True))
