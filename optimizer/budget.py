"""How long a solve may take, whether it should stop, and what it says meanwhile. One object, passed down everywhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.solution import Solution


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is: the stage it is in, steps done of steps known, the best value and bound so far (‰ served of class 1)."""

    stage: str
    done: int
    total: int
    incumbent: int | None = None
    bound: int | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class Budget:
    """Seconds or iterations; iterations replay exactly, seconds do not.

    `keep_going` is asked often and must be cheap; False ends the solve at the next step with the best plan so far.
    `on_found` is given each plan that is better than those before while the search goes on, so that whoever watches has
    something to show if the solve breaks.
    """

    seconds: float | None = None
    iterations: int | None = None
    keep_going: Callable[[], bool] = field(default=lambda: True)
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)
    on_found: Callable[[Solution], None] | None = None
    used: int = 0
    stopped_by: str = ""
    clock: Callable[[], float] = time.monotonic
    """Wall seconds; a measurement may count the processor's."""
    _started_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._started_at = self.clock()
        if self.seconds is not None and self.iterations is not None:
            raise ValueError("a budget is seconds or iterations, not both")
        if self.seconds is None and self.iterations is None:
            raise ValueError("a budget needs seconds or iterations")
        if not 0 < (self.seconds or self.iterations or 0) < math.inf:
            raise ValueError("a budget is above zero, and ends")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the budget was made."""
        return self.clock() - self._started_at

    @property
    def wall_left_s(self) -> float | None:
        """Wall seconds that are left; None where others are counted."""
        if self.seconds is None or self.clock is not time.monotonic:
            return None
        return max(self.seconds - self.elapsed_s, 0.01)

    def step(self) -> bool:
        """Count one iteration; False when there is no time for another."""
        if not self.allows():
            return False
        self.used += 1
        return True

    def allows(self) -> bool:
        """Is there time left? Notes what ended it."""
        if self.stopped_by:
            return False
        if not self.keep_going():
            self.stopped_by = "cancel"
        elif self.iterations is not None and self.used >= self.iterations:
            self.stopped_by = "iterations"
        elif self.seconds is not None and self.elapsed_s >= self.seconds:
            self.stopped_by = "seconds"
        return not self.stopped_by

    def allows_until(self, least_s: float) -> bool:
        """`allows`, and of a number of seconds at least so many, for what has to be looked at before the search is over."""
        return self.allows() or (self.stopped_by == "seconds" and self.keep_going() and self.elapsed_s < least_s)

    def afterwards(self, past_s: float) -> Budget:
        """What ends the looking after a search: whoever waits, and where seconds are counted what is left of them and so many more."""
        if self.seconds is None:
            return Budget(iterations=1, keep_going=self.keep_going)  # it is never counted
        left_s = max(self.seconds - self.elapsed_s, 0.0)
        return Budget(seconds=left_s + past_s, keep_going=self.keep_going, clock=self.clock)

    def say(self, stage: str, done: int, total: int, *, incumbent: int | None = None, bound: int | None = None) -> None:
        """Report progress."""
        self.on_progress(Progress(stage, done, total, incumbent, bound, self.elapsed_s))


@dataclass(slots=True)
class Patience:
    """A share of a budget's seconds for one kind of work, in however many parts it is done; with a budget of steps it never ends."""

    budget: Budget
    share: float
    _used_s: float = 0.0
    _since_s: float | None = None

    def __enter__(self) -> None:
        self._since_s = self.budget.elapsed_s

    def __exit__(self, *_: object) -> None:
        self._used_s, self._since_s = self._taken_s(), None

    def is_over(self) -> bool:
        """Has the work taken its share?"""
        return self.budget.seconds is not None and self._taken_s() > self.share * self.budget.seconds

    def _taken_s(self) -> float:
        return self._used_s + (0.0 if self._since_s is None else self.budget.elapsed_s - self._since_s)
