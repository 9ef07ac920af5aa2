"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite has no time zones, so the offset is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes: an instant without an offset is a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        """The same in one step for SQLite, which keeps instants as text."""
        return _instant_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """The same in one step for SQLite."""
        return _instant_of if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _instant_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ", "microseconds")[:-6]


def _instant_of(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class Code(TypeDecorator[StrEnum]):
    """A StrEnum kept as its text value; reading an unknown value is an error, not a guess."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Only members of the enumeration go in."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """Give back the member."""
        return None if value is None else self.kind(value)

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002
        """The same; what is a member already needs no search for it."""
        kind = self.kind
        return lambda value: value._value_ if type(value) is kind else None if value is None else kind(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """The same; what is no member's value is looked for where the error is raised."""
        kind, members = self.kind, {member.value: member for member in self.kind}
        return lambda value: None if value is None else members[value] if value in members else kind(value)


def json_column() -> Any:
    """JSON text on SQLite, JSONB on PostgreSQL."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
