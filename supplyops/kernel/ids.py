"""Identifiers: time-ordered for new rows, derived for things that must come out the same on a retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

_DERIVED = UUID("6f0c8a52-54a5-5f5e-9d2f-6f1f2d6f7a11")


def time_ordered_id(now: datetime, random_bits: Callable[[int], int]) -> UUID:
    """A version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = milliseconds << 80 | 0x7 << 76 | random_bits(12) << 64 | 0b10 << 62 | random_bits(62)
    return UUID(int=value)


def derived_id(*parts: object) -> UUID:
    """The same parts give the same id, always."""
    return uuid5(_DERIVED, "\x1f".join(str(part) for part in parts))
