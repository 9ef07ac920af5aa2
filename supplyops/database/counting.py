"""Counting rows of a list as far as anybody looks: what happened in years is not counted to show its newest page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal_column, select

COUNTED_MAX = 2_000
"""So many rows of a list are counted; of more it is said that there are more."""


def counted(rows: Select[*tuple[Any, ...]], most: int) -> Select[int]:
    """How many rows a select has; where there are more, one more than `most`."""
    some: Any = rows.with_only_columns(literal_column("1").label("one"), maintain_column_froms=True).order_by(None)
    return select(func.count()).select_from(some.limit(most + 1).subquery())
