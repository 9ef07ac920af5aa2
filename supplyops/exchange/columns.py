"""What a KIND of file is: its noun, its columns, and the commands and queries behind it."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from supplyops.database.registry import Saved
from supplyops.exchange.parsers import (
    CODE,
    CUBIC_METRES,
    DAY,
    DEGREES,
    KILOGRAMS,
    MOMENT,
    PERCENT,
    TEXT,
    WHOLE,
    YES_NO,
    YUAN,
    ListOf,
    Parser,
    choice,
)
from supplyops.kernel.access import Permission
from supplyops.runtime import Command, Context, Query

_BY_SUFFIX: tuple[tuple[str, str, Parser], ...] = (
    ("_fen", "_yuan", YUAN),
    ("_g", "_kg", KILOGRAMS),
    ("_cm3", "_m3", CUBIC_METRES),
    ("_e6", "", DEGREES),
    ("_permille", "_percent", PERCENT),
)
"""Suffix of a field, suffix of its English column, how it is written in files."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands above it, which field it fills, how its cells are read."""

    header: str
    field: str
    parser: Parser
    english: str
    """The field's name with the unit that files use: `unit_mass_kg` for `unit_mass_g`."""
    required: bool
    example: str
    help: str
    raw: Parser | None
    """How cells under the field's own name are read, where that name states a smaller unit than files use."""
    covers: tuple[str, ...] = ()
    """Fields that this column fills together; errors about them are shown here."""

    @property
    def describe(self) -> str:
        """What to write, for lists of columns and for remedies."""
        return self.help or self.parser.hint


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands in a file: columns, and what a row becomes."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Fields that tell rows apart: no two rows of a file may agree in them."""
    make: Callable[[dict[str, Any]], Any]

    def column(self, field: str) -> Column | None:
        """The column that fills a field."""
        return next((each for each in self.columns if field == each.field or field in each.covers), None)


@dataclass(frozen=True, slots=True)
class Kind(Layout):
    """A KIND of file. `save` takes the inputs of a whole file; `read` gives every row in reach as inputs."""

    show: Callable[[Any], dict[str, Any]]
    save: Callable[[Context, Sequence[Any]], Saved]
    save_permission: Permission
    read: Callable[[Context], Sequence[Any]]
    see_permission: Permission
    note: str = ""


def column(
    header: str,
    field: str,
    example: str = "",
    help: str = "",
    *,
    parser: Parser | None = None,
    english: str | None = None,
    required: bool | None = None,
    covers: tuple[str, ...] = (),
) -> Mapping[str, Any]:
    """What a KIND says of a column; the rest follows from the field's type and name."""
    return {
        "header": header,
        "field": field,
        "example": example,
        "help": help,
        "parser": parser,
        "english": english,
        "required": required,
        "covers": covers,
    }


def columns_of(said: Sequence[Mapping[str, Any]], *inputs: type[Any]) -> tuple[Column, ...]:
    """The columns of a KIND, filled up from the types of the dataclasses that its rows become."""
    hints: dict[str, Any] = {}
    required: dict[str, bool] = {}
    for kind in inputs:
        hints |= get_type_hints(kind)
        required |= {
            each.name: each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
            for each in dataclasses.fields(kind)
        }
    return tuple(_column(each, hints.get(each["field"], str), required.get(each["field"], False)) for each in said)


def _column(said: Mapping[str, Any], hint: Any, required: bool) -> Column:
    parser = said["parser"] or parser_of(said["field"], hint)
    english = said["english"] or english_name(said["field"], parser)
    return Column(
        header=said["header"],
        field=said["field"],
        parser=parser,
        english=english,
        required=required if said["required"] is None else said["required"],
        example=said["example"],
        help=said["help"],
        raw=WHOLE if english != said["field"] and _without_none(hint) is int else None,
        covers=said["covers"],
    )


def parser_of(field: str, hint: Any) -> Parser:
    """How cells of a field are read, from its type and, for whole numbers, from the unit in its name."""
    inner = _without_none(hint)
    if get_origin(inner) is tuple:
        return ListOf(parser_of(field, get_args(inner)[0]))
    if inner is bool:
        return YES_NO
    if inner is int:
        return next((parser for suffix, _, parser in _BY_SUFFIX if field.endswith(suffix)), WHOLE)
    if inner is datetime:
        return MOMENT
    if inner is date:
        return DAY
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return choice(inner)
    return CODE if _is_code(field) else TEXT


def english_name(field: str, parser: Parser) -> str:
    """The English column: the field, its unit replaced by the one that files use."""
    for suffix, shown, known in _BY_SUFFIX:
        if parser is known and field.endswith(suffix):
            return field.removesuffix(suffix) + shown
    return field


_CODES = {
    "code", "sku", "substitute_sku", "plate", "username", "phone", "duty_phone", "driver_phone", "credit_code", "key",
    "gb_code", "road_node", "number", "contract_number", "lot_number", "vehicle_type", "need_class", "restricted_area",
    "source_mark", "maker_batch", "serial_number", "maker_number", "document_prefix",
}  # fmt: skip


def _is_code(field: str) -> bool:
    return field in _CODES or field.endswith("_code")


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(each for each in get_args(hint) if each is not type(None))
    return hint


def layout(
    name: str, title: str, input_type: type[Any], said: Sequence[Mapping[str, Any]], *, key: tuple[str, ...]
) -> Layout:
    """A list that is a part of something else: lines of a request, places of a report."""
    columns = columns_of(said, input_type)
    return Layout(name, title, columns, key, _maker(input_type, columns))


def _maker(input_type: type[Any], columns: Sequence[Column]) -> Callable[[dict[str, Any]], Any]:
    """Makes an input of a row's values. Words that the input must be given, but may be empty, are empty for an empty cell."""
    optional = {each.field for each in columns if not each.required}
    blank = {
        each.name: ""
        for each in dataclasses.fields(input_type)
        if each.name in optional and each.default is each.default_factory is dataclasses.MISSING
    }
    return lambda values: input_type(**blank | values)


def make_kind(
    name: str,
    title: str,
    input_type: type[Any],
    said: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...],
    save: Command[Any, Saved],
    read: Callable[[Context], Sequence[Any]],
    see: Query[Any, Any] | Permission,
    make: Callable[[dict[str, Any]], Any] | None = None,
    show: Callable[[Any], dict[str, Any]] | None = None,
    save_with: Callable[[Context, Sequence[Any]], Saved] | None = None,
    parts: tuple[type[Any], ...] = (),
    note: str = "",
) -> Kind:
    """A KIND over a room's input and its save command."""
    columns = columns_of(said, input_type, *parts)
    fields = tuple(each.field for each in columns)
    return Kind(
        name=name,
        title=title,
        columns=columns,
        key=key,
        make=make or _maker(input_type, columns),
        show=show or (lambda row: {field: getattr(row, field) for field in fields}),
        save=save_with or save,
        save_permission=save.permission,
        read=read,
        see_permission=see if isinstance(see, Permission) else see.permission,
        note=note,
    )


def rebuilt(input_type: type[Any], row: Any, **renamed: Any) -> Any:
    """An input from a query's row: fields of the same name, the others given."""
    names = [each.name for each in dataclasses.fields(input_type) if each.name not in renamed]
    return input_type(**{name: getattr(row, name) for name in names}, **renamed)
