"""What a reader may see: every ORM statement of a session is narrowed to the reach of its principal."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Table, Uuid, column, event, false, or_, select, table
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

from supplyops.database.base import Base, Scoped
from supplyops.kernel.access import Reach

ORGANISATION = table("organisation", column("id", Uuid), column("path"), column("name"))
"""The organisation tree, as much of it as scoping needs; the people room owns the table."""


@event.listens_for(Session, "do_orm_execute")
def _narrow_to_reach(state: ORMExecuteState) -> None:
    """Narrow every ORM select, update and delete on scoped tables to the reader's reach, unless told why not."""
    reach: Reach | None = state.session.info.get("reach")
    if reach is None or reach.everything or state.is_column_load or state.is_relationship_load or state.is_insert:
        return
    if state.execution_options.get("unscoped"):
        return
    shown = state.execution_options.get("shown_kinds", frozenset())
    state.statement = state.statement.options(*_criteria(reach, shown, _tables_of(state.statement)))


def _tables_of(statement: Any) -> frozenset[str]:
    """The tables a statement names anywhere, in subqueries too. Criteria for others would only make it slow to look up."""
    return frozenset(part.name for part in visitors.iterate(statement) if isinstance(part, Table))


@lru_cache(maxsize=4096)
def _criteria(reach: Reach, shown: frozenset[type], tables: frozenset[str]) -> tuple[Any, ...]:
    kinds = [mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.description in tables]
    scoped = [kind for kind in kinds if issubclass(kind, Scoped) and kind not in shown]
    return tuple(with_loader_criteria(kind, rows_in_reach(kind, reach), include_aliases=True) for kind in scoped)


def rows_in_reach(kind: type[Any], reach: Reach) -> ColumnElement[bool]:
    """The condition on a scoped table's rows for a reach that is not everything."""
    inside = [ORGANISATION.c.path.startswith(path, autoescape=True) for path in reach.subtrees]
    shared = {"": (), "office": reach.upward, "all": reach.above}[kind.__scope_upward__]
    above = [ORGANISATION.c.path.in_(shared)] if shared else []
    if not inside and not above:
        return false()
    visible = select(ORGANISATION.c.id).where(or_(*inside, *above))
    return or_(*(getattr(kind, name).in_(visible) for name in kind.__scope__))
