"""The table of map files that wait to be taken over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from supplyops.database.base import Base, Scoped
from supplyops.database.types import Code
from supplyops.networks.rules import Detail, RoadFileState, Snap


class RoadFile(Base, Scoped):
    """A map file, its owner's alone. `content` is forgotten once the file was taken over or discarded."""

    __tablename__ = "road_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    state: Mapped[RoadFileState] = mapped_column(Code(RoadFileState))
    file: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary()))
    prefix: Mapped[str] = mapped_column(String(10))
    detail: Mapped[Detail] = mapped_column(Code(Detail))
    snap: Mapped[Snap] = mapped_column(Code(Snap))
    snap_metres_max: Mapped[int]
    result: Mapped[dict[str, Any]]
    """What taking it over did; empty before."""
    uploaded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
