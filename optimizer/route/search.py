"""The plan's routes found by the compiled search while the budget lasts, and once more looked through by the plan's own rules."""

from __future__ import annotations

from optimizer.budget import Budget
from optimizer.route.build import Manner, insert_all, natural_order
from optimizer.route.case import Case
from optimizer.route.plan import Timed, timed
from optimizer.route.settle import settle

SAY_EVERY = 25


def planned(case: Case, budget: Budget, seed: int) -> Timed:
    """The best plan found within the budget."""
    order = natural_order(case)
    plan, left = _searched(case, order, budget, seed) if order else _inserted(case, order)
    return settle(case, plan, left, order)


def _searched(case: Case, order: list[int], budget: Budget, seed: int) -> tuple[Timed, list[int]]:
    # what is compiled is loaded where there is something to search
    from optimizer.route.annealing import Annealing
    from optimizer.route.arrays import is_small

    if not is_small(case):
        return _inserted(case, order)
    search = Annealing(case, order, seed)
    while budget.step():
        search.step()
        if search.steps % SAY_EVERY == 0:
            budget.say("routing", budget.used, budget.iterations or 0)
    plan = timed(case, search.trips())
    assert plan is not None, "both searches keep the same rules"
    return plan, search.left()


def _inserted(case: Case, order: list[int]) -> tuple[Timed, list[int]]:
    """The better of two plans made in one go: with new trips before others of a vehicle where that helps, or only after."""
    plans = []
    for goes_before in (True, False):
        left = [cargo.quantity for cargo in case.cargos]
        empty = timed(case, ())
        assert empty is not None, "no trips take no time"
        plan = insert_all(case, empty, left, order, Manner(is_thorough=True, goes_before=goes_before))
        plans.append((plan, left))
    return max(plans, key=lambda pair: pair[0].score)
