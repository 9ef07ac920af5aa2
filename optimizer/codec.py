"""Problems and solutions as JSON, and the hash that names a problem."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

import cattrs
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.gen import make_dict_structure_fn
from cattrs.v import format_exception

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
    converter.register_structure_hook_factory(is_dataclass, _object)
    converter.register_structure_hook_factory(_is_row, _row)
    return converter


class _Misplaced(ValueError):
    """A value of the wrong kind; says so itself."""


def _exactly(value: Any, kind: type) -> Any:
    """No text becomes a number here, and no number a truth."""
    if issubclass(kind, Enum):  # text enums are looked up under text
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _Misplaced("half of a sign, which cannot be written")
    return value


def _object(kind: type[Any], converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """Records come from objects alone."""
    build = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def built(value: Any, wanted: Any) -> Any:
        if not isinstance(value, dict):
            raise _Misplaced(f"expected an object ({kind.__name__}), found {_kind_of(value)}")
        return build(value, wanted)

    return built


def _is_row(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _row(kind: Any, converter: Any) -> Any:
    """Rows come from arrays alone: neither text nor an object is taken for a row of its letters or names."""
    parts = get_args(kind)
    is_even = parts[-1] is Ellipsis
    even: Any = homogenous_tuple_structure_factory(tuple[parts[0], ...], converter)  # type: ignore[valid-type]

    def built(value: Any, wanted: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _Misplaced(f"expected an array, found {_kind_of(value)}")
        if is_even:
            return even(value, wanted)
        if len(value) != len(parts):
            raise _Misplaced(f"expected an array of {len(parts)}, found {len(value)}")
        return tuple(converter.structure(each, part) for each, part in zip(value, parts, strict=True))

    return built


def _kind_of(value: Any) -> str:
    """What JSON calls it."""
    names = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def to_json(value: Problem | Solution | Verdict | Advice | DemandLine | tuple[Offer, ...]) -> Any:
    """Reduce to JSON values."""
    return _converter().unstructure(value)


def plain(value: Any) -> Any:
    """Any other record of the optimizer as JSON values."""
    return _converter().unstructure(value)


UNUSABLE = (cattrs.BaseValidationError, ValueError, TypeError, KeyError)
FAULTS_MAX = 100


def _faults(error: BaseException, value: Any) -> list[str]:
    """A sentence for each fault: what, where, and the id of the row it is in."""
    return [_named(fault, value) for fault in cattrs.transform_error(error, format_exception=_told)[:FAULTS_MAX]]


def _told(error: BaseException, kind: type | None) -> str:
    return str(error) if isinstance(error, _Misplaced) else format_exception(error, kind)


def _named(fault: str, value: Any) -> str:
    """`... @ $.lots[3].quantity` with the id of that lot before it."""
    found = re.search(r" @ \$\.(\w+)\[(\d+)\]", fault)
    rows = value.get(found[1]) if found and isinstance(value, dict) else None
    row = rows[int(found[2])] if found and isinstance(rows, list) else None
    name = row.get("id") if isinstance(row, dict) else None
    return f"{name}: {fault}" if isinstance(name, str) else fault


V = TypeVar("V")


def rebuilt_from(kind: type[V], value: Any) -> V:
    """Any other record of the optimizer from what `plain` made of it."""
    return _converter().structure(value, kind)


def from_json(kind: type[T], value: Any) -> T:
    """Rebuild; a problem is validated. Raises ProblemError with a sentence for each fault."""
    try:
        built = _converter().structure(_text_keys(kind, value), kind)
    except UNUSABLE as error:
        raise ProblemError(_faults(error, value)) from None
    if isinstance(built, Problem):
        validate(built)
    return built


def offers_from_json(value: Any) -> tuple[Offer, ...]:
    """Rebuild offers. Raises ProblemError with a sentence for each fault."""
    try:
        found: tuple[Offer, ...] = _converter().structure(value, tuple[Offer, ...])
    except UNUSABLE as error:
        raise ProblemError(_faults(error, value)) from None
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
