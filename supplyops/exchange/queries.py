"""Handing rows out as files take them in."""

from __future__ import annotations

from typing import Any

from supplyops.exchange.kinds import kind_named
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Forbidden
from supplyops.runtime import Context, query


@query(Permission.SIGNED_IN)
def export_rows(ctx: Context, kind_name: str) -> list[Any]:
    """Every row of a KIND in reach, as inputs: saving them again would change nothing."""
    kind = kind_named(kind_name)
    if not ctx.principal.holds(kind.see_permission):
        raise Forbidden("not_permitted", permission=kind.see_permission.value)
    return list(kind.read(ctx))
