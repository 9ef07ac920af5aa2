"""Which stretches of road stand in the way: the fewest to clear, then the fastest way over them."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush

from optimizer.model import Edge, Problem, VehicleType
from optimizer.passing import may_use
from optimizer.travel import drive_s

CLEARING = 10**9
"""A stretch to be cleared weighs more than any drive."""


class Ways:
    """Ways over all stretches there are, open or not."""

    def __init__(self, problem: Problem) -> None:
        self._nodes = {site.id: site.node for site in problem.sites}
        self._next: dict[str, list[tuple[str, Edge]]] = defaultdict(list)
        for edge in problem.edges:
            self._next[edge.start].append((edge.end, edge))
            if edge.is_two_way:
                self._next[edge.end].append((edge.start, edge))
        self._known: dict[tuple[str, str, str, bool], tuple[tuple[str, ...], int] | None] = {}

    def cleared(
        self, kind: VehicleType, origin_id: str, end_id: str, *, fastest: bool
    ) -> tuple[tuple[str, ...], int] | None:
        """Stretches to clear for a vehicle of the type and the seconds of the way then; None where no way leads at all.

        `fastest` weighs only the time of the way, otherwise as few stretches as can be are cleared.
        """
        key = (kind.id, origin_id, end_id, fastest)
        if key not in self._known:
            self._known[key] = self._search(
                kind, self._nodes[origin_id], self._nodes[end_id], 0 if fastest else CLEARING
            )
        return self._known[key]

    def _search(self, kind: VehicleType, start: str, end: str, clearing: int) -> tuple[tuple[str, ...], int] | None:
        if not start or not end:
            return None
        best: dict[str, int] = {start: 0}
        before: dict[str, tuple[str, Edge]] = {}
        todo = [(0, start)]
        while todo:
            far, node = heappop(todo)
            if node == end:
                break
            if far > best[node]:
                continue
            for other, edge in self._next.get(node, ()):
                then = far + drive_s(edge, kind) + (0 if may_use(edge, kind) else clearing)
                if then < best.get(other, then + 1):
                    best[other], before[other] = then, (node, edge)
                    heappush(todo, (then, other))
        if end not in best:
            return None
        shut, seconds = [], 0
        while end != start:
            end, edge = before[end]
            seconds += drive_s(edge, kind)
            if not may_use(edge, kind):
                shut.append(edge.id)
        return tuple(sorted(shut)), seconds
