"""Whatever the checker finds wrong can be said."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import optimizer.check
from supplyops.wording.violations import VIOLATIONS, violation_words

PLACE = {"expect": 1, "violation": 0}
"""Which argument is the code."""


def codes() -> Iterator[str]:
    """Every code that the checker of plans writes down."""
    for path in Path(optimizer.check.__file__).parent.glob("*.py"):
        if path.name == "goods.py":  # judges problems in arrays, which nobody plans with
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLACE:
                code = node.args[PLACE[node.func.attr]]
                if isinstance(code, ast.Constant):
                    yield str(code.value)


def test_every_code_has_its_words_and_every_word_its_code() -> None:
    spoken = {"higher_class_left_behind", "room_left_unused"}  # chosen by what would have to be left behind
    found = set(codes())
    assert len(found) > 60
    assert found | spoken == set(VIOLATIONS)


def test_what_is_wrong_is_said_with_its_figures() -> None:
    wrong = {"code": "overloaded", "where": "trip 3", "params": {"mass_g": 11, "payload_g": 10}}
    assert violation_words(wrong) == "超载(trip 3:mass_g 11、payload_g 10)"
    assert violation_words({"code": "gap_missing", "where": "line x"}) == "有缺口没有写明(line x)"
