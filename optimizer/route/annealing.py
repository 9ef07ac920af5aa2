"""Simulated annealing on the routes of a case: steps of the compiled search, and the best plan back as trips.

Annealing goes in turns, each twice as long as the one before and from the best plan on: so the search is the same whatever the budget is,
and a run limited by seconds is found again from its number of steps.
"""

from __future__ import annotations

from optimizer.route import columns as k
from optimizer.route import rounds
from optimizer.route.arrays import empty_state, static_of
from optimizer.route.case import Case
from optimizer.route.trip import Draft, draft

ROUNDS = 25
"""Rounds of a step."""
FIRST_TURN = 8
"""Steps of the first turn."""
HOT, COLD = 0.4, 0.004
"""Heat at the beginning and at the end of a turn, in mean money of a load."""
BLINK = 0.02
"""Chance to overlook a place (Christiaens and Vanden Berghe, Transportation Science 54(2), 2020)."""


class Annealing:
    """One search: the plan now and the best."""

    def __init__(self, case: Case, order: list[int], seed: int) -> None:
        self.case, self.order = case, order
        self.static = static_of(case, order)
        self.state, self.saved, self.best = empty_state(case, self.static, order, seed)
        self.steps, self.turn, self.end = 0, 0, FIRST_TURN
        self._search(0, 0.0)

    def step(self) -> bool:
        """Some rounds; says whether the best plan is better."""
        length = self.end - self.turn
        if self.steps >= self.end:
            self.turn, length = self.end, 2 * length
            self.end += length
        share = (self.steps - self.turn) / length
        self.steps += 1
        heat = float(self.best.money[0]) / max(1, len(self.order)) * HOT * (COLD / HOT) ** share
        return bool(self._search(ROUNDS, heat if share else -heat))

    def _search(self, turns: int, heat: float) -> int:
        return int(rounds.search(self.static, self.state, self.saved, self.best, turns, heat, BLINK))

    def trips(self) -> list[Draft]:
        """The best plan's trips in the order in which they choose their bays."""
        best, case, found, stop, load = self.best, self.case, [], 0, 0
        for truck, source, stops, loads in best.R[: best.figures[k.BEST_TRIPS]].tolist():
            places = tuple(best.SP[stop : stop + stops].tolist())
            aboard = tuple((c, q) for c, q in best.L[load : load + loads].tolist())
            stop, load = stop + stops, load + loads
            trip = draft(case, truck, int(self.static.origin_of[source]), places, aboard)
            assert trip is not None, "both searches keep the same rules"
            found.append(trip)
        return found

    def left(self) -> list[int]:
        """What the best plan does not carry of each shipment."""
        found: list[int] = self.best.left.tolist()
        in_order = set(self.order)
        return [
            some if index in in_order else cargo.quantity
            for index, (some, cargo) in enumerate(zip(found, self.case.cargos, strict=True))
        ]
