"""Against the best of all allocations, tried one by one."""

from __future__ import annotations

import random

import pytest

from optimizer.allocate import allocate
from tests.optimizer import oracle

LIMIT = 20_000
"""Problems with more allocations than this take too long to try them all."""


def tried(net: oracle.Network) -> list[oracle.Given] | None:
    found = []
    for given in oracle.every_allocation(net):
        found.append(given)
        if len(found) > LIMIT:
            return None
    return found


def granted(net: oracle.Network) -> oracle.Given:
    found: oracle.Given = {}
    allotment = allocate(net)
    locked = {(lock.source_id, lock.line_id) for lock in net.problem.locks}
    late = [grant for grant in allotment.late if (net.supplies[grant.arc.supply].source_id, net.problem.lines[grant.arc.line].id) in locked]
    for grant in (*allotment.in_time, *late):
        key = (grant.arc.supply, grant.arc.line)
        found[key] = found.get(key, 0) + grant.quantity
    return found


@pytest.mark.parametrize("seed", range(200))
def test_no_allocation_of_a_plain_problem_is_better(seed: int) -> None:
    net = oracle.network_of(oracle.draw(random.Random(seed), plain=True))
    every = tried(net)
    if every is None:
        return
    best = max(every, key=lambda given: (oracle.value(net, given), oracle.later_value(net, given)))
    mine = granted(net)
    assert oracle.value(net, mine) == oracle.value(net, best)
    assert oracle.later_value(net, mine) == oracle.later_value(net, best)


@pytest.mark.parametrize("seed", range(200))
def test_no_allocation_with_packs_substitutes_and_minimums_is_better(seed: int) -> None:
    net = oracle.network_of(oracle.draw(random.Random(1000 + seed), plain=False))
    every = tried(net)
    if every is None:
        return
    useful = [given for given in every if oracle.is_useful(net, given)]
    mine = granted(net)
    assert oracle.is_useful(net, mine)
    assert oracle.value(net, mine) == max(oracle.value(net, given) for given in useful)
