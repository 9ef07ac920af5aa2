"""Every command and every question, and every role: who is let in is what the table says, and nobody else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

import pytest

import supplyops
from supplyops.kernel.access import ANONYMOUS, ROLE_PERMISSIONS, Permission, Role
from supplyops.kernel.errors import Forbidden, SupplyError, Unauthenticated
from supplyops.runtime import Command, Query, Runtime, _admit
from tests.house import CITY, build_house

OPEN = {Permission.PUBLIC, Permission.SIGNED_IN}


@cache
def operations() -> dict[str, Command | Query]:
    """Everything declared anywhere in the house, by its name."""
    found: dict[str, Command | Query] = {}
    for module in _modules():
        for thing in vars(module).values():
            if isinstance(thing, Command | Query):
                found[thing.name] = thing
    return found


def _modules() -> Iterator[object]:
    for info in pkgutil.walk_packages(supplyops.__path__, "supplyops."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def test_names_are_unique_and_there_are_many() -> None:
    assert len(operations()) > 100
    by_function = {operation.function: name for name, operation in operations().items()}
    assert len(by_function) == len(operations())


def test_public_operations_are_named_here() -> None:
    """What anybody may do, signed in or not, is a short list that is read with care."""
    public = {name for name, operation in operations().items() if operation.permission is Permission.PUBLIC}
    assert {name.partition(".")[0] for name in public} <= {"people", "papers"}, public
    assert len(public) <= 14, public


def test_who_is_let_in_is_what_the_table_says(runtime: Runtime) -> None:
    house = build_house(runtime)
    principals = {
        role: runtime.principal(house.actor(role, "root" if role.value.endswith("_admin") else CITY)) for role in Role
    }
    wrong = []
    for name, operation in operations().items():
        for role, principal in principals.items():
            allowed = operation.permission in OPEN or operation.permission in ROLE_PERMISSIONS[role]
            try:
                _admit(operation.permission, principal)
            except Forbidden:
                if allowed:
                    wrong.append(f"{role} is kept out of {name}")
            else:
                if not allowed:
                    wrong.append(f"{role} is let into {name}")
    assert not wrong, wrong[:10]


def test_a_visitor_and_the_wrong_role_get_nowhere(runtime: Runtime) -> None:
    """Run for real, before any argument is looked at."""
    house = build_house(runtime)
    for name, operation in operations().items():
        if operation.permission in OPEN:
            continue
        run = runtime.run if isinstance(operation, Command) else runtime.read
        with pytest.raises(Unauthenticated):
            run(operation, ANONYMOUS)  # type: ignore[arg-type]
        outsider = next((role for role in Role if operation.permission not in ROLE_PERMISSIONS[role]), None)
        assert outsider is not None, f"{name} keeps nobody out"
        actor = house.actor(outsider, "root" if outsider.value.endswith("_admin") else CITY)
        with pytest.raises(SupplyError) as refusal:
            run(operation, actor)  # type: ignore[arg-type]
        assert isinstance(refusal.value, Forbidden), f"{name}: {refusal.value}"
