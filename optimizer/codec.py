"""Problems and solutions as JSON, and the hash that names a problem."""

from __future__ import annotations

import hashlib
import json
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import cattrs

from optimizer.model import DemandLine, Problem, ProblemError
from optimizer.remedy import Advice, Offer
from optimizer.solution import Solution, Verdict
from optimizer.validate import validate

T = TypeVar("T", Problem, Solution, Verdict, Advice, DemandLine)


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (int, str, bool):
        converter.register_structure_hook(kind, _exactly)
    return converter


def _exactly(value: Any, kind: type) -> Any:
    """No text becomes a number here, and no number a truth."""
    if issubclass(kind, Enum):  # text enums are looked up under text
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def to_json(value: Problem | Solution | Verdict | Advice | DemandLine | tuple[Offer, ...]) -> Any:
    """Reduce to JSON values."""
    return _converter().unstructure(value)


def plain(value: Any) -> Any:
    """Any other record of the optimizer as JSON values."""
    return _converter().unstructure(value)


V = TypeVar("V")


def rebuilt_from(kind: type[V], value: Any) -> V:
    """Any other record of the optimizer from what `plain` made of it."""
    return _converter().structure(value, kind)


def from_json(kind: type[T], value: Any) -> T:
    """Rebuild; a problem is validated. Raises ProblemError with a sentence for each fault."""
    try:
        built = _converter().structure(_text_keys(kind, value), kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        raise ProblemError(cattrs.transform_error(error)) from None
    if isinstance(built, Problem):
        validate(built)
    return built


def offers_from_json(value: Any) -> tuple[Offer, ...]:
    """Rebuild offers. Raises ProblemError with a sentence for each fault."""
    try:
        found: tuple[Offer, ...] = _converter().structure(value, tuple[Offer, ...])
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        raise ProblemError(cattrs.transform_error(error)) from None
    if any((offer.lot is None) == (offer.contract is None) for offer in found):
        raise ProblemError(["an offer is a lot or a contract, one of the two"])
    return found


def _text_keys(kind: type[Any], value: Any) -> Any:
    """JSON has text keys only; the rungs of `by_precedence` are numbers."""
    if kind is not Solution and kind is not Verdict:
        return value
    if not isinstance(value, dict) or not isinstance(value.get("figures"), dict):
        return value
    rungs = value["figures"].get("by_precedence", {})
    if not isinstance(rungs, dict) or not all(str(rung).isdecimal() for rung in rungs):
        return value
    figures = {**value["figures"], "by_precedence": {int(rung): share for rung, share in rungs.items()}}
    return {**value, "figures": figures}


def problem_hash(problem: Problem) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8), 64 hexadecimal characters."""
    text = json.dumps(to_json(problem), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
