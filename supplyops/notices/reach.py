"""Whose notices are a person's own."""

from __future__ import annotations

from uuid import UUID

from supplyops.runtime import Context


def own_bodies(ctx: Context) -> frozenset[UUID]:
    """Where the person works: the bodies they hold a role at, and their own."""
    home = {ctx.principal.organisation_id} if ctx.principal.organisation_id else set()
    return frozenset(home | {grant.organisation_id for grant in ctx.principal.grants})
