"""What is wrong with a file, cell by cell, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supplyops.exchange.sheet import Sheet, where
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.wording.errors import sentence
from supplyops.wording.remedies import REMEDIES, number_of

PROBLEMS_MAX = 200
"""So many are listed; more would not be read."""
MARKED_MAX = 5_000
"""So many are marked in the copy of a refused file."""
VALUE_MAX = 40
_SIGNS = (*range(32), 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2028, 0x2029)
UNSEEN = {code: f"[U+{code:04X}]" for code in _SIGNS} | dict.fromkeys((9, 10, 13), " ")
"""Characters that would hide or turn round what is told of them are shown by their number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `row` is the number that the spreadsheet shows, None where the file as a whole is meant."""

    code: str
    row: int | None = None
    header: str = ""
    value: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    expected: str = ""
    """What the column asks for, used as the remedy of a code that has none of its own."""
    place: int = 0
    """The column's number from 1, 0 where no column is meant."""

    @property
    def text(self) -> str:
        """Where, which value, why, what to do."""
        place = where(self.row, self.header, self.place)
        shown = self.value if len(self.value) <= VALUE_MAX else f"{self.value[:VALUE_MAX]}…"
        shown = shown.translate(UNSEEN)
        why = sentence(self.code, {**self.params, "value": shown})
        if shown and f"“{shown}”" not in why:
            place += f"为“{shown}”"
        return f"{place}{':' if place else ''}{why}{self.remedy}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        known = REMEDIES.get(self.code)
        return known if known is not None else f"应填:{self.expected}。" if self.expected else ""

    @property
    def number(self) -> str:
        """The code as people tell it over the telephone: `IMP-037`."""
        return number_of(self.code)


class FileRefused(InvalidInput):
    """A file of which nothing was imported; `problems` says why, `count` how many there were before the list was cut.

    `marked` are those that a marked-up copy shows, and `sheet` what was read of the file, where it could be read at all.
    """

    def __init__(
        self, file: str, problems: Sequence[Problem], count: int | None = None, *, sheet: Sheet | None = None
    ) -> None:
        assert problems
        self.file = file
        self.marked = tuple(problems[:MARKED_MAX])
        self.problems = tuple(problems[:PROBLEMS_MAX])
        self.count = count if count is not None else len(problems)
        self.sheet = sheet
        fields = tuple(
            FieldError(
                ".".join(str(part) for part in (problem.row, problem.header) if part),
                problem.code,
                {"value": problem.value[:VALUE_MAX], **problem.params},
                problem.text,
            )
            for problem in self.problems
        )
        super().__init__("file_refused", fields=fields, file=file, count=self.count)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every problem as a sentence with its number, the file named first."""
        told = tuple(f"{self.file} {problem.text}[{problem.number}]" for problem in self.problems)
        left = self.count - len(told)
        return (*told, f"{self.file} 另有 {left} 处问题未列出。") if left else told

    @property
    def summary(self) -> str:
        """How many, and that nothing was done."""
        return f"本文件共 {self.count} 处问题,未导入任何一行。"
