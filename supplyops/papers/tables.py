"""Tables of number series and issued papers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.papers.rules import PaperState


class NumberSeries(Base):
    """The last number given in a series. Numbers are taken in the transaction that issues the paper, so none is skipped."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int]


class Paper(Base, Sealed, Scoped):
    """One version of an issued paper. What it says is stored; printing never computes it again."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        Index("ix_paper_subject_id", "subject_id"),
        Index("ix_paper_incident_id", "incident_id", "form"),
        Index("ix_paper_document_number", "document_number"),
        Index("ix_paper_issued_at", "issued_at", "version", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "addressee_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    document_number: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[PaperState] = mapped_column(Code(PaperState))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    addressee_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    incident_id: Mapped[UUID | None]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    is_exercise: Mapped[bool] = mapped_column(Boolean())
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    issued_by_name: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(200))


class PaperPrint(Base, AppendOnly):
    """Each time a paper left the printer: the second and later times are marked 补打. The hash is of what it said and the
    copies asked for; with the count of prints before, that is the file, byte for byte."""

    __tablename__ = "paper_print"
    __table_args__ = (Index("ix_paper_print_paper_id", "paper_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"))
    printed_at: Mapped[datetime]
    printed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    pdf_hash: Mapped[str] = mapped_column(String(64))
