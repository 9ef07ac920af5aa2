"""A place to act in: people of the city do things at times, through the commands that everybody uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from supplyops.demo.city import actor
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.clock import BEIJING, business_day
from supplyops.runtime import Runtime


class MovingClock(Protocol):
    """A clock that is set, forwards only."""

    def __call__(self) -> datetime:
        """What time it is."""
        ...

    def move_to(self, moment: datetime) -> None:
        """Time passes."""
        ...


class Scene:
    """Days before a story, counted back from the day on which it begins."""

    def __init__(self, runtime: Runtime, clock: MovingClock, starts_at: datetime) -> None:
        self._runtime, self._clock, self._first_day = runtime, clock, business_day(starts_at)

    @property
    def now(self) -> datetime:
        """What time it is in the scene."""
        return self._clock()

    def day(self, days: int) -> date:
        """The day so many days after the one on which the story begins; before it with a minus."""
        return self._first_day + timedelta(days=days)

    def moment(self, days: int, hour: int, minute: int = 0) -> datetime:
        """An hour of such a day, on a Beijing clock."""
        return datetime.combine(self.day(days), time(hour, minute), tzinfo=BEIJING).astimezone(UTC)

    def move_to(self, days: int, hour: int, minute: int = 0) -> None:
        """It is that hour now."""
        self._clock.move_to(self.moment(days, hour, minute))

    def do(self, command: Callable[..., Any], by: str, *args: Any) -> Any:
        """Somebody does something."""
        return self._runtime.run(command, actor(self._runtime, by), *args)  # type: ignore[arg-type]

    def ask(self, query: Callable[..., Any], by: str, *args: Any) -> Any:
        """Somebody looks something up."""
        return self._runtime.read(query, actor(self._runtime, by), *args)  # type: ignore[arg-type]

    def make(self, command: Callable[..., Any], by: str, *args: Any) -> UUID:
        """Somebody makes something; its id."""
        made = self.do(command, by, *args)
        assert isinstance(made, UUID), made
        return made

    def read(self, query: Callable[..., Any], *args: Any) -> Any:
        """What the books say, to go on with."""
        return self._runtime.read(query, SYSTEM, *args)  # type: ignore[arg-type]
