"""What bodies are told of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.reference import DocumentRef


class NoticeKind(StrEnum):
    """What happened to something a body counts on."""

    LOT_BLOCKED = "lot_blocked"
    LOT_FREED = "lot_freed"
    LOT_RECALLED_ELSEWHERE = "lot_recalled_elsewhere"
    HOLD_TAKEN = "hold_taken"
    HOLD_EXPIRED = "hold_expired"


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """One thing to tell a body. The same id again tells nothing twice; `params` fill the sentence."""

    id: UUID
    organisation_id: UUID
    kind: NoticeKind
    about: DocumentRef
    params: dict[str, str | int] = field(default_factory=dict)
