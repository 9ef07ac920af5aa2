"""Every command there is, found in the registry: whatever its input and answer look like, the second sending is known for the first.

The commands' bodies are left out here, since what is tried is what the runtime makes of their shapes: that a key is compared with
every single field of the content, that the answer comes back as it was, and that nothing is done. That the real ones behave is
tried by sending every write of every test of the site twice: see tests/web/twice.py.
"""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import update_wrapper
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry, RequestKey
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.errors import KeyReused
from supplyops.runtime import Command, Context, Runtime, _fingerprint
from tests.architecture.test_access import operations
from tests.conftest import Clock
from tests.house import House, build_house

PARTS_ONLY = {
    "anchors.make_anchor": "run by the timer, given the signing key itself",
    "planning.save_solution": "run by the worker, which saves a plan's solution once and has no key",
    "planning.advising.save_advice": "run by the worker, which saves an answer once and has no key",
    "planning.alternatives.save_alternatives": "run by the worker, which saves an answer once and has no key",
    "planning.inserting.save_insertions": "run by the worker, which saves an answer once and has no key",
    "stock.ledger.hold_unit": "given a row of its caller's transaction",
    "stock.ledger.free_unit": "given a row of its caller's transaction",
}
"""Commands that nobody can send, because what they are given cannot be written down; each is a part of another one."""
SCALARS: dict[Any, tuple[Any, Any]] = {
    str: ("a", "b"),
    int: (1, 2),
    bool: (False, True),
    UUID: (UUID(int=1), UUID(int=2)),
    date: (date(2026, 1, 1), date(2026, 1, 2)),
    datetime: (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
    Any: ("a", {"a": 1}),
}
LISTS = {list, tuple, collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable}
MAPPINGS = {dict, collections.abc.Mapping}


def examples(kind: Any) -> Iterator[Any]:
    """A value of a type, and then others that differ from it in one place each; no rule of the trade is asked."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind in SCALARS:
        yield from SCALARS[kind]
    elif kind is type(None):
        yield None
    elif origin in {Union, types.UnionType}:
        for each in inside:
            yield from examples(each)
    elif origin is tuple and inside[-1] is not Ellipsis:
        for values in _one_changed([list(examples(each)) for each in inside]):
            yield tuple(values)
    elif origin in LISTS:
        whole = tuple if origin is tuple else list
        found = list(examples(inside[0]))
        yield from (whole([each]) for each in found)
        yield whole([])
        yield whole([found[0], found[0]])
    elif origin in MAPPINGS:
        keys, values = (list(examples(each)) for each in inside)
        yield from ({keys[0]: value} for value in values)
        yield {}
        yield {keys[1]: values[0]}
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from list(kind)[:2]
    elif is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [each.name for each in fields(kind)]
        for values in _one_changed([list(examples(hints[name])) for name in names]):
            yield _made(kind, dict(zip(names, values, strict=True)))
    else:
        raise TypeError(f"no example of {kind}")


def _one_changed(choices: list[list[Any]]) -> Iterator[list[Any]]:
    first = [each[0] for each in choices]
    yield first
    for place, each in enumerate(choices):
        for other in each[1:]:
            yield [*first[:place], other, *first[place + 1 :]]


def _made(kind: Any, values: dict[str, Any]) -> Any:
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def inputs_of(command: Command[Any, Any]) -> Iterator[list[Any]]:
    hints = get_type_hints(command.function)
    yield from _one_changed([list(examples(kind)) for name, kind in hints.items() if name not in {"ctx", "return"}])


def answering(command: Command[Any, Any], answer: Any, done: list[int]) -> Command[Any, Any]:
    """The same command by name and shape, which says the answer and counts how often it was done."""

    def instead(ctx: Context, *_: Any) -> Any:
        done.append(len(ctx.detail))
        return answer

    update_wrapper(instead, command.function)
    return Command(instead, Permission.SIGNED_IN)


def sendable() -> dict[str, Command[Any, Any]]:
    found = {name: each for name, each in operations().items() if isinstance(each, Command)}
    assert set(PARTS_ONLY) <= set(found)
    assert all(found[name].permission is Permission.INTERNAL for name in PARTS_ONLY)
    return {name: each for name, each in found.items() if name not in PARTS_ONLY}


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


def rows(runtime: Runtime) -> tuple[int, int]:
    with runtime.database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(kind)) for kind in (JournalEntry, RequestKey)]
    return counts[0] or 0, counts[1] or 0


def test_every_field_of_every_input_tells_one_sending_from_another() -> None:
    looked = 0
    for name, command in sendable().items():
        one, *others = list(inputs_of(command))
        known = _fingerprint(one, {})
        assert known == _fingerprint(next(inputs_of(command)), {}), f"{name}: the same content is not known again"
        for other in others:
            looked += 1
            assert _fingerprint(other, {}) != known, f"{name}: {other} would pass for {one}"
    assert looked > 1_000


def test_every_command_sent_twice_is_done_once(runtime: Runtime, house: House, clock: Clock) -> None:
    clerk, keeper = (house.actor(role).keyed("the same key") for role in (Role.CLERK, Role.KEEPER))
    for name, real in sendable().items():
        done: list[int] = []
        answer = next(examples(get_type_hints(real.function)["return"]))
        command = answering(real, answer, done)
        one, *others = list(inputs_of(command))
        assert command.name == name
        assert runtime.run(command, clerk, *one) == answer
        before = rows(runtime)
        clock.advance(days=40)
        again = runtime.run(command, clerk, *next(inputs_of(command)))
        assert (again, type(again), len(done)) == (answer, type(answer), 1), name
        for other in others[:1]:
            with pytest.raises(KeyReused):
                runtime.run(command, clerk, *other)
        assert (rows(runtime), len(done)) == (before, 1), f"{name}: something was done by the second sending"
        assert runtime.run(command, keeper, *others[0] if others else ()) == answer
        assert len(done) == 2, f"{name}: another person's key is another key"
