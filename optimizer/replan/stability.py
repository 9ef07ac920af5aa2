"""How much calm is worth when a plan is made anew while people already work by the older one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stability:
    """What stands, and when a change is worth it. All figures are the caller's parameters."""

    lock_s: int = 3600
    """Trips that leave within this of the new plan's beginning take place as they are."""
    shift_s: int = 0
    """So much later the new problem begins than the older one."""
    loaded: tuple[int, ...] = ()
    """Numbers of trips of the older plan that are loaded already: they stand whenever they leave."""
    change_person_s: int = 36_000
    """A change has to save so much waiting (persons × seconds, or its price) for each assignment it touches."""
    changes_permille_max: int = 80
    """No more of the older plan's assignments than this are changed only to make the plan better; none where it is 0.

    More of the same with the same vehicle at the same time is an addition and not a change, as goods for another line aboard are:
    whoever was told what comes gets it."""
    tolerance_s: int = 600
    """An arrival that moves by no more than this is the same to those who wait."""

    def __post_init__(self) -> None:
        for name in ("lock_s", "change_person_s", "tolerance_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is not below zero")
        if not 0 <= self.changes_permille_max <= 1000:
            raise ValueError("changes_permille_max is 0 to 1000")
