"""How a lower room names a document of a higher one without importing it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document by kind (a room's noun), id, and the number people know it by."""

    kind: str
    id: UUID
    number: str = ""
