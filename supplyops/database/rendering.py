"""How our column types are written in a revision: as plain SQLAlchemy, so that revisions import nothing of ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger

from supplyops.database.types import Code, Instant


def render_type(kind: Any) -> str | bool:
    """The text for one of our types, or False to let Alembic write it."""
    if isinstance(kind, Instant):
        return "sa.DateTime(timezone=True)"
    if isinstance(kind, Code):
        return "sa.String(40)"
    if isinstance(kind, JSON):
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    if isinstance(kind, BigInteger) and "sqlite" in kind._variant_mapping:  # noqa: SLF001
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False
