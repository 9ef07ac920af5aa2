"""Writing the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supplyops.audit.chain import append, lock_heads, save_heads
from supplyops.audit.tables import JournalEntry
from supplyops.database.base import table_of
from supplyops.database.prepared import adding
from supplyops.kernel.access import Actor, Principal
from supplyops.kernel.canonical import plain
from supplyops.kernel.reference import DocumentRef

_ENTRIES = table_of(JournalEntry)
_ADD = adding(_ENTRIES)


def record(
    session: Session,
    *,
    shard: str,
    now: datetime,
    actor: Actor,
    principal: Principal,
    command: str,
    outcome: str,
    subject: DocumentRef | None,
    detail: dict[str, Any],
    effects: list[Any],
) -> None:
    """Add one entry behind the others of its shard, and write down where the chains of this transaction now end."""
    content = {
        "actor_id": principal.user_id,
        "actor_name": principal.name,
        "organisation_id": principal.organisation_id,
        "roles": ",".join(sorted({grant.role.value for grant in principal.grants}))[:200],
        "via": actor.via,
        "command": command,
        "outcome": outcome,
        "subject_kind": subject.kind if subject else None,
        "subject_id": subject.id if subject else None,
        "subject_number": subject.number or None if subject else None,
        "detail": plain(detail),
        "effects": effects,
        "request_key": actor.key,
    }
    head = lock_heads(session, [shard], now)[shard]
    _ADD.send(session, **content, **append(head, _ENTRIES, content, now))
    save_heads(session)
