"""A file's way through a session: looked at, columns decided, effect shown, committed or discarded; nothing happens before."""

from __future__ import annotations

import csv
import io
import json
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry
from supplyops.catalogue.tables import Item
from supplyops.exchange import commands, queries, sessions
from supplyops.exchange.importing import import_data
from supplyops.exchange.kinds import KINDS
from supplyops.exchange.mapping import suggested
from supplyops.exchange.normalise import MARKS_HEADER
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.rules import How, MappingInput, ReadingInput, SessionState
from supplyops.exchange.tables import ImportSession
from supplyops.kernel.access import SYSTEM, Actor
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.people.tables import User
from supplyops.runtime import Runtime
from tests.conftest import Clock
from tests.exchange.city import ROWS, Cells, build_city, csv_of, load
from tests.verify.test_tampering import violated, without_guards

ITEM: Cells = {**ROWS["items"][1], "物资编码": "A01009", "备注": "新的"}
CHANGED: Cells = {**ROWS["items"][0], "物资名称": "单帐篷(改)"}


@pytest.fixture
def city(runtime: Runtime) -> Runtime:
    build_city(runtime)
    return runtime


@pytest.fixture
def clerk(city: Runtime) -> Actor:
    return person(city, "wangjg")


def person(runtime: Runtime, name: str) -> Actor:
    with runtime.database.read() as session:
        return Actor(session.scalars(select(User.id).where(User.username == name)).one(), via="test")


def items(runtime: Runtime) -> dict[str, str]:
    with runtime.database.read() as session:
        return {row.sku: row.name for row in session.scalars(select(Item))}


def start(runtime: Runtime, actor: Actor, rows: list[Cells], **more: str) -> UUID:
    headers = more.pop("headers", "").split() or None
    data = csv_of(rows, headers=headers)
    return sessions.start(runtime, actor, "items", "物资.csv", data)


def shown(runtime: Runtime, actor: Actor, session_id: UUID) -> dict[str, object]:
    found = runtime.read(queries.preview, actor, session_id)
    assert found is not None
    return found


def test_known_headers_lead_straight_to_the_difference_and_commit_does_it(city: Runtime, clerk: Actor) -> None:
    before = items(city)
    session_id = start(city, clerk, [ITEM, CHANGED, ROWS["items"][1]])
    row = city.read(queries.session, clerk, session_id)
    assert row.result == {"added": 1, "changed": 1, "unchanged": 1, "problems": 0}
    said = shown(city, clerk, session_id)
    assert [(line, change, key) for line, change, key, _ in said["rows"]] == [  # type: ignore[attr-defined]
        (2, "added", "A01009"),
        (3, "changed", "A01001"),
        (4, "unchanged", "A01002"),
    ]
    changes = said["rows"][1][3]  # type: ignore[index]
    assert changes == [["物资名称", "12m²单帐篷", "单帐篷(改)"]]
    assert items(city) == before
    saved = sessions.commit_shown(city, clerk, session_id)
    assert (saved.added, saved.changed, saved.unchanged) == (1, 1, 1)
    assert items(city) == before | {"A01009": "12m²棉帐篷", "A01001": "单帐篷(改)"}
    assert sessions.commit_shown(city, clerk, session_id) == saved
    with city.database.read() as session:
        assert session.scalar(select(func.count()).select_from(JournalEntry).where(JournalEntry.command == "exchange.commit_session")) == 1  # fmt: skip
        kept = session.get_one(ImportSession, session_id)
        assert (kept.state, kept.content, kept.preview) == (SessionState.COMMITTED, None, None)


def test_a_preview_that_no_longer_holds_is_shown_anew(city: Runtime, clerk: Actor) -> None:
    session_id = start(city, clerk, [CHANGED])
    load(city, "items", [{**CHANGED, "物资名称": "另一个名字"}])
    before = items(city)
    with pytest.raises(Conflict) as caught:
        sessions.commit_shown(city, clerk, session_id)
    assert caught.value.code == "preview_stale"
    assert items(city) == before
    said = shown(city, clerk, session_id)
    assert said["rows"][0][3] == [["物资名称", "另一个名字", "单帐篷(改)"]]  # type: ignore[index]
    assert sessions.commit_shown(city, clerk, session_id).changed == 1


