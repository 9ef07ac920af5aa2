"""What a verification found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from supplyops.verify.rows import Books

SHOWN_MAX = 20


@dataclass(slots=True)
class Finding:
    """One invariant: how much was checked, what violates it (the first twenty)."""

    id: str
    title: str
    checked: int = 0
    violations: int = 0
    examples: list[str] = field(default_factory=list)
    is_vacuous: bool = False

    def see(self, holds: bool, otherwise: str) -> None:
        """Count one thing that was checked; `otherwise` says what is wrong with it if it does not hold."""
        self.checked += 1
        if not holds:
            self.fail(otherwise)

    def fail(self, example: str) -> None:
        """Note a violation."""
        self.violations += 1
        if len(self.examples) < SHOWN_MAX:
            self.examples.append(example)

    def add(self, other: Finding) -> None:
        """Take over what another look found."""
        self.checked += other.checked
        self.violations += other.violations
        self.examples += other.examples[: SHOWN_MAX - len(self.examples)]

    @property
    def is_clean(self) -> bool:
        """Nothing wrong, and something was looked at where there was something to look at."""
        return self.violations == 0 and not self.is_vacuous


@dataclass(frozen=True, slots=True)
class Invariant:
    """A check: its id, what it says in the users' language, the tables it must not find empty-handed, and how it looks."""

    id: str
    title: str
    needs: tuple[str, ...]
    look: Callable[[Books, Finding], None]
    in_tail: bool = False
    """Is it also looked at, for what is new, when only the tail is checked?"""
    of_moves: bool = False
    """Can it be told from the moves alone, so that it is also looked at for the books as of an earlier sequence?"""


def run(invariants: tuple[Invariant, ...], books: Books) -> Iterator[Finding]:
    """Look at every invariant. One that checked nothing while its tables have rows is vacuous, and that is an error.

    A check of the tail leaves out what can only be told from everything, and may well find nothing new.
    """
    for invariant in invariants:
        if (books.since is not None and not invariant.in_tail) or (books.until is not None and not invariant.of_moves):
            continue
        finding = Finding(invariant.id, invariant.title)
        try:
            invariant.look(books, finding)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            finding.fail(f"有记录不合格式,无法核对:{type(error).__name__} {error}")
        may_be_idle = books.since is not None or not any(books.has_rows(name) for name in invariant.needs)
        finding.is_vacuous = finding.checked == 0 and not may_be_idle
        yield finding
