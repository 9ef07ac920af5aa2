"""The tables of imports: sessions that wait to be committed, mappings that are remembered, files that came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from supplyops.database.base import Base, Scoped
from supplyops.database.types import Code
from supplyops.exchange.rules import SessionState


class ImportSession(Base, Scoped):
    """A file on its way into the books, its owner's alone. `content` and `preview` are forgotten once it has ended."""

    __tablename__ = "import_session"
    __table_args__ = (Index("ix_import_session_user_id", "user_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    state: Mapped[SessionState] = mapped_column(Code(SessionState))
    file: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary()))
    encoding: Mapped[str] = mapped_column(String(20))
    sheet: Mapped[str] = mapped_column(String(80))
    header_row: Mapped[int]
    look: Mapped[dict[str, Any]]
    """What the file looks like: encodings with samples, sheets, first rows, its columns and what they were taken for."""
    mapped: Mapped[dict[str, Any] | None]
    """Place of a column -> our name; None until it has been decided."""
    preview: Mapped[bytes | None] = deferred(mapped_column(LargeBinary()))
    """What committing would do, or everything that stands against it: JSON, packed."""
    preview_digest: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]
    """Counts: of the preview while the session is open, of what was done afterwards."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportMapping(Base, Scoped):
    """Which column of files with these headers is which of ours, as an organisation decided it last."""

    __tablename__ = "import_mapping"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    headers_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapped: Mapped[dict[str, Any]]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    saved_at: Mapped[datetime]


class ImportFile(Base, Scoped):
    """A file that was imported: so that the same file a second time is told so."""

    __tablename__ = "import_file"
    __table_args__ = (Index("ix_import_file_sha256", "sha256", "kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    user_name: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    imported_at: Mapped[datetime]
