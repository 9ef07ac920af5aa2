"""One measured figure and its limit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A figure, and what it may be at most or at least."""

    name: str
    value: float
    unit: str
    maximum: float | None = None
    minimum: float | None = None

    @property
    def is_met(self) -> bool:
        """Within its limits, or without any."""
        return (self.maximum is None or self.value <= self.maximum) and (
            self.minimum is None or self.value >= self.minimum
        )

    def __str__(self) -> str:
        limits = [f"at most {self.maximum:g}" if self.maximum is not None else "", f"at least {self.minimum:g}" if self.minimum is not None else ""]  # fmt: skip
        limit = "".join(filter(None, limits))
        verdict = f"  ({limit}: {'met' if self.is_met else 'MISSED'})" if limit else ""
        return f"{self.value:10.2f} {self.unit:<8} {self.name}{verdict}"