def test_a_reference_that_went_away_is_told_instead_of_committed(city: Runtime, clerk: Actor) -> None:
    """What is added by somebody else in between turns an addition into nothing at all."""
    session_id = start(city, clerk, [ITEM])
    load(city, "items", [ITEM])
    with pytest.raises(Conflict):
        sessions.commit_shown(city, clerk, session_id)
    row = city.read(queries.session, clerk, session_id)
    assert (row.result["added"], row.result["unchanged"]) == (0, 1)


def test_unknown_headers_wait_for_a_person_who_is_remembered(city: Runtime, clerk: Actor) -> None:
    headers = dict(zip(ITEM, ("货号", "品名", "计量", "国标大类", "用途", "需求类别", "毛重", "单位体积(m³)", "使用年限", "回收", "价格", "x"), strict=False))  # fmt: skip
    strange = {headers[name]: value for name, value in ITEM.items()}
    strange["库管自用"] = "随便"
    session_id = start(city, clerk, [strange])
    row = city.read(queries.session, clerk, session_id)
    assert row.mapped is None
    assert city.read(queries.preview, clerk, session_id) is None
    with pytest.raises(Conflict) as caught:
        sessions.commit_shown(city, clerk, session_id)
    assert caught.value.code == "preview_missing"
    found = {column["header"]: (column["name"], column["how"]) for column in row.look["columns"]}
    assert found["货号"] == ("物资编码", "alias")
    assert found["品名"] == ("物资名称", "alias")
    assert found["用途"] == ("用途分类", "similar")
    assert found["库管自用"] == ("", "")
    mine = {column["letter"]: column["name"] for column in row.look["columns"] if column["name"]}
    letter = {column["header"]: column["letter"] for column in row.look["columns"]}
    mine |= {letter["毛重"]: "单位毛重(kg)", letter["使用年限"]: "使用年限(月)", letter["回收"]: "回收类", letter["价格"]: "参考单价(元)", letter["x"]: "备注"}  # fmt: skip
    sessions.map_columns(city, clerk, session_id, MappingInput(mine))
    assert sessions.commit_shown(city, clerk, session_id).added == 1
    again = start(city, clerk, [{**strange, "货号": "A01010"}])
    row = city.read(queries.session, clerk, again)
    assert {column["how"] for column in row.look["columns"] if column["name"]} == {"remembered"}
    assert row.mapped is None, "one column is passed over: a person says so again"
    other = person(city, "likg")
    with pytest.raises(Forbidden):
        start(city, other, [strange])


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ({"A": "物资编码"}, {"missing_column"}),
        ({"A": "物资编码", "B": "物资编码"}, {"duplicate_column", "missing_column"}),
        ({"A": "没有的列"}, {"unknown_column", "missing_column"}),
        ({"ZZ": "物资编码"}, {"no_such_column", "missing_column"}),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_and_nothing_changes(
    city: Runtime, clerk: Actor, columns: dict[str, str], codes: set[str]
) -> None:
    session_id = start(city, clerk, [ITEM])
    before = city.read(queries.session, clerk, session_id)
    with pytest.raises(InvalidInput) as caught:
        sessions.map_columns(city, clerk, session_id, MappingInput(columns))
    assert {error.code for error in caught.value.fields} == codes
    assert city.read(queries.session, clerk, session_id) == before


def test_another_unit_is_not_taken_for_ours() -> None:
    found = {
        each.header: each for each in suggested(KINDS["items"], ["单位毛重(g)", "单位毛重", "unit_mass_g", "物资编码*"])
    }
    assert found["单位毛重(g)"].name == ""
    assert (found["unit_mass_g"].name, found["unit_mass_g"].how) == ("unit_mass_g", How.EXACT)
    assert found["物资编码*"].name == "物资编码"


