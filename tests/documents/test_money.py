"""Money in figures and capitals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyops.kernel.money import FEN_MAX, capitals, figures

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def fen_of(text: str) -> int:
    """The amount that capitals say, read from left to right as a cashier does."""
    amount = section = digit = high = 0
    for character in text.replace("整", ""):
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in PLACES:
            section, digit = section + digit * PLACES[character], 0
        elif character == "万":
            high, section, digit = high + (section + digit) * 10_000, 0, 0
        elif character == "亿":
            high, section, digit = (high + section + digit) * 100_000_000, 0, 0
        elif character == "元":
            amount, high, section, digit = (high + section + digit) * 100, 0, 0, 0
        elif character == "角":
            amount, digit = amount + digit * 10, 0
        else:
            assert character == "分"
            amount, digit = amount + digit, 0
    return amount


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (100, "壹元整"),
        (1050, "壹拾元伍角整"),
        (10005, "壹佰元零伍分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (1005050, "壹万零伍拾元伍角整"),
        (10050000, "壹拾万零伍佰元整"),
        (1200300000, "壹仟贰佰万叁仟元整"),
        (10000500000, "壹亿零伍仟元整"),
        (10001000000, "壹亿零壹万元整"),
        (137013000, "壹佰叁拾柒万零壹佰叁拾元整"),
        (123456789012345, "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
    ],
)
def test_amounts_as_a_cashier_writes_them(fen: int, text: str) -> None:
    assert capitals(fen) == text
    assert fen_of(text) == fen


@given(st.one_of(st.integers(0, 10**13), st.integers(0, 10**6), st.integers(0, 10**9).map(lambda n: n * 10**4)))
def test_capitals_can_be_read_back(fen: int) -> None:
    text = capitals(fen)
    assert fen_of(text) == fen
    assert "零零" not in text
    assert text.endswith(("整", "分"))


@given(st.integers(0, FEN_MAX))
def test_figures_can_be_read_back(fen: int) -> None:
    assert int(figures(fen).replace(",", "").replace(".", "")) == fen


def test_figures_group_by_thousands() -> None:
    assert [figures(5), figures(1005050), figures(-100)] == ["0.05", "10,050.50", "-1.00"]


@pytest.mark.parametrize("fen", [-1, FEN_MAX + 1])
def test_what_no_paper_carries_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        capitals(fen)
