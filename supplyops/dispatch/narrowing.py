"""What every list of orders shares: its page, its filter, looking one up by number or id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from supplyops.database.counting import counted
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


def count(ctx: Context, statement: Rows, most: int, *shown: Any) -> int:
    """How many rows a list would have; one more than `most` where there are more."""
    return int(ctx.session.scalar(also_showing(counted(statement, most), *shown)) or 0)


def paths_of_bodies(ctx: Context) -> dict[UUID, str]:
    """Where every body stands in the tree."""
    return {row.id: row.path for row in ctx.session.execute(select(ORGANISATION.c.id, ORGANISATION.c.path))}
