"""Runs revisions on the connection it is handed; configured in code by supplyops.database.schema."""

from __future__ import annotations

from typing import Any

from alembic import context

from supplyops.database.rendering import render_type

attributes = context.config.attributes
connection = attributes["connection"]
metadata = attributes.get("metadata")


def render_item(kind: str, value: Any, _: Any) -> Any:
    return render_type(value) if kind == "type" else False


context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
