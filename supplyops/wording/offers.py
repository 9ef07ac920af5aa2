"""Ways to take a late line along, in words: what is delayed by one, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supplyops.wording.helps import span


@dataclass(frozen=True, slots=True)
class DelayedStop:
    """A place that waits longer: by how much at most, for what, and whether any of it then comes too late."""

    site_name: str
    wait: str
    items: str
    is_late: bool


def delayed_stops(delays: Sequence[Any]) -> tuple[DelayedStop, ...]:
    """Delays of lines put together by place, the longest wait first."""
    by_place: dict[str, list[Any]] = {}
    for each in delays:
        by_place.setdefault(each.delivery_site_name, []).append(each)
    ordered = sorted(by_place.items(), key=lambda entry: (-max(each.seconds for each in entry[1]), entry[0]))
    return tuple(
        DelayedStop(
            site,
            span(max(each.seconds for each in rows)),
            "、".join(dict.fromkeys(each.item_name for each in rows)),
            any(each.is_late for each in rows),
        )
        for site, rows in ordered
    )


def late_word(late_s: int) -> str:
    """In time, or how late."""
    return f"迟到 {span(late_s)}" if late_s else "按时"
