"""What verify hashes of bare rows is the written form of what the books say, whatever it is, many rows at once or one by one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, MetaData, String, Table, Uuid

from supplyops.kernel.canonical import canonical
from supplyops.verify.written import Writer
from tests.conftest import START

ROWS = Table(
    "told", MetaData(), Column("key", Uuid()), Column("at", DateTime()), Column("said", String()), Column("number", Integer()),
    Column("is_so", Boolean()), Column("effects", JSON()), Column("seq", Integer()),
)  # fmt: skip
WORDS = st.text(max_size=12) | st.sampled_from(["100%", "%s", '", ', "], [", '", null', "\\", '"', "物资"])
HASHES = st.sampled_from(["0" * 64, "ab" * 32, None, "", "x"])
EFFECTS = st.lists(st.tuples(WORDS | st.just("stock_move"), WORDS, HASHES).map(list), max_size=4)
VALUES = st.fixed_dictionaries(
    {
        "key": st.none() | st.uuids(),
        "at": st.none() | st.integers(0, 1 << 50).map(lambda at: START + timedelta(microseconds=at)),
        "said": st.none() | WORDS,
        "number": st.none() | st.integers(-5, 5),
        "is_so": st.none() | st.booleans(),
        "effects": st.none() | EFFECTS | st.dictionaries(WORDS, WORDS, max_size=2),
    }
)


def bare(row: dict[str, Any]) -> tuple[Any, ...]:
    """The row as the driver gives it."""
    key, at, said, number, is_so, effects = (row[name] for name in ("key", "at", "said", "number", "is_so", "effects"))
    return (
        key.hex if isinstance(key, UUID) else None, f"{at:%Y-%m-%d %H:%M:%S.%f}" if at else None, said, number,
        None if is_so is None else int(is_so), None if effects is None else json.dumps(effects, ensure_ascii=False), 1,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=6), st.integers(1, 3))
def test_rows_are_written_down_as_the_books_write_them(rows: list[dict[str, Any]], times: int) -> None:
    found = Writer(ROWS, frozenset({"seq"})).texts([bare(row) for row in rows] * times)
    assert found == [canonical(row) for row in rows] * times


def test_a_value_of_another_kind_is_written_as_found_and_the_rows_beside_it_as_ever() -> None:
    row = {"key": None, "at": None, "said": "x", "number": 1, "is_so": True, "effects": []}
    forged = (None, None, "x", 1, 1, "no json", 1)
    right, wrong, again = Writer(ROWS, frozenset({"seq"})).texts([bare(row), forged, bare(row)])
    assert right == again == canonical(row)
    assert wrong == repr(forged).encode()
