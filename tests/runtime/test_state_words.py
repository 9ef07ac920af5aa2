"""A refusal for the wrong state speaks the words of that very document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import supplyops
from supplyops.kernel.errors import WrongState
from supplyops.wording.errors import STATES, message
from supplyops.wording.labels import LABELS


@pytest.mark.parametrize("noun", sorted(STATES))
def test_every_state_is_called_as_in_its_own_lists(noun: str) -> None:
    for state, word in LABELS[STATES[noun]].items():
        assert f"“{word}”" in message(WrongState(noun, state, becomes="x"))


def test_every_document_that_can_be_in_the_wrong_state_has_words_of_its_own() -> None:
    house = Path(supplyops.__file__).parent
    refused = {
        noun
        for file in house.rglob("*.py")
        for noun in re.findall(r"WrongState\(\s*\"(\w+)\"", file.read_text("utf-8"))
    }
    assert len(refused) > 25
    assert refused - set(STATES) == set()


def test_a_step_that_cannot_be_taken_again_is_not_said_to_need_what_is_there() -> None:
    said = message(WrongState("supply_request", "accepted", becomes="accepted"))
    assert said == "需求申请单当前状态为“已受理”,不能变为“已受理”。"
    assert "需要" not in said
    assert "(需要“" in message(WrongState("supply_request", "submitted", "draft"))
