"""Collects what is wrong with an input before refusing it once, with every field named."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.quantity import QUANTITY_MAX

# Control characters other than line feed and tab, and characters that reorder or hide text.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_ALLOWED_HIDDEN = {"\n", "\t", "\u200c", "\u200d"}


class Checks:
    """Gathers field errors; `done()` raises one InvalidInput with all of them."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._errors: list[FieldError] = []

    def refuse(self, field: str, code: str, **params: object) -> None:
        """Note that `field` is wrong because of `code`."""
        self._errors.append(FieldError(f"{self._prefix}{field}", code, params))

    def that(self, condition: bool, field: str, code: str, **params: object) -> None:
        """Note `code` unless `condition` holds."""
        if not condition:
            self.refuse(field, code, **params)

    def text(self, field: str, value: str, *, length_max: int = 200, required: bool = True) -> None:
        """Text must be there (if required), not too long, and free of hidden characters."""
        if required and not value.strip():
            self.refuse(field, "required")
        if len(value) > length_max:
            self.refuse(field, "too_long", length=len(value), length_max=length_max)
        hidden = next((c for c in value if unicodedata.category(c) in _HIDDEN and c not in _ALLOWED_HIDDEN), None)
        if hidden is not None:
            self.refuse(field, "hidden_character", codepoint=f"U+{ord(hidden):04X}")

    def whole(self, field: str, value: int, *, minimum: int = 0, maximum: int = QUANTITY_MAX) -> None:
        """A whole number inside its limits. Booleans are not numbers."""
        if type(value) is not int:
            self.refuse(field, "not_whole", value=str(value)[:40])
        elif value < minimum:
            self.refuse(field, "not_positive" if minimum == 1 else "too_small", value=value, minimum=minimum)
        elif value > maximum:
            self.refuse(field, "too_large", value=value, maximum=maximum)

    def aware(self, field: str, value: datetime) -> None:
        """An instant must say its offset."""
        if value.tzinfo is None:
            self.refuse(field, "no_time_zone", value=value.isoformat())

    def ordered(self, field: str, earlier: date | None, later: date | None, code: str = "ends_before_start") -> None:
        """If both days are given, `later` must not be before `earlier`."""
        if earlier is not None and later is not None and later < earlier:
            self.refuse(field, code, earlier=earlier.isoformat(), later=later.isoformat())

    def one_of(self, field: str, value: str, allowed: Sequence[str]) -> None:
        """The value must be one of a closed list."""
        if value not in allowed:
            self.refuse(field, "unknown_choice", value=value[:40], allowed=list(allowed))

    def include(self, prefix: str, error: InvalidInput) -> None:
        """Take over the field errors of a nested input."""
        for inner in error.fields:
            self._errors.append(FieldError(f"{self._prefix}{prefix}{inner.field}", inner.code, inner.params))

    def done(self) -> None:
        """Raise InvalidInput if anything was noted."""
        if self._errors:
            raise InvalidInput(fields=tuple(self._errors))
