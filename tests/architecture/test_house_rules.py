"""House rules as tests; each failure says what to do instead."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from supplyops.cli.compose import metadata
from supplyops.database.base import Base, Scoped, Sealed
from supplyops.kernel import access
from supplyops.runtime import Command, Query
from supplyops.wording.errors import NOUNS, SENTENCES
from supplyops.wording.labels import LABELS

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path for path in (ROOT / "supplyops").iterdir() if (path / "__init__.py").exists())
SOURCES = [
    path for folder in ("supplyops", "optimizer", "web", "reports") for path in sorted((ROOT / folder).rglob("*.py"))
]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def public_functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def takes_context(function: ast.FunctionDef) -> bool:
    return bool(function.args.args) and function.args.args[0].arg == "ctx"


@pytest.mark.parametrize(
    "path",
    [p for room in ROOMS for p in sorted({*room.glob("*commands.py"), *room.glob("*queries.py")})],
    ids=module_name,
)
def test_commands_and_queries_are_declared(path: Path) -> None:
    """A public function of commands.py or queries.py that takes a context says who may call it."""
    allowed = {"lock_open", "storage_of", "met_by_area", "own_stock_used", "place_drivers", "principal"}
    bare = [
        function.name
        for function in public_functions(path)
        if takes_context(function)
        and function.name not in allowed
        and not any(
            isinstance(d, ast.Call) and getattr(d.func, "id", "") in {"command", "query"}
            for d in function.decorator_list
        )
    ]
    assert not bare, f"declare with @command or @query, or move to a module of its own: {bare}"


def test_only_the_runtime_commits() -> None:
    offenders = [
        f"{module_name(path)}:{node.lineno}"
        for path in SOURCES
        if module_name(path) not in {f"supplyops.database.{name}" for name in ("engine", "ways", "writing")}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert not offenders, f"a command never commits or rolls back; the runtime does: {offenders}"


def test_every_flush_says_why() -> None:
    offenders = []
    for path in sorted((ROOT / "supplyops").rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if re.search(r"session\.flush\(\)", line) and "#" not in line.split("flush()")[1]:
                offenders.append(f"{path.relative_to(ROOT)}:{number}")
    assert not offenders, f"say in a comment why the database must know already: {offenders}"


def test_only_the_ledger_writes_the_ledger() -> None:
    """Moves, balances and reservations are made in stock/ledger.py, lots in stock/lots.py."""
    homes = {
        "StockMove": "supplyops.stock.ledger",
        "StockBalance": "supplyops.stock.ledger",
        "Reservation": "supplyops.stock.ledger",
        "Lot": "supplyops.stock.lots",
    }
    offenders = [
        f"{module_name(path)}:{node.lineno} makes {node.func.id}"
        for path in sorted((ROOT / "supplyops").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in homes
        and module_name(path) != homes[node.func.id]
    ]
    assert not offenders, offenders


def test_floats_stay_out_of_the_books() -> None:
    for room in ("stock", "audit", "contracts", "verify"):
        for path in sorted((ROOT / "supplyops" / room).rglob("*.py")):
            floats = [
                node.lineno
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, float)
            ]
            assert not floats, f"{path.relative_to(ROOT)}: quantities are whole numbers: lines {floats}"


def test_every_code_has_a_word() -> None:
    """Every StrEnum of the rooms has a Chinese word for each member."""
    metadata()
    missing = [
        f"{kind.__name__}.{member.value}"
        for kind in _all_enums(StrEnum)
        if kind.__module__.startswith("supplyops.") and kind not in {access.Permission} and kind.__name__ != "Ended"
        for member in kind
        if member.value not in LABELS.get(kind.__name__, {})
    ]
    assert not missing, f"add to supplyops/wording/labels.py: {missing}"


def _all_enums(kind: type) -> list[type[StrEnum]]:
    found = []
    for sub in kind.__subclasses__():
        found += [sub, *_all_enums(sub)]
    return found


ERROR_CLASSES = {
    "Problem",
    "Unreadable",
    "SupplyError",
    "Conflict",
    "Forbidden",
    "Unauthenticated",
    "Busy",
    "InvalidInput",
    "Checks",
}


def _codes(path: Path) -> set[str]:
    codes: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in node.args]
        if name in ERROR_CLASSES and texts and texts[0]:
            codes.add(texts[0])
        if name == "FieldError" and len(texts) > 1 and texts[1]:
            codes.add(texts[1])
        if name == "refuse" and len(texts) > 1 and texts[1]:
            codes.add(texts[1])
        if name == "that" and len(texts) > 2 and texts[2]:
            codes.add(texts[2])
        if name == "ordered" and len(texts) > 3 and texts[3]:
            codes.add(texts[3])
    return codes


def test_every_error_code_has_a_sentence() -> None:
    codes = {code for path in sorted((ROOT / "supplyops").rglob("*.py")) for code in _codes(path)}
    assert len(codes) > 60
    missing = sorted(codes - set(SENTENCES))
    assert not missing, f"add to supplyops/wording/errors.py: {missing}"


def test_every_noun_of_an_error_has_a_word() -> None:
    tables = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)}
    missing = sorted(tables - set(NOUNS))
    assert not missing, f"add to NOUNS in supplyops/wording/errors.py: {missing}"


def test_every_constraint_has_a_name() -> None:
    for table in metadata().tables.values():
        for constraint in table.constraints:
            assert constraint.name or isinstance(constraint, CheckConstraint) is False, (
                f"name the constraint on {table.name}"
            )


CHAINED = {"stock_move", "journal_entry", "request_key", "anchor", "job"}
"""Rows with a hash or signature of their own, keys whose answers the journal vouches for, and work that is asked for again."""


def test_every_row_without_a_seal_is_accounted_for() -> None:
    metadata()
    told = (ROOT / "docs/operations.md").read_text()
    bare = {each.local_table.name for each in Base.registry.mappers if not issubclass(each.class_, Sealed)}  # type: ignore[attr-defined]
    assert "stock_balance" in bare
    assert {name for name in bare - CHAINED if f"`{name}`" not in told} == set(), (
        "say in docs/operations.md how it is checked, or why not"
    )


def test_nobody_holds_two_of_the_three_powers() -> None:
    for role in access.ADMIN_ROLES:
        assert not any(
            permission.value.startswith(("stock.", "orders.", "plans.")) for permission in access.ROLE_PERMISSIONS[role]
        )
    assert access.clashing_roles({access.Role.SYSTEM_ADMIN, access.Role.AUDIT_ADMIN})
    assert access.clashing_roles({access.Role.SECURITY_ADMIN, access.Role.CLERK})
    assert not access.clashing_roles({access.Role.CLERK, access.Role.DISPATCHER})


def test_every_permission_is_used_and_granted() -> None:
    """A permission nobody holds, or nothing asks for, is a mistake in the table."""
    source = "\n".join(path.read_text() for path in SOURCES if path.name != "access.py")
    granted = {permission for permissions in access.ROLE_PERMISSIONS.values() for permission in permissions}
    special = {access.Permission.PUBLIC, access.Permission.SIGNED_IN, access.Permission.INTERNAL}
    for permission in set(access.Permission) - special:
        assert permission in granted, f"nobody holds {permission}"
        assert f"Permission.{permission.name}" in source, f"nothing asks for {permission}"


def test_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """The ten largest modules and functions; nothing above 600 and 100 lines."""
    modules = sorted(((len(path.read_text().splitlines()), module_name(path)) for path in SOURCES), reverse=True)
    functions = sorted(
        (
            (node.end_lineno - node.lineno + 1, f"{module_name(path)}.{node.name}")
            for path in SOURCES
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef) and node.end_lineno
        ),
        reverse=True,
    )
    with capsys.disabled():
        print("\nlargest modules:  ", ", ".join(f"{name} {size}" for size, name in modules[:10]))
        print("largest functions:", ", ".join(f"{name} {size}" for size, name in functions[:10]))
    assert modules[0][0] <= 600, f"two nouns live in one room: {modules[0]}"
    assert functions[0][0] <= 100, f"one function does two things: {functions[0]}"


def test_commands_and_queries_know_their_names() -> None:
    import supplyops.people.commands
    import supplyops.stock.queries

    assert isinstance(supplyops.people.commands.add_user, Command)
    assert supplyops.people.commands.add_user.name == "people.add_user"
    assert isinstance(supplyops.stock.queries.lot, Query)


def test_no_code_is_put_into_words_twice() -> None:
    """Of two entries under one name only the last is found: the other's words are gone."""
    said: dict[str, list[str]] = {}
    for path in sorted((ROOT / "supplyops" / "wording").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.value, ast.Dict):
                continue
            kind = ast.unparse(node.annotation)
            is_sentence = isinstance(node.target, ast.Name) and node.target.id.endswith("SENTENCES")
            for key in node.value.keys if kind == "dict[str, dict[str, str]]" or is_sentence else ():
                if isinstance(key, ast.Constant):
                    said.setdefault(f"{kind} {key.value}", []).append(path.name)
    assert len(said) > 300
    twice = {name: files for name, files in said.items() if len(files) > 1}
    assert not twice, f"give one of them another name: {twice}"
