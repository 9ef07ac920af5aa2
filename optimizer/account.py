"""A plan with the account of it: its gaps and why, its figures, how it was found."""

from __future__ import annotations

from importlib.metadata import version

from optimizer.allocate import Network
from optimizer.assemble import Draft, figures
from optimizer.budget import Budget
from optimizer.codec import problem_hash
from optimizer.explain import gaps
from optimizer.solution import Run, Solution


def accounted(
    net: Network, made: Draft, proven: dict[int, int], budget: Budget, seed: int, stopped_by: str
) -> Solution:
    """The plan as an answer. `proven` is what no plan serves more of, by class; empty where nothing is."""
    versions = {name: version(name) for name in ("highspy", "numpy", "scipy")}
    return Solution(
        problem_hash=problem_hash(net.problem),
        allocations=made.allocations,
        trips=made.trips,
        gaps=gaps(net, made),
        figures=figures(net.problem, made, proven),
        run=Run(seed, budget.used, round(budget.elapsed_s, 3), stopped_by, versions),
    )
