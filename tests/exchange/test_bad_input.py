"""Bad files: every problem is told with file, row, column, value and remedy, and nothing is imported."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry
from supplyops.catalogue.tables import Item
from supplyops.cli.compose import metadata
from supplyops.exchange.columns import Kind
from supplyops.exchange.importing import import_data
from supplyops.exchange.kinds import ALL
from supplyops.exchange.problems import PROBLEMS_MAX, FileRefused
from supplyops.exchange.reading import read_file
from supplyops.kernel.access import SYSTEM, Actor
from supplyops.kernel.errors import Forbidden, InvalidInput
from supplyops.people.tables import User
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot
from tests.exchange.city import ROWS, Cells, build_city, csv_of, load

NUMBERED = re.compile(r"\[IMP-\d{3}\]$")
LOT: Cells = {**ROWS["lots"][0], "批次号": "A01002-QC-900"}
ITEM: Cells = {**ROWS["items"][1], "物资编码": "A01009"}


@pytest.fixture
def city(runtime: Runtime) -> Runtime:
    build_city(runtime)
    return runtime


def counts(runtime: Runtime) -> tuple[int, int, int]:
    with runtime.database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Lot, Item, JournalEntry))  # type: ignore[return-value]


def refused(runtime: Runtime, kind: str, rows: list[Cells], headers: list[str] | None = None) -> tuple[str, ...]:
    """The sentences of a refused file; nothing may have changed."""
    before = counts(runtime)
    with pytest.raises(FileRefused) as caught:
        import_data(runtime, SYSTEM, kind, f"{kind}.csv", csv_of(rows, headers=headers))
    assert counts(runtime) == before
    assert all(NUMBERED.search(line) for line in caught.value.lines[:PROBLEMS_MAX])
    return tuple(NUMBERED.sub("", line) for line in caught.value.lines)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"数量": "-3"}, "lots.csv 第 2 行“数量”列(D 列)为“-3”:应为大于 0 的整数。请填大于 0 的整数。"),
        ({"数量": "0"}, "lots.csv 第 2 行“数量”列(D 列)为“0”:应为大于 0 的整数。请填大于 0 的整数。"),
        ({"数量": "2.5"}, "lots.csv 第 2 行“数量”列(D 列):“2.5”不是整数。请填整数,不带单位和小数。"),
        ({"数量": "120箱"}, "lots.csv 第 2 行“数量”列(D 列):“120箱”不是数字。请只填数字,不带单位、空格和科学计数法。"),
        ({"数量": "1E5"}, "lots.csv 第 2 行“数量”列(D 列):“1E5”不是数字。请只填数字,不带单位、空格和科学计数法。"),
        ({"数量": "1O0"}, "lots.csv 第 2 行“数量”列(D 列):“1O0”不是数字:第 2 个字符是“O”,不是数字 0。请改为数字,例如 120。"),
        ({"数量": "12,00"}, "lots.csv 第 2 行“数量”列(D 列):“12,00”不是数字。请只填数字,不带单位、空格和科学计数法。"),
        ({"数量": ""}, "lots.csv 第 2 行“数量”列(D 列):必填。请填写。"),
        ({"数量": "9999999999"}, "lots.csv 第 2 行“数量”列(D 列)为“9999999999”:不能大于 1000000000。请核对后改正。"),
        ({"数量": "=1+1"}, "lots.csv 第 2 行“数量”列(D 列):“=1+1”是公式,不接受公式。请粘贴为数值;确为文字时在前面加单引号 '。"),
        ({"物资编码": "Z99999"}, "lots.csv 第 2 行“物资编码”列(B 列):“Z99999”不存在。请核对代码,或先导入它所在的文件。"),
        ({"库位代码": "nowhere"}, "lots.csv 第 2 行“库位代码”列(C 列):“nowhere”不存在。请核对代码,或先导入它所在的文件。"),
        ({"有效期至": "2023-01-01"}, "lots.csv 第 2 行“有效期至”列(I 列)为“2023-01-01”:有效期(2023-01-01)早于生产日期(2024-09-01)。请核对生产日期和有效期。"),
        ({"生产日期": "2025.2.30"}, "lots.csv 第 2 行“生产日期”列(G 列):“2025.2.30”不是实际存在的日期。请核对年月日。"),
        ({"生产日期": "45123"}, "lots.csv 第 2 行“生产日期”列(G 列):“45123”像是表格软件内部的日期序号(相当于 2023-07-16),不是日期。请把该列设为日期格式,或写成 2026-01-05。"),
        ({"生产日期": "民国115年1月5日"}, "lots.csv 第 2 行“生产日期”列(G 列):“民国115年1月5日”不是日期,例如 2026-01-12。请写成 2026-01-05、2026/1/5 或 2026年1月5日。"),
        ({"单价(元)": "1.005"}, "lots.csv 第 2 行“单价(元)”列(H 列):“1.005”过细:单位元,最多 2 位小数。请按该单位填写,或减少小数位数。"),
        ({"单价(元)": "-1"}, "lots.csv 第 2 行“单价(元)”列(H 列)为“-1”:不能小于 0。请核对后改正。"),
        ({"演练物资": "也许"}, "lots.csv 第 2 行“演练物资”列(I 列):“也许”既不是“是”也不是“否”。请填“是”或“否”。"),
        ({"批次号": "A01002-QC-001", "数量": "7"}, "lots.csv 第 2 行“批次号”列(A 列)为“A01002-QC-001”:批次号 A01002-QC-001 已被占用。请换一个批次号;已入账的数量用盘点或冲销更正。"),
        ({"生产厂家": "长" * 81}, f"lots.csv 第 2 行“生产厂家”列(I 列)为“{'长' * 40}…”:过长:81 个字符,最多 80 个。请缩短。"),
        ({"生产厂家": "长" * 5001}, f"lots.csv 第 2 行“生产厂家”列(I 列)为“{'长' * 40}…”:过长:5001 个字符,最多 5000 个。请缩短。"),
        ({"生产厂家": "暗\u202e号"}, "lots.csv 第 2 行“生产厂家”列(I 列)为“暗[U+202E]号”:含有不可见字符(U+202E),请删除后重新输入。请删除该字符后重新输入。"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named(city: Runtime, changed: Cells, told: str) -> None:
    assert refused(city, "lots", [{**LOT, **changed}]) == (told,)


def test_all_problems_of_a_file_are_told_at_once(city: Runtime) -> None:
    lines = refused(
        city,
        "items",
        [
            {**ITEM, "单位毛重(kg)": "0.0005", "用途分类": "随便"},
            {},
            {**ITEM, "物资编码": "a1", "国标大类": "4"},
            {**ITEM, "物资编码": "A01010", "需求类别": "love", "每包装数量": "0"},
        ],
    )
    assert lines == (
        "items.csv 第 2 行“用途分类”列(E 列):“随便”不在可选范围内:抢险救援保障/应急救援力量保障/受灾人员基本生活保障。请从中选一个。",
        "items.csv 第 2 行“单位毛重(kg)”列(G 列):“0.0005”过细:单位kg,最多 3 位小数。请按该单位填写,或减少小数位数。",
        "items.csv 第 4 行“国标大类”列(D 列):“4”不在可选范围内:基本生活保障物资/应急装备及配套物资/工程材料与机械加工设备。请从中选一个。",
        "items.csv 第 5 行“每包装数量”列(L 列)为“0”:应为大于 0 的整数。请填大于 0 的整数。",
    )


def test_figures_are_told_in_the_units_of_the_file(city: Runtime) -> None:
    lines = refused(city, "items", [{**ITEM, "单位毛重(kg)": "100000.001"}])
    assert lines == ("items.csv 第 2 行“单位毛重(kg)”列(G 列)为“100000.001”:不能大于 100000。请核对后改正。",)
    short = refused(city, "roads", [{**ROWS["roads"][0], "里程(km)": "3"}])
    assert short == (
        "roads.csv 第 2 行“里程(km)”列(E 列)为“3”:里程短于两点直线距离 10.481 km。请核对里程和两端节点的坐标。",
    )


def test_rows_that_repeat_each_other(city: Runtime) -> None:
    lines = refused(city, "lots", [LOT, {**LOT, "批次号": "A01002-QC-901"}, LOT])
    assert lines == ("lots.csv 第 4 行“批次号”列(A 列):“A01002-QC-900 / city-a-01”与第 2 行重复。请删去重复的一行。",)


def test_columns_unknown_missing_and_double(city: Runtime) -> None:
    lines = refused(city, "lots", [{**LOT, "件数": "1"}], headers=["批次号", "数量", "件数", "quantity", "物资编码"])
    assert lines == (
        "lots.csv 第 1 行:不认识的列“件数”。请对照 supplyops import --list 改名或删除该列。",
        "lots.csv 第 1 行“数量”列(D 列):列“数量”出现了两次。请删去其中一列。",
        "lots.csv 第 1 行:缺少列“库位代码”。请补上该列,列名见 supplyops import --list。",
        "lots.csv 第 1 行:缺少列“物权单位代码”。请补上该列,列名见 supplyops import --list。",
        "lots.csv 第 1 行:缺少列“资金来源”。请补上该列,列名见 supplyops import --list。",
    )


def test_more_cells_than_columns(city: Runtime) -> None:
    with pytest.raises(FileRefused) as caught:
        import_data(city, SYSTEM, "lots", "lots.csv", csv_of([LOT])[:-2] + ",溢出\r\n".encode())
    assert caught.value.lines == (
        "lots.csv 第 2 行:这一行的单元格比表头多:“溢出”。请删去多余的单元格;CSV 中含逗号的文字要加双引号。[IMP-033]",
    )
    headless = csv_of([LOT]).replace(b"\r\n", b",\r\n", 1)[:-2] + ",溢出\r\n".encode()
    with pytest.raises(FileRefused) as caught:
        import_data(city, SYSTEM, "lots", "lots.csv", headless)
    assert caught.value.lines == (
        "lots.csv 第 2 行:这一行的单元格比表头多:“溢出”。请删去多余的单元格;CSV 中含逗号的文字要加双引号。[IMP-033]",
    )


def test_the_list_of_problems_is_bounded(city: Runtime) -> None:
    lines = refused(city, "lots", [{**LOT, "批次号": f"L-{number}", "数量": "-1"} for number in range(300)])
    assert len(lines) == 201
    assert lines[-1] == "lots.csv 另有 100 处问题未列出。"


def test_what_a_command_refuses_is_told_by_row(city: Runtime) -> None:
    unit = refused(city, "items", [ITEM, {**ROWS["items"][1], "计量单位": "套"}])
    assert unit == (
        "items.csv 第 3 行“计量单位”列(C 列)为“套”:物资 A01002 12m²棉帐篷 已有出入库流水,计量单位、包装数量和内含量不能再改(原为 顶)。请改回原来的单位和数量,或用新的物资编码。",
    )
    moved = refused(city, "locations", [{**ROWS["locations"][0], "场所代码": "water-store"}])
    assert moved == (
        "locations.csv 第 2 行“场所代码”列(C 列)为“water-store”:库位不能改到其他场所。应填:库位不能改到其他场所。",
    )
    rank = refused(city, "need-classes", [{"类别代码": "x", "类别名称": "新", "优先顺序": "1"}])
    assert rank == ("need-classes.csv 第 2 行“优先顺序”列(C 列):“1”已被使用。应填:1 最先,逐级严格优先。",)


def test_ranks_may_change_places(city: Runtime) -> None:
    done = load(city, "need-classes", [{"类别代码": "life", "类别名称": "生命保障", "优先顺序": "2"}, {"类别代码": "food", "类别名称": "应急食品", "优先顺序": "1"}])  # fmt: skip
    assert (done.saved.added, done.saved.changed) == (0, 2)


def test_an_unknown_kind_names_the_known_ones(city: Runtime) -> None:
    with pytest.raises(InvalidInput) as caught:
        import_data(city, SYSTEM, "things", "things.csv", b"")
    assert caught.value.code == "unknown_kind"
    assert "need-classes" in str(caught.value.params["kinds"])


def test_a_keeper_may_not_import_items_and_nothing_changes(city: Runtime) -> None:
    with city.database.read() as session:
        keeper = Actor(session.scalars(select(User.id).where(User.username == "likg")).one(), via="test")
    before = counts(city)[:2]
    with pytest.raises(Forbidden):
        load(city, "items", [ITEM], keeper)
    with pytest.raises(Forbidden):
        load(city, "items", [ITEM], keeper, dry_run=True)
    assert counts(city)[:2] == before


def test_a_rehearsal_says_what_would_happen_and_writes_nothing(city: Runtime) -> None:
    before = counts(city)
    rows = [ITEM, {**ROWS["items"][0], "备注": "改了"}, ROWS["items"][1]]
    rehearsed = load(city, "items", rows, dry_run=True)
    assert (rehearsed.saved.added, rehearsed.saved.changed, rehearsed.saved.unchanged) == (1, 1, 1)
    assert rehearsed.dry_run
    assert counts(city) == before
    done = load(city, "items", rows)
    assert done.saved == rehearsed.saved
    assert counts(city) == (before[0], before[1] + 1, before[2] + 1)


def test_an_older_file_brings_its_content_back(city: Runtime) -> None:
    first, second = {**ITEM, "备注": "一"}, {**ITEM, "备注": "二"}
    assert load(city, "items", [first]).saved.added == 1
    assert load(city, "items", [second]).saved.changed == 1
    assert load(city, "items", [first]).saved.changed == 1
    assert load(city, "items", [first]).is_no_op


def test_wide_characters_are_made_narrow_and_reported(city: Runtime) -> None:
    done = load(
        city,
        "lots",
        [
            {
                **LOT,
                "批次号": "\uff21\uff10\uff11002-QC-900",
                "数量": "\uff11\uff12\uff10",
                "单价(元)": "\u30001\uff18\uff10\uff10.5\u3000",
            }
        ],
    )
    assert done.saved.added == 1
    assert done.notes == (
        "“批次号”有 1 处全角字符或空格已转为半角(第 2 行)。",
        "“数量”有 1 处全角字符或空格已转为半角(第 2 行)。",
        "“单价(元)”有 1 处全角字符或空格已转为半角(第 2 行)。",
    )
    with city.database.read() as session:
        assert session.scalars(select(Lot).where(Lot.number == "A01002-QC-900")).one().unit_price_fen == 1800_50


def test_english_columns_say_their_unit(city: Runtime) -> None:
    plain = {"sku": "A01009", "name": "帐篷", "unit": "顶", "gb_major": "1", "purpose": "people", "need_class": "life"}
    assert load(city, "items", [{**plain, "unit_mass_kg": "1.5", "unit_volume_m3": "0.002"}]).saved.added == 1
    assert load(city, "items", [{**plain, "unit_mass_g": "1500", "unit_volume_cm3": "2000"}]).is_no_op


TABLES = {
    "users": "app_user", "roles": "role_held", "lots": "lot", "assets": "asset", "teams": "rescue_team", "tasks": "rescue_task", "parameters": "parameter",
    "kits": "kit_part",
}  # fmt: skip


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_no_words_get_past_the_input_that_the_table_cannot_hold(kind: Kind) -> None:
    """SQLite would keep them, PostgreSQL would end in an error of its own: the input has to refuse them."""
    name = TABLES.get(kind.name, kind.name.removesuffix("s").replace("-", "_").replace("classe", "class"))
    columns = metadata().tables[name].columns
    values = kind.show(read_file(kind, "a.csv", csv_of(ROWS[kind.name])).inputs[0])
    for column in kind.columns:
        found = columns.get(
            {"lot_number": "number", "vehicle_type": "vehicle_type_code"}.get(column.field, column.field)
        )
        length = getattr(found.type, "length", None) if found is not None else None
        if (
            length is None
            or type(values[column.field]) is not str
            or column.field in {"parent_code", "area_code", "from_code", "to_code"}
        ):
            continue  # what refers to something else is refused when it does not exist
        with pytest.raises(InvalidInput):
            kind.make({**values, column.field: "x" * (length + 1)})


def test_imported_users_have_no_usable_password(city: Runtime) -> None:
    from supplyops.people.secret import Passwords

    with city.database.read() as session:
        user = session.scalars(select(User).where(User.username == "wangjg")).one()
    for attempt in ("", "!", "wangjg"):
        assert not Passwords().matches(attempt, user.password_hash)
