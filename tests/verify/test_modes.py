"""The ways to check the books from the command line: all of them, up to a sequence, against an anchor; exit codes and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from supplyops.cli.main import main
from supplyops.verify.report import SHOWN_MAX
from tests.house import House
from tests.verify.test_tampering import house, without_guards

__all__ = ["house"]


@pytest.fixture
def told(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPLYOPS_DATABASE_URL", house.runtime.database.url.render_as_string(hide_password=False))

    def verify(*words: str) -> Result:
        return CliRunner().invoke(main, ["verify", *words])

    return verify


def test_the_books_up_to_a_sequence_are_as_they_were_then(house: House, told) -> None:  # type: ignore[no-untyped-def]
    without_guards(house.runtime.database, "UPDATE stock_move SET note = 'changed' WHERE seq = 5")
    assert told("--at", "4").exit_code == 0
    later = told("--at", "5", "--json")
    assert later.exit_code == 1
    answer = json.loads(later.output)
    assert (answer["scope"], answer["seq"], answer["clean"]) == ("at", 5, False)
    found = {each["id"]: each for each in answer["invariants"]}
    assert {each for each, finding in found.items() if finding["violations"]} == {"I7"}
    assert found["I8"]["checked"] == 5
    assert told().exit_code == 1
    for words in (("--at", "4", "--tail"), ("--at", "0"), ("--at", "x")):
        assert told(*words).exit_code == 2


def test_the_first_twenty_of_very_many_violations_are_shown_by_number(house: House, told) -> None:  # type: ignore[no-untyped-def]
    for number in range(SHOWN_MAX):
        house.lot(number=f"MANY-{number}")
    without_guards(house.runtime.database, "UPDATE journal_entry SET actor_name = 'x'")
    answer = json.loads(told("--json").output)
    chain = next(each for each in answer["invariants"] if each["id"] == "I7")
    assert chain["violations"] > SHOWN_MAX
    assert len(chain["examples"]) == SHOWN_MAX
    assert all("journal_entry 第 " in example for example in chain["examples"])


def test_rows_that_make_no_sense_are_violations_not_a_breakdown(house: House, told) -> None:  # type: ignore[no-untyped-def]
    if house.runtime.database.is_sqlite:
        without_guards(house.runtime.database, "UPDATE stock_move SET quantity = 'many', lot_id = 'x' WHERE seq = 4")
        answer = told("--json")
        assert answer.exit_code == 1
        assert not json.loads(answer.output)["clean"]


def test_what_is_no_anchor_cannot_be_held_against_the_books(told, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "broken").write_text("{")
    assert told("--anchor", str(tmp_path / "broken")).exit_code == 2
    assert told("--anchor", str(tmp_path / "missing")).exit_code == 2
    sealed = CliRunner().invoke(main, ["anchor", str(tmp_path / "kept"), "--json"])
    assert sealed.exit_code == 0
    assert CliRunner().invoke(main, ["anchor", str(tmp_path / "kept")]).exit_code == 5, (
        "a kept anchor is not written over"
    )
    held = json.loads(told("--anchor", str(tmp_path / "kept"), "--json").output)
    assert (held["clean"], held["anchor"]) == (True, json.loads(sealed.output)["number"])
