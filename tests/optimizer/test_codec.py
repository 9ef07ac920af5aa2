"""Problems and solutions as JSON: there and back, refused in words, named by a hash, described by a schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from optimizer.__main__ import main
from optimizer.codec import from_json, problem_hash, to_json
from optimizer.model import Lock, LockMode, Problem, ProblemError
from optimizer.schema import schema
from optimizer.solution import Solution
from optimizer.validate import validate
from tests.optimizer.make import random_problem, small, with_rows
from tests.optimizer.test_check import plan


@pytest.mark.parametrize("seed", range(5))
def test_a_problem_comes_back_the_same_and_fits_the_schema(seed: int) -> None:
    problem = random_problem(seed)
    text = json.dumps(to_json(problem))
    assert from_json(Problem, json.loads(text)) == problem
    Draft202012Validator(schema(Problem)).validate(json.loads(text))


def test_a_solution_comes_back_the_same_and_fits_the_schema() -> None:
    solution = plan(small())
    text = json.dumps(to_json(solution))
    assert from_json(Solution, json.loads(text)) == solution
    Draft202012Validator(schema(Solution)).validate(json.loads(text))


def test_the_hash_names_the_content() -> None:
    assert problem_hash(small()) == problem_hash(small())
    assert problem_hash(small()) != problem_hash(with_rows(small(), "lots", tent_old={"quantity": 21}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v["lots"][0].update(quantity=1.5), "expected int @ $.lots[0].quantity"),
        (lambda v: v["lots"][0].update(quantity=True), "expected int @ $.lots[0].quantity"),
        (lambda v: v["lots"][0].update(colour="red"), "colour"),
        (lambda v: v["lots"][0].pop("site_id"), "site_id"),
        (lambda v: v["lots"][0].update(site_id="Z"), "lot tent-old: there is no site 'Z'"),
        (lambda v: v["lots"].append(v["lots"][0]), "source tent-old: the id stands for two of them"),
        (lambda v: v["lines"][0].update(quantity=0), "line A-tent: quantity is 0"),
        (lambda v: v["lines"][0].update(minimum_fill=41), "line A-tent: minimum fill 41"),
        (lambda v: v["edges"][0].update(factor_permille=0), "edge sa: its speed factor is 0"),
        (lambda v: v["vehicle_types"][0]["speed_kmh"].pop("snow"), "vehicle type truck: its speed on snow"),
        (lambda v: v.update(schema_version=99), "schema version 99"),
        (lambda v: v["lots"][0].update(quantity="5"), "tent-old: invalid value for type, expected int"),
        (lambda v: v.update(lots={}), "expected an array, found an object @ $.lots"),
        (lambda v: v.update(edges=""), "expected an array, found text @ $.edges"),
        (lambda v: v["lots"][1].update(only_sites={"A": 1}), "tent-new: expected an array, found an object"),
        (lambda v: v["lots"][1].update(only_sites="A"), "tent-new: expected an array, found text"),
        (lambda v: v["rules"].update(incompatible_groups=["ab"]), "expected an array, found text"),
        (lambda v: v["rules"].update(incompatible_groups=[["a"]]), "expected an array of 2, found 1"),
        (lambda v: v["lots"].append(5), "expected an object (Lot), found a number @ $.lots[3]"),
        (lambda v: v["sites"][0].update(name="\ud800"), "S: half of a sign, which cannot be written"),
        (lambda v: v["nodes"][0].update(lat_e6=90_000_001), "node s: lat_e6 is 90000001"),
        (lambda v: v["lots"][0].update(unit_price_fen=-1), "lot tent-old: unit_price_fen is -1"),
        (lambda v: v["vehicle_types"][0].update(cost_per_km_fen=-1), "vehicle type truck: cost_per_km_fen is -1"),
        (lambda v: v["vehicle_types"][0].update(height_cm=-1), "vehicle type truck: height_cm is -1"),
        (lambda v: v["edges"][0].update(bridge_limit_kg=-1), "edge sa: bridge_limit_kg is -1"),
        (lambda v: v["sites"][0].update(size_class_max=10**400), "site S: size_class_max is 10^4"),
        (lambda v: v["vehicles"][0].update(free_until=10**400), "vehicle V1: free_until is 10^4"),
        (lambda v: v["rules"].update(incompatible_groups=[["food", "food"]]), "food is incompatible with itself"),
        (
            lambda v: v["lines"][0].update(
                substitutes=[{"item_id": "quilt", "item_quantity": 1, "substitute_quantity": n} for n in (1, 2)]
            ),
            "line A-tent: an item stands in for tent twice",
        ),
    ],
)
def test_nonsense_is_refused_in_words(change: object, words: str) -> None:
    value = json.loads(json.dumps(to_json(small())))
    assert callable(change)
    change(value)
    with pytest.raises(ProblemError) as refusal:
        from_json(Problem, value)
    assert any(words in fault for fault in refusal.value.faults), refusal.value.faults


@pytest.mark.parametrize("value", [[], "problem", 5, None, True, [[]], [{}]])
@pytest.mark.parametrize("kind", [Problem, Solution])
def test_what_is_no_object_at_all_is_refused_in_words(kind: type[Problem] | type[Solution], value: object) -> None:
    with pytest.raises(ProblemError, match="expected an object"):
        from_json(kind, value)


def test_a_number_that_no_screen_holds_is_refused_without_being_shown() -> None:
    too_large = with_rows(small(), "lots", tent_old={"quantity": 10**5000})
    with pytest.raises(ProblemError, match=r"lot tent-old: quantity is 10\^\d+ or so"):
        validate(too_large)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "brackets within brackets"),
        ('{"id":' * 100_000, "brackets within brackets"),
        ('{"id": "a", "id": "b"}', "'id' is twice in one object"),
        ("", "not JSON"),
        ("{" + '"a": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_a_file_that_is_no_problem_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = tmp_path / "problem.json"
    path.write_text(text, encoding="utf-8")
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.json"), "--iterations", "1"]) == 2
    assert words in capsys.readouterr().err


def test_a_mark_of_byte_order_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(to_json(small())), encoding="utf-8-sig")
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.json"), "--iterations", "1"]) == 0


def test_a_lock_needs_goods_the_line_can_use() -> None:
    with pytest.raises(ProblemError, match="the source holds quilt"):
        validate(replace(small(), locks=(Lock("quilt-1", "A-tent", LockMode.AT_MOST, 1),)))
