"""What a reserve should hold where, for the table at which money is given."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.papers.contents.parts import Signed


@dataclass(frozen=True, slots=True)
class ReserveAdviceCase:
    """A scenario, its share of all, whom it concerns, and the weighted persons that stay unserved, in millionths."""

    name: str
    share_permille: int
    persons: int
    today_e6: int
    norm_e6: int
    advised_e6: int


@dataclass(frozen=True, slots=True)
class ReserveAdviceLine:
    """An item at a store. `norm` is what the fixed norm asks of the whole place; None without one. `next_unit_e6`: what one unit
    more would save."""

    store: str
    name: str
    unit: str
    today: int
    more: int
    norm: int | None
    cost_fen: int
    next_unit_e6: int
    sku: str = ""

    @property
    def total(self) -> int:
        """What should be held."""
        return self.today + self.more


@dataclass(frozen=True, slots=True)
class ReserveAdvicePaper:
    """储备建议书: within a budget, what to hold where, what that saves in each scenario, and the fixed norms beside it."""

    organisation: str
    budget_fen: int
    cost_fen: int
    today_e6: int
    norm_e6: int
    norm_cost_fen: int
    advised_e6: int
    mean_e6: int
    bound_e6: int
    next_10k_yuan_e6: int
    proof: str
    scope: str
    cases: tuple[ReserveAdviceCase, ...]
    lines: tuple[ReserveAdviceLine, ...]
    contracts: str = ""
    limits: str = ""
    prepared: Signed | None = None
