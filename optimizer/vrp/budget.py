"""How much of a search's budget is used: seconds by some clock, or rounds, which can be repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass(slots=True)
class Budget:
    """The budget: how much of it is used, and whether to go on."""

    began: float
    seconds: float | None
    iterations: int | None
    clock: Clock
    keep_going: Callable[[], bool]
    done: int = 0
    is_stopped: bool = False
    wall_began: float = field(default_factory=time.perf_counter)

    def slowness(self) -> float:
        """Wall seconds for a second of the clock, on a machine that others use too."""
        return max(1.0, (time.perf_counter() - self.wall_began) / max(self.clock() - self.began, 1e-3))

    def share(self) -> float:
        """The share of the budget that is used."""
        if self.iterations is not None:
            return self.done / self.iterations
        assert self.seconds is not None
        return (self.clock() - self.began) / self.seconds

    def expected(self) -> float:
        """How many rounds the whole budget makes, by the pace so far."""
        return self.iterations if self.iterations is not None else self.done / max(self.share(), 1e-9)

    def may_go_on(self) -> bool:
        """Has nobody said stop? Who has once said so is not asked again."""
        self.is_stopped = self.is_stopped or not self.keep_going()
        return not self.is_stopped

    def rounds(self, block: int, until: float) -> int:
        """Rounds to make before the next look at the clock."""
        return block if self.iterations is None else min(block, max(1, round(until * self.iterations) - self.done))
