"""What every list of orders shares: its page, its filter, looking one up by number or id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from supplyops.database.reach import ORGANISATION
from supplyops.dispatch.rules import (
    ConsignmentState,
)
from supplyops.dispatch.views import (
    OrderFilter,
)
from supplyops.runtime import Context, also_showing

PAGE = 50


Rows = Select[*tuple[Any, ...]]


EVERYTHING = OrderFilter()


_S = ConsignmentState


OPEN = (_S.ORDERED, _S.ACCEPTED, _S.LOADED, _S.IN_TRANSIT)


def count(ctx: Context, statement: Rows, *shown: Any) -> int:
    """How many rows a list would have."""
    inner = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return int(ctx.session.scalar(also_showing(inner, *shown)) or 0)


def paths_of_bodies(ctx: Context) -> dict[UUID, str]:
    """Where every body stands in the tree."""
    return {row.id: row.path for row in ctx.session.execute(select(ORGANISATION.c.id, ORGANISATION.c.path))}
