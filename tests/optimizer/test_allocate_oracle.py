"""Against the best of all allocations, tried one by one."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimizer.allocate import allocate, in_bulk, part, stages
from optimizer.allocate.share import whole
from tests.optimizer import oracle

LIMIT = 8_000
"""Problems with more allocations than this take too long to try them all."""


def tried(net: oracle.Network) -> list[oracle.Given] | None:
    found = []
    for each in oracle.every_allocation(net):
        found.append(each)
        if len(found) > LIMIT:
            return None
    return found


def granted(net: oracle.Network) -> oracle.Given:
    found: oracle.Given = {}
    allotment = allocate(net)
    locked = {(lock.source_id, lock.line_id) for lock in net.problem.locks}
    late = [
        grant
        for grant in allotment.late
        if (net.supplies[grant.arc.supply].source_id, net.problem.lines[grant.arc.line].id) in locked
    ]
    for grant in (*allotment.in_time, *late):
        key = (grant.arc.supply, grant.arc.line)
        found[key] = found.get(key, 0) + grant.quantity
    return found


def small_enough(seed: int, *, plain: bool) -> tuple[oracle.Network, list[oracle.Given]]:
    """The first problem drawn whose allocations can all be tried."""
    dice = random.Random(seed)
    while True:
        net = oracle.network_of(oracle.draw(dice, plain=plain))
        every = tried(net)
        if every is not None:
            return net, every


@pytest.mark.parametrize("seed", range(40))
def test_no_allocation_of_a_plain_problem_is_better(seed: int) -> None:
    net, every = small_enough(seed, plain=True)
    best = max(every, key=lambda given: (oracle.value(net, given), oracle.later_value(net, given)))
    mine = granted(net)
    assert oracle.value(net, mine) == oracle.value(net, best)
    assert oracle.later_value(net, mine) == oracle.later_value(net, best)


@pytest.mark.parametrize("seed", range(40))
def test_no_allocation_with_packs_substitutes_and_minimums_is_better(seed: int) -> None:
    net, every = small_enough(1000 + seed, plain=False)
    useful = [given for given in every if oracle.is_useful(net, given)]
    mine = granted(net)
    assert oracle.is_useful(net, mine)
    assert oracle.value(net, mine) == max(oracle.value(net, given) for given in useful)


@pytest.mark.parametrize("seed", range(15))
def test_rounding_breaks_no_rule(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forced on problems small enough to know the best: it is one of the allocations there are."""
    net, every = small_enough(2000 + seed, plain=False)
    monkeypatch.setattr(stages, "ARCS_MAX", -1)
    monkeypatch.setattr(part.Part, "__init__", _never_a_network(part.Part.__init__))
    mine = granted(net)
    assert mine in [{pair: q for pair, q in given.items() if q} for given in every]
    assert oracle.is_useful(net, mine)


@pytest.mark.parametrize("seed", range(25))
def test_handing_out_in_bulk_breaks_no_rule_and_serves_the_first_class_as_well(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forced on problems small enough to know the best; where each is a network, the first class has all it can have."""
    plain = seed % 2 == 0
    net, every = small_enough(3000 + seed, plain=plain)
    monkeypatch.setattr(stages, "BULK_ONLY", -1)
    mine = granted(net)
    assert mine in [{pair: q for pair, q in given.items() if q} for given in every]
    assert oracle.is_useful(net, mine)
    if plain:
        best = max(oracle.value(net, given) for given in every)
        assert oracle.value(net, mine)[:2] == best[:2]


def test_the_better_of_two_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "ARCS_MAX", -1)
    monkeypatch.setattr(stages, "BULK_TOO", -1)
    monkeypatch.setattr(part.Part, "__init__", _never_a_network(part.Part.__init__))

    def nothing(one: part.Part, *_: Any) -> list[tuple[int, int]]:
        return [(0, 0)] * len(one.arcs)

    served = 0
    for seed in range(4000, 4010):
        net, _ = small_enough(seed, plain=False)
        both = oracle.value(net, granted(net))
        for module, loser in ((stages, "settle_rounded"), (in_bulk, "settle_in_bulk")):
            net.settled.clear()
            with monkeypatch.context() as broken:
                broken.setattr(module, loser, nothing)
                alone = oracle.value(net, granted(net))
            assert both[:2] >= alone[:2]
            served += alone[1] > 0
    assert served > 10


def _never_a_network(lay_out: Any) -> Any:
    def init(self: part.Part, *arguments: Any) -> None:
        lay_out(self, *arguments)
        self.is_network = False

    return init


FRACTIONS = st.lists(
    st.tuples(st.integers(-(10**14), 10**14), st.integers(1, 10**6) | st.integers(10**12, 10**13)),
    min_size=2,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(FRACTIONS)
@example([(1, 10**13), (1, 10**13 - 1), (-1, 10**13), (2, 2 * 10**12), (1, 10**12)])
def test_fractions_as_whole_numbers_compare_as_they_do(drawn: list[tuple[int, int]]) -> None:
    bits = 2 * max(below.bit_length() for _, below in drawn)
    for one, other in itertools.product(drawn, repeat=2):
        as_whole = whole(*one, bits), whole(*other, bits)
        exact = Fraction(*one), Fraction(*other)
        assert (as_whole[0] < as_whole[1], as_whole[0] == as_whole[1]) == (exact[0] < exact[1], exact[0] == exact[1])
