"""Rows of a long list with what belongs to each, read for so many at a time: a server takes only so many parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

R = TypeVar("R")
S = TypeVar("S")

PART = 5_000


def by_parts(make: Callable[[Sequence[R]], list[S]], rows: Sequence[R]) -> list[S]:
    """What is made of the rows, made of so many of them at a time."""
    return [one for start in range(0, len(rows), PART) for one in make(rows[start : start + PART])]
