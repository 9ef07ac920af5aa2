"""Who gets what from where when there are very many: a province's or a nation's requests, and parts of a plan too large for programs.

`hand_out` keeps the strict order of the objective. For each class the most persons × fill; where units are worth the same, the
poorest for its weight first; then the best sources in the order of use, arrival, price and expiry. Every answer comes with a
bound for each class: persons × fill that no plan can pass which gives the classes above it as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.bulk import claim, kernel, whole
from optimizer.bulk.goods import Flags, Goods, Laid, Reals, Whole, lay_out, nothing_given, smallest
from optimizer.bulk.kernel import EPS, State
from optimizer.bulk.proof import most_of_class

__all__ = ["Goods", "Handed", "hand_out", "warm_up"]

STEPS = 64
"""Shares in a shortage are as even as one part in so many of what a line asks for."""
CHUNKS = 64
LOOKS = 4_000
"""A pack's way over other lines is looked for among so many nodes."""
BATCH = 2_000
"""Groups between two looks at the clock."""
PASSES = 4
NO_GUIDE = np.zeros(0)
TRIALS = 2
"""So often is it handed out anew without what proved to be of no use."""


@dataclass(slots=True)
class Handed:
    """The answer, by pair and line in the problem's own order, and how it was reached."""

    quantity: Whole
    """Base units on each pair."""
    served: Whole
    """Of each line, in units asked for, never more than asked."""
    reached: dict[int, float]
    """Persons × fill by class."""
    bound: dict[int, float]
    """By class: what no plan passes that gives the classes above all that can be given (see `proof`)."""
    seconds: dict[str, float] = field(default_factory=dict)
    is_whole: bool = True
    """False when time ran out: what had been given by then stands, and the bounds are those of everything asked."""


@dataclass(slots=True)
class _Order:
    """Lines in the order of the objective, in groups of equal worth."""

    lines: Whole
    groups: Whole
    first: Whole
    """The line each group begins with."""
    worth: Reals
    """Persons × fill of a gram."""


def warm_up() -> None:
    """Compile, or load what was compiled before."""
    hand_out(smallest())


def hand_out(goods: Goods, keep_going: Callable[[], bool] = lambda: True) -> Handed:
    """The best allocation, in whole packs."""
    clock = _Clock()
    laid = lay_out(goods)
    order = _order(goods, laid)
    laid = _within_reach(laid)
    clock.lap("build")
    first = state = nothing_given(laid.net)
    done = _broken(laid, first, order, keep_going)
    trial = laid
    for _ in range(TRIALS if done else 0):
        tighter = _tighter(trial, state)
        if tighter is None:
            break
        trial, state = tighter, nothing_given(laid.net)
        _broken(trial, state, order, lambda: True)
    clock.lap("broken")
    ratio = _ratio(goods, laid)
    final = _packed(trial, state, order, ratio)
    _settle_useless(trial, final, order, ratio)
    clock.lap("packs")
    served = np.minimum(final.got, laid.net.asked)
    worth, ranks = order.worth, goods.lines.rank
    classes = sorted(set(ranks.tolist()))
    reached = {rank: float((served * worth)[ranks == rank].sum()) for rank in classes}
    bound = {rank: max(_bound(laid, worth, rank, first, done), reached[rank]) for rank in classes}
    clock.lap("proof")
    quantity = np.zeros(len(goods.pairs.line), np.int64)
    quantity[laid.pair] = np.round(final.x / goods.items.mass[goods.sources.item[laid.net.leaf]]).astype(np.int64)
    units = np.round(served / goods.items.mass[goods.lines.item]).astype(np.int64)
    return Handed(quantity, units, reached, bound, clock.laps, done)


def _bound(laid: Laid, worth: Reals, rank: int, state: State, done: bool) -> float:
    """What the best plan in broken amounts cannot pass either; all that is asked where it was not found."""
    asked = float(laid.goods.lines.persons[laid.goods.lines.rank == rank].sum())
    return min(most_of_class(laid, worth, rank, state.x), asked) if done else asked


