"""Handing out, compiled: line after line in the order of the objective, along paths that take nothing from lines served before.

A path leads from a line to goods still free: over a source that has none left to a line it feeds, which another source can feed
instead, and so on; over a store that can dispatch no more to whatever leaves it. What the lines can get together is a
polymatroid, so giving each line in turn all that such paths bring is optimal for the order (Edmonds 1970). Where no path is
left, everything the search came by is tight for good and is never looked at again: that keeps the work near the number of
pairs, and the line for which a node became tight says what it is worth.

Amounts are grams of the goods named; what a gram counts for a line is the pair's gain. All values are floats that hold whole
numbers exactly. Nothing here allocates.
"""

# ruff: noqa: N803, N806, E741, PLW3301 - compiled: short names, as in the papers
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any, NamedTuple

from optimizer.jit import compiled, inner

Array = Any

EPS = 1e-3
"""Grams that count as none."""
STAMP, DEAD, SEEN, SEARCHES, LOOKED, TOP, TURN, FIGURES = range(8)
TURNS = 4_096
"""No way is looked at more finely than this in its order."""


# Columns of State.marks: the rank at which a node became tight, 0 while it is not; when it was seen last, how it was reached,
# after how many steps; that it is at least so far from free goods; the next in its turn.
DIED, SEEN_AT, PREV, VIA, AFTER, FAR, BEHIND, MARKS = range(8)
QUEUE, PATH, TIGHT, WORK = range(4)


class Net(NamedTuple):
    """What there is. Tree nodes are sources (leaves), floors and stores; line l is node `len(up) + l`."""

    first: Array  # arcs of line l are first[l] .. first[l + 1], the best source first
    leaf: Array
    line: Array
    gain: Array  # what a gram from there counts for, in grams of what the line asked for
    unit: Array  # grams that move together
    most: Array
    out: Array  # arcs of node n are outs[out[n]] .. outs[out[n + 1]]
    outs: Array
    up: Array  # the node above, -1 for a root
    below: Array
    belows: Array
    cap: Array
    place: Array  # receiving place of a line, -1 for none
    room: Array
    asked: Array
    weight: Array


class State(NamedTuple):
    """What is given so far, and the working space of the search."""

    x: Array
    load: Array
    got: Array
    taken: Array
    marks: Array  # of nodes, in the columns below
    work: Array  # the search's queue, a way, and everything found tight
    heads: Array
    active: Array
    figures: Array


@inner
def slack(P: Net, S: State, leaf: int) -> float:
    """Grams that may still leave a source."""
    least = P.cap[leaf] - S.load[leaf]
    n = P.up[leaf]
    while n >= 0:
        least = min(least, P.cap[n] - S.load[n])
        n = P.up[n]
    return least


@inner
def move(P: Net, S: State, a: int, grams: float) -> None:
    """Give so much more by an arc, or less."""
    S.x[a] += grams
    n = P.leaf[a]
    while n >= 0:
        S.load[n] += grams
        n = P.up[n]
    l = P.line[a]
    S.got[l] += grams * P.gain[a]
    if P.place[l] >= 0:
        S.taken[P.place[l]] += grams * P.gain[a]


@inner
def visit(S: State, n: int, before: int, arc: int, steps: int, seen: int) -> int:
    """Note how a node was reached, after so many steps, and when it is its turn; how many nodes have been seen."""
    if S.marks[n, SEEN_AT] == S.figures[STAMP] or S.marks[n, DIED] > 0:
        return seen
    S.marks[n, SEEN_AT] = S.figures[STAMP]
    S.marks[n, PREV], S.marks[n, VIA], S.marks[n, AFTER] = before, arc, steps
    S.work[QUEUE, seen] = n
    turn = min(steps + S.marks[n, FAR], TURNS - 1)
    S.marks[n, BEHIND] = S.heads[turn]
    S.heads[turn] = n
    S.figures[TOP] = max(S.figures[TOP], turn)
    S.figures[TURN] = min(S.figures[TURN], turn)
    return seen + 1


@inner
def search(P: Net, S: State, start: int) -> int:
    """The root from which goods can reach a line, the way being noted backwards; -1 where there is none, and everything looked
    at, figures[SEEN] nodes of the queue, is tight.

    The shortest way is looked for, nodes nearest to free goods first (A*). How far a node is at least is learnt from every
    search, as ways only grow longer while goods are given (Koenig and Likhachev, "Adaptive A*", 2005).
    """
    nodes = len(P.up)
    F = S.figures
    F[STAMP] += 1
    F[SEARCHES] += 1
    F[TOP] = F[TURN] = 0
    seen, done, end = visit(S, nodes + start, -1, -1, 0, 0), 0, -1
    while F[TURN] <= F[TOP]:
        n = S.heads[F[TURN]]
        if n < 0:
            F[TURN] += 1
            continue
        S.heads[F[TURN]] = S.marks[n, BEHIND]
        S.work[PATH, done] = n
        done += 1
        steps = S.marks[n, AFTER] + 1
        if n >= nodes:
            l = n - nodes
            for a in range(P.first[l], P.first[l + 1]):
                if P.most[a] - S.x[a] > EPS:
                    seen = visit(S, P.leaf[a], n, a, steps, seen)
            F[LOOKED] += P.first[l + 1] - P.first[l]
        else:
            if P.cap[n] - S.load[n] > EPS:
                if P.up[n] < 0:
                    end = n
                    break
                seen = visit(S, P.up[n], n, -1, steps, seen)
            for i in range(P.out[n], P.out[n + 1]):
                a = P.outs[i]
                if S.x[a] > EPS:
                    seen = visit(S, nodes + P.line[a], n, a, steps, seen)
            for i in range(P.below[n], P.below[n + 1]):
                if S.load[P.belows[i]] > EPS:
                    seen = visit(S, P.belows[i], n, -1, steps, seen)
            F[LOOKED] += P.out[n + 1] - P.out[n] + P.below[n + 1] - P.below[n]
    F[SEEN] = seen
    for i in range(F[TOP] + 1):
        S.heads[i] = -1
    if end >= 0:
        for i in range(done):
            n = S.work[PATH, i]
            S.marks[n, FAR] = max(S.marks[n, FAR], S.marks[end, AFTER] - S.marks[n, AFTER])
    return end


