"""The table of anchors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.anchors.rules import AnchorAlgorithm
from supplyops.database.base import AppendOnly, Base
from supplyops.database.types import Code


class AnchorRow(Base, AppendOnly):
    """An anchor: the heads that had moved since the one before, and the root of all heads."""

    __tablename__ = "anchor"

    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    moves: Mapped[int] = mapped_column(BigInteger())
    entries: Mapped[int] = mapped_column(BigInteger())
    root: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    algorithm: Mapped[AnchorAlgorithm] = mapped_column(Code(AnchorAlgorithm))
    key_id: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(100))
    moved: Mapped[dict[str, Any]]