class _Clock:
    """Seconds of each leg."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = round(now - self._last, 3), now


def _order(goods: Goods, laid: Laid) -> _Order:
    lines = goods.lines
    worth = lines.persons / np.maximum(laid.net.asked, 1.0)
    order = np.lexsort((-worth, lines.rank))
    rank, value = lines.rank[order], worth[order]
    new = np.r_[True, (rank[1:] != rank[:-1]) | (np.abs(value[1:] - value[:-1]) > 1e-12 * value[1:])][: len(order)]
    starts = np.flatnonzero(new)
    return _Order(order, np.r_[starts, len(order)].astype(np.int64), order[starts], worth)


def _broken(laid: Laid, state: State, order: _Order, keep_going: Callable[[], bool]) -> bool:
    """Hand out amounts that may be broken; says whether everybody had their turn."""
    groups = len(order.groups) - 1
    for begin in range(0, groups, BATCH):
        if not keep_going():
            return False
        kernel.hand_out(laid.net, state, order.lines, order.groups, begin, min(begin + BATCH, groups), STEPS)
    return True


def _ratio(goods: Goods, laid: Laid) -> Whole:
    """Of each arc: gives, takes, grams of a unit asked for and of a unit brought, whether both are the same item."""
    pairs, mass, old = goods.pairs, goods.items.mass, laid.pair
    asked, brought = goods.lines.item[pairs.line[old]], goods.sources.item[pairs.source[old]]
    columns = (pairs.gives[old], pairs.takes[old], mass[asked], mass[brought], asked == brought)
    return np.column_stack(columns).astype(np.int64)


def _by_class(goods: Goods, order: _Order) -> list[tuple[int, int]]:
    """Groups of each class: from, to."""
    ranks = goods.lines.rank[order.first]
    cuts = np.flatnonzero(np.r_[True, ranks[1:] != ranks[:-1]][: len(ranks)]).tolist()
    return list(zip(cuts, [*cuts[1:], len(ranks)], strict=True))


def _packed(laid: Laid, broken: State, order: _Order, ratio: Whole) -> State:
    """The same in whole packs, class by class."""
    net, final = laid.net, nothing_given(laid.net)
    for begin, end in _by_class(laid.goods, order):
        lo, hi = int(order.groups[begin]), int(order.groups[end])
        whole.lay(net, final, ratio, broken.x, order.lines, lo, hi)
        whole.bring_all(net, final, ratio, broken.x, order.lines, order.groups, begin, end, CHUNKS, LOOKS)
        claim.exchange(net, final, ratio, broken.x, order.lines, lo, hi)
        whole.bring_all(net, final, ratio, NO_GUIDE, order.lines, order.groups, begin, end, CHUNKS, LOOKS)
    return final


def _within_reach(laid: Laid) -> Laid:
    """The same where nobody asks for what is of no use even if a line had all of its sources to itself."""
    net = laid.net
    most = net.cap.copy()
    for _ in range(2):  # sources stand under floors, floors under stores
        most = np.where(net.up >= 0, np.minimum(most, most[net.up]), most)
    whole = np.floor(np.minimum(net.most, most[net.leaf]) / net.unit + EPS) * net.unit
    reach = np.minimum(np.bincount(net.line, whole * net.gain, len(net.asked)), net.asked)
    useful = _useful_part(laid.goods, reach)
    return replace(
        laid, net=net._replace(asked=np.where((laid.goods.lines.kit >= 0) | (useful <= 0), useful, net.asked))
    )


def _tighter(laid: Laid, state: State) -> Laid | None:
    """The same where kits ask for no more than they can have whole, and nobody for what is of no use; None if nothing changes."""
    goods, net = laid.goods, laid.net
    useful = _useful_part(goods, state.got)
    poor = state.got > useful + 0.5
    small = _small_orders(laid, state)
    if not poor.any() and not small.any():
        return None
    asked, cap = np.where(poor, useful, net.asked), net.cap.copy()
    cap[_sources_of(goods, small)] = 0.0
    return replace(laid, net=net._replace(asked=asked, cap=cap))


def _settle_useless(laid: Laid, state: State, order: _Order, ratio: Whole) -> None:
    """Take back what is of no use (less than a line needs, kits that are not whole, orders too small), give what is free to others,
    and let higher classes have what lower ones hold before them."""
    net, goods = laid.net, laid.goods
    barred = np.zeros(len(net.asked), np.bool_)
    for turn in range(PASSES + 1):
        poor, small = _poor(goods, state), _small_orders(laid, state)
        if turn and not poor.any() and not small.any():
            return
        useful = _useful_part(goods, state.got)
        for line in np.flatnonzero(poor).tolist():
            whole.give_up(net, state, ratio, line, float(useful[line]))
        barred |= poor
        gone = _sources_of(goods, small)
        for arc in np.flatnonzero(np.isin(net.leaf, gone) & (state.x > 0)).tolist():
            whole.shift(net, state, ratio, arc, -state.x[arc])
        net.cap[gone] = 0.0
        if turn < PASSES:
            _give_the_rest(laid, state, order, ratio, ~barred)


def _give_the_rest(laid: Laid, state: State, order: _Order, ratio: Whole, may: Flags) -> None:
    net, goods = laid.net, laid.goods
    lines = order.lines[may[order.lines]]
    groups = np.r_[0, np.flatnonzero(np.diff(_group_of(order)[may[order.lines]])) + 1, len(lines)].astype(np.int64)
    plain = lines[(goods.lines.kit[lines] < 0) & (goods.lines.least[lines] == 0)]
    state.marks[:, kernel.DIED] = 0
    whole.better(net, state, ratio, order.lines)
    for _ in range(PASSES):
        whole.trim(net, state, ratio)
        whole.bring_all(net, state, ratio, NO_GUIDE, lines, groups, 0, len(groups) - 1, CHUNKS, 0)
        classes = np.unique(goods.lines.rank, return_inverse=True)[1].astype(np.int64)
        if not claim.claim(net, state, ratio, classes, _of_classes(laid, state, classes), plain):
            return


def _of_classes(laid: Laid, state: State, classes: Whole) -> Reals:
    """Grams of each class and those below it that every node gives."""
    net, count = laid.net, int(classes.max()) + 2
    of_leaf = np.bincount(net.leaf * count + classes[net.line], state.x, len(net.up) * count).reshape(-1, count)
    found, rising = of_leaf.copy(), of_leaf
    for _ in range(2):  # sources stand under floors, floors under stores
        above = np.zeros_like(found)
        under = np.flatnonzero((net.up >= 0) & rising.any(axis=1))
        np.add.at(above, net.up[under], rising[under])
        found += above
        rising = above
    return np.flip(np.cumsum(np.flip(found, axis=1), axis=1), axis=1)


def _group_of(order: _Order) -> Whole:
    """The group of each line, in order."""
    return np.repeat(np.arange(len(order.groups) - 1), np.diff(order.groups))


def _useful_part(goods: Goods, got: Reals) -> Reals:
    """Of grams that each line has, those that are of use."""
    lines, mass = goods.lines, goods.items.mass[goods.lines.item]
    keep = np.where(got + 0.5 < lines.least * mass, 0.0, got)
    tied = np.flatnonzero(lines.kit >= 0)
    if len(tied):
        kits = (keep[tied] / mass[tied] + 1e-6) // lines.per_kit[tied]
        fewest = np.full(int(lines.kit.max()) + 1, np.inf)
        np.minimum.at(fewest, lines.kit[tied], kits)
        keep[tied] = np.minimum(keep[tied], fewest[lines.kit[tied]] * lines.per_kit[tied] * mass[tied])
    return keep


def _poor(goods: Goods, state: State) -> Flags:
    return np.asarray(state.got > _useful_part(goods, state.got) + 0.5)


def _small_orders(laid: Laid, state: State) -> Flags:
    """Contracts called off for less than their smallest order."""
    goods = laid.goods
    of = goods.sources.contract
    if not len(goods.least_order):
        return np.zeros(0, np.bool_)
    units = state.load[: len(of)] / goods.items.mass[goods.sources.item]
    total = np.bincount(of[of >= 0], units[of >= 0], len(goods.least_order))
    return np.asarray((total > 0.5) & (total < goods.least_order - 0.5))


def _sources_of(goods: Goods, contracts: Flags) -> Whole:
    """The steps of these contracts."""
    of = goods.sources.contract
    if not len(contracts):
        return np.zeros(0, np.int64)
    return np.flatnonzero((of >= 0) & contracts[np.maximum(of, 0)])