@inner
def push(P: Net, S: State, end: int, need: float) -> float:
    """Bring as much as goes, up to the need, along the path just found; what it counts for."""
    nodes = len(P.up)
    count, n = 0, end
    while n >= 0:
        S.work[PATH, count] = n
        count += 1
        n = S.marks[n, PREV]
    most, factor = need, 1.0
    for i in range(count - 2, -1, -1):
        n, before = S.work[PATH, i], S.work[PATH, i + 1]
        a = S.marks[n, VIA]
        if before >= nodes:
            factor /= P.gain[a]
            most = min(most, (P.most[a] - S.x[a]) / factor)
        elif n >= nodes:
            most = min(most, S.x[a] / factor)
            factor *= P.gain[a]
        elif n == P.up[before]:
            most = min(most, (P.cap[before] - S.load[before]) / factor)
    most = min(most, (P.cap[end] - S.load[end]) / factor)
    amount = most
    for i in range(count - 2, -1, -1):
        n, before = S.work[PATH, i], S.work[PATH, i + 1]
        a = S.marks[n, VIA]
        if before >= nodes:
            amount /= P.gain[a]
            S.x[a] += amount
        elif n >= nodes:
            S.x[a] -= amount
            amount *= P.gain[a]
        elif n == P.up[before]:
            S.load[before] += amount
        else:
            S.load[n] -= amount
    S.load[end] += amount
    l = P.line[S.marks[S.work[PATH, count - 2], VIA]]
    S.got[l] += most
    if P.place[l] >= 0:
        S.taken[P.place[l]] += most
    return most


@inner
def raise_line(P: Net, S: State, l: int, wanted: float, rank: int) -> float:
    """Bring a line so much more, without taking anything from others; what was brought. Where it is less, the line is tight."""
    nodes = len(P.up)
    if P.place[l] >= 0:
        wanted = min(wanted, P.room[P.place[l]] - S.taken[P.place[l]])
    left = wanted
    for a in range(P.first[l], P.first[l + 1]):
        if left <= EPS:
            return wanted - left
        if S.marks[P.leaf[a], DIED] == 0:
            grams = min(left / P.gain[a], min(P.most[a] - S.x[a], slack(P, S, P.leaf[a])))
            if grams > EPS:
                move(P, S, a, grams)
                left -= grams * P.gain[a]
    while left > EPS and S.marks[nodes + l, DIED] == 0:
        end = search(P, S, l)
        if end < 0:
            for i in range(S.figures[SEEN]):
                n = S.work[QUEUE, i]
                S.marks[n, DIED] = rank
                S.work[TIGHT, S.figures[DEAD]] = n
                S.figures[DEAD] += 1
            break
        brought = push(P, S, end, left)
        if brought <= EPS / 8:
            break
        left -= brought
    return wanted - left


@inner
def take_back(P: Net, S: State, l: int) -> None:
    """A line gives back all it has."""
    for a in range(P.first[l], P.first[l + 1]):
        if S.x[a] > 0:
            move(P, S, a, -S.x[a])
    S.got[l] = 0.0


@compiled
def hand_out(P: Net, S: State, order: Array, groups: Array, begin: int, end: int, steps: int) -> None:
    """Groups of lines whose units are worth the same, one after the other: all to each if there is enough, else the poorest for
    its weight first."""
    nodes, F = len(P.up), S.figures
    for g in range(begin, end):
        lo, hi, rank = groups[g], groups[g + 1], g + 1
        mark, short = F[DEAD], 0
        for i in range(lo, hi):
            l = order[i]
            wanted = P.asked[l] - S.got[l]
            if wanted > EPS and raise_line(P, S, l, wanted, rank) < wanted - EPS:
                short += 1
        if short == 0 or hi - lo == 1:
            continue
        rivals, heaviest, lightest = 0, 0.0, 1e300
        for i in range(lo, hi):
            l = order[i]
            crowded = P.place[l] >= 0 and P.room[P.place[l]] - S.taken[P.place[l]] <= EPS
            if S.marks[nodes + l, DIED] == rank or crowded:
                S.active[rivals] = l
                rivals += 1
                heaviest, lightest = max(heaviest, P.weight[l]), min(lightest, P.weight[l])
        if rivals < 2:
            continue
        for i in range(mark, F[DEAD]):
            S.marks[S.work[TIGHT, i], DIED] = 0
            S.marks[S.work[TIGHT, i], FAR] = 0
        F[DEAD] = mark
        for i in range(rivals):
            take_back(P, S, S.active[i])
        step = 0
        while rivals > 0:
            step += 1
            kept = 0
            for i in range(rivals):
                l = S.active[i]
                target = min(P.asked[l], P.asked[l] * P.weight[l] / heaviest * step / steps)
                wanted = target - S.got[l]
                full = wanted <= EPS or raise_line(P, S, l, wanted, rank) >= wanted - EPS
                if full and target < P.asked[l]:
                    S.active[kept] = l
                    kept += 1
            rivals = kept
