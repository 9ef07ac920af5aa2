"""What no allocation can beat, from prices: by class, given what the classes above it got.

Any prices that are not below zero on what is scarce bound every plan (weak duality): goods at what they are worth to the line
that found none left, places that take goods in at the price that just clears them. Where handing out is exact, so is the bound.
"""

from __future__ import annotations

import numpy as np

from optimizer.bulk import price
from optimizer.bulk.goods import Laid, Reals

LOOKS = 30
"""Every node is looked at so often at most, on average; prices are valid whenever the search for them ends."""


def most_of_class(laid: Laid, worth: Reals, rank: int, x: Reals, tight: float = 1e-3) -> float:
    """Σ worth × grams of one class that no plan passes in which every line of the classes above has what `x` gives it."""
    net, lines = laid.net, laid.goods.lines
    if not (lines.rank == rank).any():
        return 0.0
    got = np.minimum(np.bincount(net.line, x * net.gain, len(net.asked)), net.asked)
    held = (lines.rank < rank) & (got > 0)
    asks = [worth]
    if ((lines.rank == rank) & (lines.kit >= 0)).any():
        asks.append(_by_kits(laid, worth, got))
    bounds = []
    for each in asks:
        value = _values(laid, each, rank, x, got, tight)
        bounds.append(_at_prices(laid, worth, rank, value[: len(net.up)], got, held))
    return min(bounds)


def _at_prices(laid: Laid, worth: Reals, rank: int, each: Reals, got: Reals, held: np.ndarray) -> float:
    """What goods, lines and places are worth in all where a gram at every node costs so much: no plan passes it."""
    net = laid.net
    mine = laid.goods.lines.rank == rank
    for _ in range(2):  # sources stand under floors, floors under stores
        each = np.where(net.up >= 0, np.maximum(each, each[net.up]), each)
    own = each - np.where(net.up >= 0, each[net.up], 0.0)
    total = float((own[own > 0] * net.cap[own > 0]).sum())
    offered = each[net.leaf] / net.gain
    cheapest = np.full(len(net.asked), np.inf)
    some = net.first[:-1] < net.first[1:]
    if len(offered):
        cheapest[some] = np.minimum.reduceat(offered, net.first[:-1][some])
    total -= float((got[held] * cheapest[held]).sum())
    surplus = np.where(mine & some, np.maximum(worth - np.where(some, cheapest, 0.0), 0.0), 0.0)
    placed = mine & _crowded(laid)
    surplus = _whole_kits(laid, worth - cheapest, mine & some & ~placed, surplus)
    total += float((net.asked * surplus)[mine & ~placed].sum())
    return total + _in_places(laid, surplus, placed, got, held)


def _by_kits(laid: Laid, worth: Reals, got: Reals) -> Reals:
    """The same where the line that holds a kit back is worth all of the kit, and the others of it nothing."""
    lines, net = laid.goods.lines, laid.net
    tied = np.flatnonzero(lines.kit >= 0)
    kit, fill = lines.kit[tied], got[tied] / np.maximum(net.asked[tied], 1.0)
    poorest = np.full(int(kit.max()) + 1, np.inf)
    np.minimum.at(poorest, kit, fill)
    total = np.bincount(kit, worth[tied] * net.asked[tied])
    asks = worth.copy()
    asks[tied] = np.where(fill <= poorest[kit], total[kit] / np.maximum(net.asked[tied], 1.0), 0.0)
    return asks


def _crowded(laid: Laid) -> np.ndarray:
    """Lines whose place asks for more than it can take in."""
    net = laid.net
    at = net.place >= 0
    asked = np.bincount(net.place[at], net.asked[at], len(net.room))
    return np.asarray(at & (asked[net.place] > net.room[net.place]))


def _whole_kits(laid: Laid, each: Reals, mine: np.ndarray, surplus: Reals) -> Reals:
    """What a gram of a line in a kit is worth beyond its price, with the others of the kit, which are of use in step only."""
    lines, net = laid.goods.lines, laid.net
    tied = np.flatnonzero(lines.kit >= 0)
    if not len(tied):
        return surplus
    kit, asked = lines.kit[tied], np.maximum(net.asked[tied], 1.0)
    together = np.bincount(kit, np.where(mine[tied], asked * each[tied], -np.inf))
    is_whole = np.bincount(kit, ~mine[tied]) == 0
    share = np.maximum(together, 0.0) / np.maximum(np.bincount(kit), 1)
    surplus = surplus.copy()
    surplus[tied] = np.where(is_whole[kit], share[kit] / asked, surplus[tied])
    return surplus


def _values(laid: Laid, worth: Reals, rank: int, x: Reals, got: Reals, tight: float) -> Reals:
    """What a gram is worth at every node when lines of a class miss something and the classes below it are not there."""
    net, ranks = laid.net, laid.goods.lines.rank
    there = np.where(ranks[net.line] <= rank, x, 0.0)
    load = np.bincount(net.leaf, there, len(net.up))
    for _ in range(2):
        under = np.flatnonzero(net.up >= 0)
        load = np.bincount(net.leaf, there, len(net.up)) + np.bincount(net.up[under], load[under], len(net.up))
    taken = np.bincount(net.place[net.place >= 0], np.where(ranks <= rank, got, 0.0)[net.place >= 0], len(net.room))
    open_place = (net.place < 0) | (net.room[net.place] - taken[net.place] > 0.5)
    misses = np.flatnonzero((ranks == rank) & (got < net.asked - 0.5) & open_place)
    seeds = np.r_[0, 0, misses[np.argsort(-worth[misses], kind="stable")]].astype(np.int64)
    count = len(net.up) + len(net.asked)
    value, top = np.zeros(count), float(worth[ranks == rank].max()) * 4
    marks, queue = np.zeros(count, np.int64), np.zeros(count + 1, np.int64)
    price.prices(
        net, there, load, seeds, worth, ranks, rank, top, value, marks, queue, LOOKS * count, tight,
    )  # fmt: skip
    return np.minimum(value, top)


def _in_places(laid: Laid, value: Reals, placed: np.ndarray, got: Reals, held: np.ndarray) -> float:
    """The best that places can take in: the most valuable first, until each is full."""
    net = laid.net
    lines = np.flatnonzero(placed & (value > 0))
    if not len(lines):
        return 0.0
    room = net.room.copy()
    there = held & (net.place >= 0)
    np.subtract.at(room, net.place[there], got[there])
    order = lines[np.lexsort((-value[lines], net.place[lines]))]
    asked, place = net.asked[order], net.place[order]
    through = np.cumsum(asked)
    starts = np.r_[True, place[1:] != place[:-1]]
    before = np.maximum.accumulate(np.where(starts, through - asked, -1.0))
    left = np.maximum(room[place], 0.0) - (through - asked - before)
    return float((np.clip(left, 0.0, asked) * value[order]).sum())