def test_problems_of_cells_and_of_the_books_are_told_together(city: Runtime, clerk: Actor) -> None:
    rows = [
        {**ITEM, "单位毛重(kg)": "12O"},
        {**ITEM, "物资编码": "A01010", "需求类别": "love"},
        {**ITEM, "物资编码": "A01011"},
    ]
    session_id = start(city, clerk, rows)
    said = shown(city, clerk, session_id)
    assert [(problem["row"], problem["column"], problem["code"]) for problem in said["problems"]] == [  # type: ignore[attr-defined]
        (2, "G", "letter_in_number"),
        (3, "F", "unknown_reference"),
    ]
    with pytest.raises(FileRefused) as caught:
        import_data(city, clerk, "items", "物资.csv", csv_of(rows))
    assert [problem.code for problem in caught.value.problems] == ["letter_in_number", "unknown_reference"]
    assert set(items(city)) == {row["物资编码"] for row in ROWS["items"]}
    with pytest.raises(Conflict):
        sessions.commit_shown(city, clerk, session_id)


def test_a_row_is_not_blamed_for_referring_to_one_that_cannot_be_read(city: Runtime) -> None:
    rows = [
        {"区划代码": "700", "区划名称": "新区", "层级": "市", "人口": "很多"},
        {"区划代码": "700001", "区划名称": "新乡", "层级": "township", "上级区划代码": "700"},
        {"区划代码": "700002", "区划名称": "旧乡", "层级": "township", "上级区划代码": "999"},
    ]
    with pytest.raises(FileRefused) as caught:
        load(city, "areas", rows)
    assert [(problem.row, problem.code) for problem in caught.value.problems] == [
        (2, "not_a_number"),
        (4, "unknown_reference"),
    ]


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_the_marked_copy_has_the_same_values_and_says_what_is_wrong(
    city: Runtime, clerk: Actor, format_name: str
) -> None:
    rows = [{**ITEM, "单位毛重(kg)": "12O", "备注": "=1+1"}, {**ITEM, "物资编码": "A01010"}]
    session_id = start(city, clerk, rows)
    data = sessions.marked(city, clerk, session_id, format_name)
    if format_name == "csv":
        table: list[list[str]] = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    else:
        table = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()  # type: ignore[assignment]
    assert table[0] == [*rows[0], MARKS_HEADER]
    given = [value if format_name == "xlsx" else value.replace("=1+1", "'=1+1") for value in rows[0].values()]
    assert table[1][:-1] == given
    assert "第 2 个字符" not in table[1][-1]
    assert "第 3 个字符是“O”" in table[1][-1]
    assert "公式" in table[1][-1]
    assert [table[2][place] for place in range(len(rows[1]))] == list(rows[1].values())
    assert table[2][-1] == ""
    again = sessions.start(city, clerk, "items", f"标注.{format_name}", data)
    row = city.read(queries.session, clerk, again)
    assert row.result["problems"] == (2 if format_name == "xlsx" else 1)
    assert row.mapped is not None, "the column of marks asks nobody anything"


def test_an_encoding_that_nobody_can_tell_is_asked_for(city: Runtime, clerk: Actor) -> None:
    text = "物資編碼,物資名稱\nA01009,帳篷與雨衣\n"
    session_id = sessions.start(city, clerk, "items", "物資.csv", text.encode("big5"))
    row = city.read(queries.session, clerk, session_id)
    assert row.look["is_undecided"]
    samples = {each["name"]: each["sample"] for each in row.look["encodings"]}
    assert samples["big5"] == ["物資編碼,物資名稱", "A01009,帳篷與雨衣"]
    sessions.read_again(city, clerk, session_id, ReadingInput(encoding="big5"))
    row = city.read(queries.session, clerk, session_id)
    assert (row.encoding, row.look["headers"]) == ("big5hkscs", ["物資編碼", "物資名稱"])


