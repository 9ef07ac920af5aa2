"""From broken amounts to whole packs, compiled. The broken plan says where each line should have its goods from; class by class
it is laid down as far as there is room, then every line is brought up in whole packs, poorest first, by goods still free or by
moving what lines of the same item have to other sources. Stores only have to have room: goods of other items stay where they are.
"""

# ruff: noqa: N803, N806, E741, PLW3301 - compiled: short names, as in the papers
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

from optimizer.bulk.kernel import (
    DIED,
    EPS,
    PATH,
    PREV,
    QUEUE,
    SEARCHES,
    SEEN,
    SEEN_AT,
    STAMP,
    VIA,
    Net,
    State,
    move,
    slack,
)
from optimizer.jit import compiled, inner

Array = Any


@inner
def plain(ratio: Array, a: int) -> bool:
    """Is it the very item the line asked for?"""
    return ratio[a, 4] > 0


@inner
def counts(ratio: Array, a: int, grams: float) -> float:
    """What so much counts for the line of an arc: whole units of what it asked for.

    `ratio` has of every arc: gives, takes, grams of a unit asked for and of a unit brought, whether both are the same item.
    """
    if plain(ratio, a):
        return grams
    units = int(grams / ratio[a, 3] + 0.5)
    return float(units * ratio[a, 0] // ratio[a, 1] * ratio[a, 2])


@compiled
def shift(P: Net, S: State, ratio: Array, a: int, grams: float) -> None:
    """Give so much more by an arc, or less, counting whole units only."""
    l, before = P.line[a], counts(ratio, a, S.x[a])
    got = S.got[l]
    taken = S.taken[P.place[l]] if P.place[l] >= 0 else 0.0
    move(P, S, a, grams)
    more = counts(ratio, a, S.x[a]) - before
    S.got[l] = got + more
    if P.place[l] >= 0:
        S.taken[P.place[l]] = taken + more


@inner
def useful(P: Net, S: State, ratio: Array, a: int, need: float) -> float:
    """Grams in whole packs that an arc can bring and the line can use; the last pack may hold more than it needs."""
    l, unit = P.line[a], P.unit[a]
    room = min(P.most[a] - S.x[a], slack(P, S, P.leaf[a]))
    packs = int(min(room, 4e15) / unit + 1e-9)
    packs = min(packs, int(need / P.gain[a] / unit - 1e-9) + 1)
    counted = counts(ratio, a, S.x[a])
    if P.place[l] >= 0:
        open_room = P.room[P.place[l]] - S.taken[P.place[l]]
        packs = min(packs, int(open_room / P.gain[a] / unit + 1e-9))
        while packs > 0 and counts(ratio, a, S.x[a] + packs * unit) - counted > open_room + EPS:
            packs -= 1
    if packs <= 0 or counts(ratio, a, S.x[a] + packs * unit) <= counted + EPS:
        return 0.0
    return packs * unit


@compiled
def lay(P: Net, S: State, ratio: Array, guide: Array, order: Array, lo: int, hi: int) -> None:
    """Give lines what the guide says, in whole packs and as far as there is room."""
    for i in range(lo, hi):
        l = order[i]
        for a in range(P.first[l], P.first[l + 1]):
            wanted = int(guide[a] / P.unit[a] + 1e-6) * P.unit[a]
            if wanted > EPS:
                grams = min(wanted, useful(P, S, ratio, a, P.asked[l] - S.got[l]))
                if grams > EPS:
                    shift(P, S, ratio, a, grams)


@inner
def guided(P: Net, guide: Array, l: int) -> float:
    """What the guide gives a line."""
    wanted = 0.0
    for a in range(P.first[l], P.first[l + 1]):
        wanted += guide[a] * P.gain[a]
    return min(wanted, P.asked[l]) - EPS


@inner
def note(S: State, n: int, before: int, arc: int, tail: int) -> int:
    """Note how a node was reached; the end of the queue."""
    if S.marks[n, SEEN_AT] == S.figures[STAMP] or S.marks[n, DIED] > 0:
        return tail
    S.marks[n, SEEN_AT] = S.figures[STAMP]
    S.marks[n, PREV], S.marks[n, VIA] = before, arc
    S.work[QUEUE, tail] = n
    return tail + 1


@inner
def look(P: Net, S: State, ratio: Array, start: int, unit: float, most: int) -> int:
    """A free place from which packs can reach a line over others of its item; -1 where there is none, -2 when given up."""
    nodes = len(P.up)
    F = S.figures
    F[STAMP] += 1
    F[SEARCHES] += 1
    head, tail = 0, note(S, nodes + start, -1, -1, 0)
    while head < tail:
        if head > most:
            return -2
        n = S.work[QUEUE, head]
        head += 1
        if n >= nodes:
            l = n - nodes
            for a in range(P.first[l], P.first[l + 1]):
                if plain(ratio, a) and P.most[a] - S.x[a] > unit - EPS:
                    tail = note(S, P.leaf[a], n, a, tail)
            continue
        if P.up[n] < 0:
            continue
        if P.cap[n] - S.load[n] > unit - EPS:
            if slack(P, S, n) > unit - EPS:
                return n
            tail = note(S, P.up[n], n, -1, tail)
        for i in range(P.out[n], P.out[n + 1]):
            a = P.outs[i]
            if S.x[a] > unit - EPS and plain(ratio, a):
                tail = note(S, nodes + P.line[a], n, a, tail)
        for i in range(P.below[n], P.below[n + 1]):
            if S.load[P.belows[i]] > unit - EPS:
                tail = note(S, P.belows[i], n, -1, tail)
    F[SEEN] = tail
    return -1


@inner
def carry(P: Net, S: State, end: int, need: float, unit: float) -> float:
    """Move whole packs along the way just found."""
    nodes = len(P.up)
    count, n = 0, end
    while n >= 0:
        S.work[PATH, count] = n
        count += 1
        n = S.marks[n, PREV]
    amount = min(need, slack(P, S, end))
    pack = unit
    for i in range(count - 2, -1, -1):
        n, before = S.work[PATH, i], S.work[PATH, i + 1]
        a = S.marks[n, VIA]
        if a >= 0:
            pack = max(pack, P.unit[a])
            amount = min(amount, P.most[a] - S.x[a] if before >= nodes else S.x[a])
        elif n == P.up[before]:
            amount = min(amount, P.cap[before] - S.load[before])
    amount = int(amount / pack + 1e-9) * pack
    if amount <= EPS:
        return 0.0
    for i in range(count - 2, -1, -1):
        n, before = S.work[PATH, i], S.work[PATH, i + 1]
        a = S.marks[n, VIA]
        if a >= 0:
            S.x[a] += amount if before >= nodes else -amount
        elif n == P.up[before]:
            S.load[before] += amount
        else:
            S.load[n] -= amount
    n = end
    while n >= 0:
        S.load[n] += amount
        n = P.up[n]
    l = P.line[S.marks[S.work[PATH, count - 2], VIA]]
    S.got[l] += amount
    if P.place[l] >= 0:
        S.taken[P.place[l]] += amount
    return amount


@inner
def bring_up(P: Net, S: State, ratio: Array, l: int, target: float, most: int) -> float:
    """Raise a line in whole packs until it has so much; what it has then."""
    nodes = len(P.up)
    for a in range(P.first[l], P.first[l + 1]):
        if S.got[l] >= target - EPS:
            return S.got[l]
        grams = useful(P, S, ratio, a, target - S.got[l])
        if grams > EPS:
            shift(P, S, ratio, a, grams)
    if most == 0 or P.first[l] == P.first[l + 1]:
        return S.got[l]
    unit = 0.0
    for a in range(P.first[l], P.first[l + 1]):
        if plain(ratio, a) and (unit == 0.0 or P.unit[a] < unit):
            unit = P.unit[a]
    while unit > 0.0 and S.marks[nodes + l, DIED] == 0:
        need = int((target - S.got[l]) / unit + 0.999999) * unit
        if P.place[l] >= 0:
            need = min(need, P.room[P.place[l]] - S.taken[P.place[l]])
        if need < unit - EPS:
            break
        end = look(P, S, ratio, l, unit, most)
        if end == -1:
            for i in range(S.figures[SEEN]):
                S.marks[S.work[QUEUE, i], DIED] = 1
        if end < 0 or carry(P, S, end, need, unit) <= EPS:
            break
    return S.got[l]


@compiled
def bring_all(P: Net, S: State, ratio: Array, guide: Array, order: Array, groups: Array, begin: int, end: int, chunks: int,
              most: int) -> None:  # fmt: skip
    """Bring lines back to what the guide gives them; without a guide, groups of equal worth take what is left in turns, a chunk
    at a time, until none of a group can use a pack."""
    for g in range(begin, end):
        left = 0
        for i in range(groups[g], groups[g + 1]):
            l = order[i]
            if len(guide):
                if S.got[l] < guided(P, guide, l):
                    bring_up(P, S, ratio, l, guided(P, guide, l), most)
            elif P.asked[l] - S.got[l] > EPS:
                S.active[left] = l
                left += 1
        while left > 0:
            kept = 0
            for i in range(left):
                l = S.active[i]
                had = S.got[l]
                chunk = P.asked[l] if left == 1 else P.asked[l] / chunks
                got = bring_up(P, S, ratio, l, min(P.asked[l], had + chunk), most)
                if got > had + EPS and got < P.asked[l] - EPS:
                    S.active[kept] = l
                    kept += 1
            left = kept


@compiled
def give_up(P: Net, S: State, ratio: Array, l: int, keep: float) -> None:
    """Take whole packs from a line, its worst source first, as long as it keeps so much."""
    for a in range(P.first[l + 1] - 1, P.first[l] - 1, -1):
        if S.x[a] <= EPS:
            continue
        over = S.got[l] - keep
        if over <= EPS:
            return
        packs = int(min(over / P.gain[a], S.x[a]) / P.unit[a] + 1e-9)
        if keep <= EPS:
            packs = int(S.x[a] / P.unit[a] + 0.5)
        if packs > 0:
            shift(P, S, ratio, a, -packs * P.unit[a])


@compiled
def better(P: Net, S: State, ratio: Array, order: Array) -> int:
    """Move what lines have to better sources of the same item that have room; how often that was done."""
    moved = 0
    for i in range(len(order)):
        l = order[i]
        for a in range(P.first[l + 1] - 1, P.first[l], -1):
            if S.x[a] <= EPS or not plain(ratio, a):
                continue
            for b in range(P.first[l], a):
                if not plain(ratio, b) or S.x[a] <= EPS:
                    continue
                pack = max(P.unit[a], P.unit[b])
                free = slack(P, S, P.leaf[b])
                if P.up[P.leaf[a]] == P.up[P.leaf[b]]:
                    free = min(P.cap[P.leaf[b]] - S.load[P.leaf[b]], S.x[a])
                grams = int(min(min(S.x[a], free), P.most[b] - S.x[b]) / pack + 1e-9) * pack
                if grams > EPS:
                    shift(P, S, ratio, a, -grams)
                    shift(P, S, ratio, b, grams)
                    moved += 1
    return moved


@compiled
def trim(P: Net, S: State, ratio: Array) -> None:
    """Whole packs that lines have beyond what they asked for go back."""
    for l in range(len(P.asked)):
        if S.got[l] > P.asked[l] + EPS:
            give_up(P, S, ratio, l, P.asked[l])
