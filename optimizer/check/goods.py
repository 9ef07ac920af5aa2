"""The checker for problems in arrays: judges what is given on each pair from the problem alone, sharing no code with the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solution import Violation

if TYPE_CHECKING:
    from optimizer.bulk.goods import Goods, Whole

SHOWN_MAX = 50
"""Violations of a kind that are written out; one more says how many there were."""


def check_goods(goods: Goods, quantity: Whole) -> tuple[Violation, ...]:
    """Everything that is wrong with giving these units on the pairs of a problem."""
    book = _Book(goods, quantity)
    book.pairs()
    book.stock()
    book.places()
    book.lines()
    book.orders()
    book.classes()
    return tuple(book.violations)


class _Book:
    """What the plan takes from everything, added up again."""

    def __init__(self, goods: Goods, quantity: Whole) -> None:
        self.goods, self.quantity = goods, quantity
        self.violations: list[Violation] = []
        pairs, sources = goods.pairs, goods.sources
        self.serves = quantity * pairs.gives // pairs.takes
        self.had = np.zeros(len(goods.lines.item), np.int64)
        np.add.at(self.had, pairs.line, self.serves)
        self.grams = quantity * goods.items.mass[sources.item[pairs.source]]
        self.taken = np.zeros(len(sources.item), np.int64)
        np.add.at(self.taken, pairs.source, quantity)

    def expect(self, wrong: np.ndarray, code: str, kind: str) -> None:
        """Write down where something is wrong."""
        found = np.flatnonzero(wrong)
        self.violations += [Violation(code, f"{kind} {row}") for row in found[:SHOWN_MAX].tolist()]
        if len(found) > SHOWN_MAX:
            self.violations.append(Violation(code, f"{kind}s", {"count": len(found)}))

    def pairs(self) -> None:
        """Every pair used is allowed: right goods, in time, unexpired, not kept for others, whole packs."""
        pairs, sources, lines = self.goods.pairs, self.goods.sources, self.goods.lines
        used, source, line = self.quantity > 0, pairs.source, pairs.line
        self.expect(self.quantity < 0, "negative", "pair")
        same = (sources.item[source] == lines.item[line]) & (pairs.gives == pairs.takes)
        table = {tuple(row) for row in self.goods.stands_in.tolist()}
        odd = np.flatnonzero(used & ~same)
        rows = zip(lines.item[line[odd]], sources.item[source[odd]], pairs.gives[odd], pairs.takes[odd], strict=True)
        unknown = np.zeros(len(used), np.bool_)
        unknown[odd] = [tuple(map(int, row)) not in table for row in rows]
        self.expect(unknown, "item_not_wanted", "pair")
        self.expect(used & (pairs.arrives_at > lines.due_at[line]), "too_late", "pair")
        self.expect(used & (pairs.arrives_at >= sources.expires_at[source]), "expired", "pair")
        self.expect(used & (pairs.arrives_at < sources.available_at[source]), "before_contract_gives", "pair")
        kept = sources.kept_for[source]
        self.expect(used & (kept >= 0) & (kept != lines.zone[line]), "restricted", "pair")
        self.expect(self.quantity % sources.unit[source] != 0, "broken_pack", "pair")
        self.expect((pairs.most >= 0) & (self.quantity > pairs.most), "over_limit", "pair")

    def stock(self) -> None:
        """Nothing is given twice, from below a floor, or beyond what a store can send."""
        goods, sources = self.goods, self.goods.sources
        self.expect(self.taken > sources.quantity, "oversold", "source")
        under = sources.pool >= 0
        of_pool = np.zeros(len(goods.pools.item), np.int64)
        np.add.at(of_pool, sources.pool[under], self.taken[under])
        self.expect(of_pool > goods.pools.above, "below_floor", "pool")
        sent = np.zeros(len(goods.store_room), np.int64)
        np.add.at(sent, sources.store[goods.pairs.source], self.grams)
        self.sent = sent
        self.expect((goods.store_room >= 0) & (sent > goods.store_room), "store_overloaded", "store")

    def places(self) -> None:
        """No place takes in more than it can."""
        goods, lines = self.goods, self.goods.lines
        come = np.zeros(len(goods.place_room), np.int64)
        there = lines.place >= 0
        np.add.at(come, lines.place[there], (self.had * goods.items.mass[lines.item])[there])
        self.come = come
        self.expect((goods.place_room >= 0) & (come > goods.place_room), "place_overloaded", "place")

    def lines(self) -> None:
        """Nobody has more than asked but for the last pack, or less than is of use; kits are whole."""
        goods, lines = self.goods, self.goods.lines
        pairs = goods.pairs
        served = np.minimum(self.had, lines.quantity)
        pack = np.zeros(len(self.had), np.int64)
        used = self.quantity > 0
        step = -(-goods.sources.unit[pairs.source] * pairs.gives // pairs.takes)
        np.maximum.at(pack, pairs.line[used], step[used])
        self.expect(self.had - lines.quantity >= np.maximum(pack, 1), "overserved", "line")
        self.expect((served > 0) & (served < lines.least), "below_minimum_fill", "line")
        tied = np.flatnonzero(lines.kit >= 0)
        if len(tied):
            kits = served[tied] // lines.per_kit[tied]
            fewest = np.full(int(lines.kit.max()) + 1, np.iinfo(np.int64).max)
            np.minimum.at(fewest, lines.kit[tied], kits)
            over = np.zeros(len(self.had), np.bool_)
            unit = np.maximum(pack[tied], lines.per_kit[tied])
            over[tied] = served[tied] - fewest[lines.kit[tied]] * lines.per_kit[tied] >= unit
            self.expect(over, "kit_not_whole", "line")

    def orders(self) -> None:
        """No contract is called off for less than its smallest order."""
        goods, of = self.goods, self.goods.sources.contract
        total = np.zeros(len(goods.least_order), np.int64)
        np.add.at(total, of[of >= 0], self.taken[of >= 0])
        self.expect((total > 0) & (total < goods.least_order), "below_minimum_order", "contract")

    def classes(self) -> None:
        """No pack that a line still misses is free within its reach, or is with a lower class at the source or store it would use.

        Lines that need a least quantity or come in kits, and contracts not called off, are not judged: more of those may be of no use.
        """
        goods, lines, sources, pairs = self.goods, self.goods.lines, self.goods.sources, self.goods.pairs
        mass = goods.items.mass
        plain = (lines.least == 0) & (lines.kit < 0) & (self.had < lines.quantity)
        used_contract = np.zeros(len(goods.least_order) + 1, np.bool_)
        np.logical_or.at(used_contract, sources.contract[self.taken > 0], True)
        open_source = (sources.contract < 0) | used_contract[sources.contract]
        unit = sources.unit[pairs.source]
        counts = (self.quantity + unit) * pairs.gives // pairs.takes > self.serves
        within = (pairs.most < 0) | (self.quantity + unit <= pairs.most)
        wanted = plain[pairs.line] & open_source[pairs.source] & counts & within
        gain = (self.quantity + unit) * pairs.gives // pairs.takes - self.serves
        place = lines.place[pairs.line]
        room = np.append(np.where(goods.place_room >= 0, goods.place_room - self.come, 1 << 60), 1 << 60)
        wanted &= room[place] >= gain * mass[lines.item[pairs.line]]
        grams = unit * mass[sources.item[pairs.source]]
        rank = lines.rank[pairs.line]
        of_pool = np.zeros(len(goods.pools.item) + 1, np.int64)
        np.add.at(of_pool, sources.pool, self.taken)
        above = np.append(goods.pools.above, 1 << 60) - np.where(
            np.arange(len(of_pool)) < len(goods.pools.item), of_pool, 0
        )
        left = np.minimum(sources.quantity - self.taken, above[sources.pool])
        store_left = np.where(goods.store_room >= 0, goods.store_room - self.sent, 1 << 60)
        has = left[pairs.source] >= unit
        store = sources.store[pairs.source]
        self.expect(wanted & has & (store_left[store] >= grams), "room_left_unused", "pair")
        taken_lower = self._lower(unit, rank)
        self.expect(wanted & ~has & taken_lower, "higher_class_passed_over", "pair")
        lower_grams = self._lower_grams(store, rank)
        blocked = wanted & has & (store_left[store] < grams)
        self.expect(blocked & (store_left[store] + lower_grams >= grams), "higher_class_left_behind", "pair")

    def _lower(self, unit: Whole, rank: Whole) -> np.ndarray:
        """Of each pair: does a pair of a lower class draw a whole pack from the same source?"""
        pairs = self.goods.pairs
        enough = np.zeros(len(self.taken), np.int64)
        big = self.quantity >= unit
        np.maximum.at(enough, pairs.source[big], rank[big])
        return np.asarray(enough[pairs.source] > rank)

    def _lower_grams(self, store: Whole, rank: Whole) -> Whole:
        """Of each pair: what its store sends to lower classes."""
        classes = int(rank.max(initial=0)) + 2
        sent = np.zeros((len(self.sent), classes), np.int64)
        np.add.at(sent, (store, rank), self.grams)
        below = np.flip(np.cumsum(np.flip(sent, axis=1), axis=1), axis=1)
        return np.asarray(below[store, rank + 1])
