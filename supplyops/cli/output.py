"""How the command line shows rows: aligned tables for people, JSON for programs."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import click

from supplyops.kernel.clock import beijing
from supplyops.kernel.codec import to_json
from supplyops.wording.labels import LABELS

CELL_MAX = 40


def width(text: str) -> int:
    """Columns a text takes on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cell(value: Any, *, cut: bool = True) -> str:
    """A value as people read it; long texts cut short unless told not to."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, StrEnum):
        return LABELS.get(type(value).__name__, {}).get(value.value, value.value)
    if isinstance(value, datetime):
        return f"{beijing(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"{len(value)}项"
    text = str(value).replace("\n", " ")
    return text if not cut or width(text) <= CELL_MAX else text[: CELL_MAX // 2] + "…"


def percent(permille: int | None) -> str:
    """A coverage as people read it; rounded down, so that what is not full does not read 100 %."""
    return "" if permille is None else f"{permille // 10}.{permille % 10}%"


def kg(grams: int) -> str:
    """A mass as people read it."""
    return f"{grams / 1000:g} kg"


def m3(cm3: int | None) -> str:
    """A volume as people read it."""
    return "" if cm3 is None else f"{cm3 / 1_000_000:g} m³"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], *, count: bool = True, cut: bool = True) -> None:
    """Print an aligned table and how many rows it has."""
    cells = [[cell(value, cut=cut) for value in row] for row in rows]
    widths = [max([width(header), *(width(row[place]) for row in cells)]) for place, header in enumerate(headers)]

    def line(values: Sequence[str]) -> str:
        return "  ".join(
            value + " " * (size - width(value)) for value, size in zip(values, widths, strict=True)
        ).rstrip()

    click.echo(line(headers))
    for row in cells:
        click.echo(line(row))
    if count:
        click.echo(f"共 {len(cells)} 行")


def as_json(value: Any) -> None:
    """Print a value as JSON, one document."""
    click.echo(json.dumps(to_json(value), ensure_ascii=False, indent=2, default=str))
