"""What an anchor says, and when the next one is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from supplyops.kernel.canonical import canonical, digest

ROWS_MAX = 1_000
AGE_MAX = timedelta(minutes=10)
OWN_ROWS = 1
"""An anchor is journalled itself; that row alone is no reason for the next one."""


class AnchorAlgorithm(StrEnum):
    """How an anchor is signed."""

    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Anchor:
    """All chain heads at a moment. What is signed covers everything but the hash and the signature."""

    number: int
    made_at: datetime
    moves: int
    entries: int
    root: str
    """The hash of all heads."""
    previous_hash: str
    algorithm: AnchorAlgorithm
    key_id: str
    hash: str
    signature: str
    heads: Mapping[str, tuple[int, str]]
    """Chain -> number and hash of its last link."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much has been written since the last anchor, and when that was."""

    rows: int
    last_at: datetime | None

    def at(self, now: datetime) -> bool:
        """Is it time for the next one?"""
        if self.rows <= OWN_ROWS:
            return False
        return self.rows >= ROWS_MAX or self.last_at is None or now - self.last_at >= AGE_MAX


def root_of(heads: Mapping[str, tuple[int, str]]) -> str:
    """One hash for all heads."""
    return digest({shard: [number, row_hash] for shard, (number, row_hash) in heads.items()})


def signed_text(statement: Mapping[str, object]) -> bytes:
    """What the key signs: the written form of the anchor's statement."""
    return canonical(statement)
