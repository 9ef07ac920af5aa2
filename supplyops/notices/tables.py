"""The table of notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.notices.rules import NoticeKind


class Notice(Base, Sealed, Scoped):
    """Something a body has to know of; on its board until somebody who works there has acknowledged it."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_organisation_id", "organisation_id", "acknowledged_at"),
        Index("ix_notice_subject_id", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[NoticeKind] = mapped_column(Code(NoticeKind))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    subject_number: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_name: Mapped[str] = mapped_column(String(80))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_name: Mapped[str] = mapped_column(String(80))
