"""What is wrong with a file, cell by cell, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.wording.errors import sentence
from supplyops.wording.remedies import REMEDIES

PROBLEMS_MAX = 200
"""So many are listed; more would not be read."""
VALUE_MAX = 40


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

    @property
    def text(self) -> str:
        """Where, which value, why, what to do."""
        place = f"第 {self.row} 行" if self.row is not None else ""
        place += f"“{self.header}”" if self.header else ""
        shown = (self.value if len(self.value) <= VALUE_MAX else f"{self.value[:VALUE_MAX]}…").replace("\n", " ")
        why = sentence(self.code, {**self.params, "value": shown})
        if shown and f"“{shown}”" not in why:
            place += f"为“{shown}”"
        return f"{place}{':' if place else ''}{why}{self.remedy}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        known = REMEDIES.get(self.code)
        return known if known is not None else f"应填:{self.expected}。" if self.expected else ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something read otherwise than it was written, or left out; nothing is wrong with it."""

    text: str
    row: int | None = None
    header: str = ""

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row is not None else ""
        place += f"“{self.header}”" if self.header else ""
        return f"{place}{':' if place else ''}{self.text}"


class FileRefused(InvalidInput):
    """A file of which nothing was imported; `problems` says why, `count` how many there were before the list was cut."""

    def __init__(self, file: str, problems: Sequence[Problem], count: int | None = None) -> None:
        assert problems
        self.file = file
        self.problems = tuple(problems[:PROBLEMS_MAX])
        self.count = count if count is not None else len(problems)
        fields = tuple(
            FieldError(
                ".".join(str(part) for part in (problem.row, problem.header) if part),
                problem.code,
                {"value": problem.value[:VALUE_MAX], **problem.params},
            )
            for problem in self.problems
        )
        super().__init__("file_refused", fields=fields, file=file, count=self.count)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every problem as a sentence, the file named first."""
        told = tuple(f"{self.file} {problem.text}" for problem in self.problems)
        left = self.count - len(told)
        return (*told, f"{self.file} 另有 {left} 处问题未列出。") if left else told
