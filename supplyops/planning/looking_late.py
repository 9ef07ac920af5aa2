"""Looking for ways to take a late line along: in a child, watched from outside, each way judged here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supplyops.config import Settings
from supplyops.planning.inserting import Found, InsertionsOrder
from supplyops.planning.insertion_rules import INSERTION_SECONDS_DEFAULT
from supplyops.planning.solving import GRACE_S, Limits, Order, insert_in_child

JUDGING_TIMES = 2
"""Judging in the child is given as long again as searching."""


def look_for_insertions(
    asked: InsertionsOrder, settings: Settings, report: Callable[[dict[str, Any]], bool], inserter: str
) -> tuple[Found, ...]:
    """The ways, the best first. Raises Stopped, or SolveFailed when nothing comes out."""
    most = settings.solver_seconds_max
    seconds = None if asked.tries else min(asked.seconds or INSERTION_SECONDS_DEFAULT, most)
    order = Order(asked.problem, seconds, asked.tries, 0, asked.plan, line=asked.line, since=asked.since)
    limits = Limits((seconds or most) * JUDGING_TIMES + GRACE_S, settings.solver_memory_mb)
    return insert_in_child(order, limits, report, inserter=inserter)
