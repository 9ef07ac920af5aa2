"""Quantities written in packages, turned into base units at the border: `34箱`, `1托4箱`, `340`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from supplyops.catalogue import queries as catalogue
from supplyops.catalogue.packs import Ladder
from supplyops.kernel.errors import FieldError, InvalidInput
from web import view
from web.forms import Packer

_APART = re.compile(r"[\n\u3001,\uff0c;\uff1b]")


def in_base_units(list_name: str, quantities: Collection[str], sku_of: Callable[[Mapping[str, Any]], str]) -> Packer:
    """Reads the quantities of a list's rows by the item of each row, exactly. Plain numbers pass as they are.

    Raises InvalidInput naming every row and field that cannot be read; rows are counted as the form sends them on,
    without those left empty.
    """

    def unpack(nested: dict[str, Any]) -> None:
        rows = nested.get(list_name)
        if not isinstance(rows, dict):
            return
        ladders = view.read(catalogue.ladders)
        filled = [name for name in sorted(rows, key=lambda name: (len(name), name)) if _is_filled(rows[name])]
        errors: list[FieldError] = []
        for place, name in enumerate(filled):
            row = rows[name]
            ladder = ladders.get(sku_of(row))
            for field in quantities:
                text = _text(row, field)
                if ladder is not None and text and not _is_number(text):
                    row[field] = [_read(ladder, text, f"{list_name}.{place}.{field}", errors)]
        if errors:
            raise InvalidInput(fields=tuple(errors))

    return unpack


def one_after_the_other(*packers: Packer) -> Packer:
    """All of them, in order."""

    def unpack(nested: dict[str, Any]) -> None:
        for packer in packers:
            packer(nested)

    return unpack


def in_parts(list_name: str, field: str) -> Packer:
    """Takes a field of a list's rows apart that holds several values with 、 or commas between them."""

    def unpack(nested: dict[str, Any]) -> None:
        rows = nested.get(list_name)
        for row in rows.values() if isinstance(rows, dict) else ():
            if text := _text(row, field):
                row[field] = [part.strip() for part in _APART.split(text) if part.strip()]

    return unpack


def sku_itself(row: Mapping[str, Any]) -> str:
    """The item that a row names."""
    return _text(row, "sku")


def _read(ladder: Ladder, text: str, field: str, errors: list[FieldError]) -> str:
    try:
        return str(ladder.read(text, field))
    except InvalidInput as error:
        errors.extend(error.fields)
        return text


def _text(row: Any, field: str) -> str:
    value = row.get(field) if isinstance(row, dict) else None
    return str(value[-1]).strip() if isinstance(value, list) and value else ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _is_filled(row: Any) -> bool:
    return isinstance(row, dict) and any("".join(value).strip() for value in row.values() if isinstance(value, list))
