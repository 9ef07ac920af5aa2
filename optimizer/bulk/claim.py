"""Room made for a line, compiled: others at a store take theirs from elsewhere, or lower classes give up what they have."""

# ruff: noqa: N803, E741, PLW3301 - compiled: short names, as in the papers
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

from optimizer.bulk.kernel import EPS, Net, State, move, slack
from optimizer.bulk.whole import counts, guided, plain, shift, useful
from optimizer.jit import compiled, inner

Array = Any


@inner
def elsewhere(P: Net, S: State, ratio: Array, store: int, grams: float) -> bool:
    """Make room at a store: what lines have from it comes from other stores instead, where those have it."""
    for i in range(P.below[store], P.below[store + 1]):
        n = P.belows[i]
        if S.load[n] <= EPS:
            continue
        inner = P.below[n + 1] > P.below[n]
        for j in range(P.below[n] if inner else 0, P.below[n + 1] if inner else 1):
            leaf = P.belows[j] if inner else n
            for k in range(P.out[leaf], P.out[leaf + 1]):
                a = P.outs[k]
                if S.x[a] < P.unit[a] - EPS or not plain(ratio, a):
                    continue
                for b in range(P.first[P.line[a]], P.first[P.line[a] + 1]):
                    short = grams - (P.cap[store] - S.load[store])
                    if short <= EPS:
                        return True
                    root = P.leaf[b]
                    while P.up[root] >= 0:
                        root = P.up[root]
                    if root == store or not plain(ratio, b):
                        continue
                    pack = max(P.unit[a], P.unit[b])
                    fits = min(min(S.x[a], P.most[b] - S.x[b]), slack(P, S, P.leaf[b]))
                    packs = min(int(fits / pack + 1e-9), int(short / pack - 1e-9) + 1)
                    if packs > 0:
                        move(P, S, a, -packs * pack)
                        move(P, S, b, packs * pack)
    return P.cap[store] - S.load[store] >= grams - EPS


@compiled
def exchange(P: Net, S: State, ratio: Array, guide: Array, order: Array, lo: int, hi: int) -> None:
    """Bring lines up to the guide by goods that are there, but that their store has no room to send: others there go elsewhere."""
    for i in range(lo, hi):
        l = order[i]
        target = guided(P, guide, l)
        if S.got[l] >= target:
            continue
        for a in range(P.first[l], P.first[l + 1]):
            for _ in range(64):
                if S.got[l] >= target - EPS or P.most[a] - S.x[a] < P.unit[a] - EPS:
                    break
                n, free = P.leaf[a], P.cap[P.leaf[a]] - S.load[P.leaf[a]]
                while P.up[n] >= 0:
                    free = min(free, P.cap[n] - S.load[n])
                    n = P.up[n]
                if free < P.unit[a] - EPS:
                    break
                if P.cap[n] - S.load[n] < P.unit[a] - EPS and not elsewhere(P, S, ratio, n, P.unit[a]):
                    break
                grams = min(useful(P, S, ratio, a, target - S.got[l]), P.unit[a])
                if grams <= EPS:
                    break
                shift(P, S, ratio, a, grams)


@inner
def weakest(P: Net, S: State, rank: Array, leaf: int, mine: int) -> int:
    """An arc of the lowest class below ours that draws on a source; -1 for none."""
    found, lowest = -1, mine
    for i in range(P.out[leaf], P.out[leaf + 1]):
        a = P.outs[i]
        if S.x[a] > EPS and rank[P.line[a]] > lowest:
            found, lowest = a, rank[P.line[a]]
    return found


@inner
def make_room(P: Net, S: State, ratio: Array, rank: Array, leaf: int, mine: int, grams: float) -> bool:
    """Let so much leave a source by taking it from lower classes, at the source, under its floor, or at its store."""
    n = leaf
    while n >= 0:
        while P.cap[n] - S.load[n] < grams - EPS:
            victim, lowest = -1, mine
            if n == leaf:
                victim = weakest(P, S, rank, leaf, mine)
            else:
                for i in range(P.below[n], P.below[n + 1]):
                    c = P.belows[i]
                    if S.load[c] <= EPS:
                        continue
                    a = weakest(P, S, rank, c, lowest)
                    if a >= 0:
                        victim, lowest = a, rank[P.line[a]]
                    for j in range(P.below[c], P.below[c + 1]):
                        a = weakest(P, S, rank, P.belows[j], lowest)
                        if a >= 0:
                            victim, lowest = a, rank[P.line[a]]
            if victim < 0:
                return False
            short = grams - (P.cap[n] - S.load[n])
            packs = min(int(short / P.unit[victim] - 1e-9) + 1, int(S.x[victim] / P.unit[victim] + 0.5))
            shift(P, S, ratio, victim, -packs * P.unit[victim])
        n = P.up[n]
    return True


@inner
def below_us(P: Net, S: State, lower: Array, leaf: int, mine: int, grams: float) -> bool:
    """Would there be room for so much, did lower classes give up all they have?"""
    n = leaf
    while n >= 0:
        if P.cap[n] - S.load[n] + lower[n, mine + 1] < grams - EPS:
            return False
        n = P.up[n]
    return True


@compiled
def claim(P: Net, S: State, ratio: Array, rank: Array, lower: Array, order: Array) -> int:
    """Lines in order take from lower classes what they can still use a pack of; how many packs. Classes are numbered from 0;
    `lower` says how many grams of that class and those below it each node had when this began."""
    done = 0
    for i in range(len(order)):
        l = order[i]
        for a in range(P.first[l], P.first[l + 1]):
            while P.asked[l] - S.got[l] > EPS and P.most[a] - S.x[a] > P.unit[a] - EPS and P.cap[P.leaf[a]] > 0:
                more = counts(ratio, a, S.x[a] + P.unit[a]) - counts(ratio, a, S.x[a])
                if more <= EPS or (P.place[l] >= 0 and P.room[P.place[l]] - S.taken[P.place[l]] < more - EPS):
                    break
                if slack(P, S, P.leaf[a]) < P.unit[a] - EPS:
                    if not below_us(P, S, lower, P.leaf[a], rank[l], P.unit[a]):
                        break
                    if not make_room(P, S, ratio, rank, P.leaf[a], rank[l], P.unit[a]):
                        break
                shift(P, S, ratio, a, P.unit[a])
                done += 1
    return done
