"""Tables of the journal, the chain heads and the request keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import AppendOnly, Base

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")
"""A growing number given by the database; SQLite only counts up an INTEGER primary key."""


class ChainHead(Base):
    """The last link of one hash chain. Locking this row puts the writers of a shard in a line."""

    __tablename__ = "chain_head"

    shard: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger())
    hash: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    anchored_seq: Mapped[int] = mapped_column(BigInteger(), default=0)
    """The last link that a signed anchor names, and its hash."""
    anchored_hash: Mapped[str] = mapped_column(String(64), default="")


class JournalEntry(Base, AppendOnly):
    """One thing somebody did, or was refused."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        UniqueConstraint("shard", "shard_seq", name="uq_journal_entry_chain_link"),
        Index("ix_journal_entry_subject_number", "subject_number", "seq"),
        Index("ix_journal_entry_actor", "actor_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    shard: Mapped[str] = mapped_column(String(80))
    shard_seq: Mapped[int] = mapped_column(BigInteger())
    recorded_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(80))
    organisation_id: Mapped[UUID | None]
    roles: Mapped[str] = mapped_column(String(200))
    via: Mapped[str] = mapped_column(String(20))
    command: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    subject_number: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[dict[str, Any]]
    effects: Mapped[list[Any]]
    request_key: Mapped[str | None] = mapped_column(String(255))
    algorithm: Mapped[str] = mapped_column(String(20))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class RestoredCopy(Base):
    """Says that this database came out of a backup. Until somebody confirms that it is to be gone on with, nothing is written."""

    __tablename__ = "restored_copy"

    restored_at: Mapped[datetime] = mapped_column(primary_key=True)
    backup_hash: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None]


class RequestKey(Base, AppendOnly):
    """The answer to a request that may be sent twice, stored with its effect."""

    __tablename__ = "request_key"

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    operation: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
