"""Answers kept under the key of a request, so that a command sent twice is done once and answered the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from supplyops.audit.tables import RequestKey
from supplyops.database.base import later_columns, table_of, without_empty
from supplyops.database.prepared import Prepared, adding
from supplyops.kernel.canonical import digest

_KEYS = table_of(RequestKey)
_ADD = adding(_KEYS)
_FIND = Prepared(
    select(_KEYS.c.fingerprint, _KEYS.c.answer).where(
        *(_KEYS.c[name] == bindparam(name) for name in ("actor", "operation", "key"))
    )
)


class Kept(NamedTuple):
    """What was asked under a key, as a fingerprint, and what was answered, in JSON."""

    fingerprint: str
    answer: Any


def keep(session: Session, who: Mapping[str, str], fingerprint: str, answer: Any, now: datetime) -> list[str | None]:
    """Store an answer under `who`: actor, operation and key. Returns the effect that vouches for it: kind, place, hash."""
    row = {**who, "fingerprint": fingerprint, "answer": {"value": answer}, "recorded_at": now}
    _ADD.send(session, **row)
    return ["request_key", ",".join(who.values()), digest(without_empty(row, later_columns(_KEYS)))]


def kept(session: Session, who: Mapping[str, str]) -> Kept | None:
    """What is stored under actor, operation and key; None where nothing is."""
    row = _FIND.first(session, **who)
    return None if row is None else Kept(row.fingerprint, row.answer["value"])
