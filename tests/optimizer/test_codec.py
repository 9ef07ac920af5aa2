"""Problems and solutions as JSON: there and back, refused in words, named by a hash, described by a schema."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

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
    ],
)
def test_nonsense_is_refused_in_words(change: object, words: str) -> None:
    value = json.loads(json.dumps(to_json(small())))
    assert callable(change)
    change(value)
    with pytest.raises(ProblemError) as refusal:
        from_json(Problem, value)
    assert any(words in fault for fault in refusal.value.faults), refusal.value.faults


def test_a_lock_needs_goods_the_line_can_use() -> None:
    with pytest.raises(ProblemError, match="the source holds quilt"):
        validate(replace(small(), locks=(Lock("quilt-1", "A-tent", LockMode.AT_MOST, 1),)))