def test_the_header_may_stand_lower_and_be_chosen(city: Runtime, clerk: Actor) -> None:
    data = "霍尔果斯市物资目录,,\n制表人:王建国,,\n".encode() + csv_of([ITEM])
    session_id = sessions.start(city, clerk, "items", "物资.csv", data)
    row = city.read(queries.session, clerk, session_id)
    assert (row.header_row, row.result["added"]) == (3, 1)
    sessions.read_again(city, clerk, session_id, ReadingInput(header_row=1))
    row = city.read(queries.session, clerk, session_id)
    assert (row.header_row, row.mapped, row.look["headers"][0]) == (1, None, "霍尔果斯市物资目录")


def test_the_same_file_again_says_so(city: Runtime, clerk: Actor) -> None:
    sessions.commit_shown(city, clerk, start(city, clerk, [ITEM]))
    said = shown(city, clerk, start(city, clerk, [ITEM]))
    assert said["notes"] == ["同一文件已于 2026-01-12 10:00 由王建国导入过(新增 1 行,更新 0 行,不变 0 行)。"]
    done = import_data(city, clerk, "items", "别名.csv", csv_of([ITEM]))
    assert done.notes[-1].startswith("同一文件已于 2026-01-12 10:00 由王建国导入过")
    assert done.is_no_op


def test_a_session_is_its_owners_alone(city: Runtime, clerk: Actor) -> None:
    session_id = start(city, clerk, [ITEM])
    other = person(city, "likg")
    for ask in (queries.session, queries.preview, queries.kept_file):
        with pytest.raises(NotFound):
            city.read(ask, other, session_id)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        city.run(commands.discard_session, other, session_id)
    with pytest.raises(NotFound):
        sessions.commit_shown(city, other, session_id)
    with pytest.raises(Forbidden):
        start(city, SYSTEM, [ITEM])
    assert "A01009" not in items(city)


def test_a_session_runs_out_and_is_emptied(city: Runtime, clerk: Actor, clock: Clock) -> None:
    session_id = start(city, clerk, [ITEM])
    clock.advance(hours=25)
    for act in (sessions.commit_shown, sessions.find_out):
        with pytest.raises(Conflict) as caught:
            act(city, clerk, session_id)
        assert caught.value.code == "session_expired"
    start(city, clerk, [CHANGED])
    with city.database.read() as session:
        kept = session.get_one(ImportSession, session_id)
        assert (kept.state, kept.content) == (SessionState.DISCARDED, None)
    assert "A01009" not in items(city)


def test_a_discarded_session_is_over(city: Runtime, clerk: Actor) -> None:
    session_id = start(city, clerk, [ITEM])
    city.run(commands.discard_session, clerk, session_id)
    city.run(commands.discard_session, clerk, session_id)
    with pytest.raises((WrongState, Conflict)):
        sessions.commit_shown(city, clerk, session_id)
    done = start(city, clerk, [ITEM])
    sessions.commit_shown(city, clerk, done)
    with pytest.raises(WrongState):
        city.run(commands.discard_session, clerk, done)


def test_nobody_keeps_any_number_of_files(city: Runtime, clerk: Actor) -> None:
    for _ in range(10):
        start(city, clerk, [ITEM])
    with pytest.raises(Conflict) as caught:
        start(city, clerk, [ITEM])
    assert caught.value.code == "too_many_sessions"


def test_what_a_session_took_in_is_compared_with_what_it_wrote(city: Runtime, clerk: Actor) -> None:
    for rows in ([ITEM], [ITEM]):
        session_id = start(city, clerk, rows)
        sessions.commit_shown(city, clerk.keyed(str(session_id)), session_id)
        assert violated(city.database) == set(), "a file that changes nothing is no violation"
    (entry,) = [each for each in entries(city) if each.command == "exchange.commit_session" and each.detail["added"]]
    told = json.dumps(entry.detail | {"added": 0})
    without_guards(city.database, f"UPDATE journal_entry SET detail = '{told}' WHERE seq = {entry.seq}")
    assert "I19" in violated(city.database)


def entries(runtime: Runtime) -> list[JournalEntry]:
    with runtime.database.read() as session:
        return list(session.scalars(select(JournalEntry)))
