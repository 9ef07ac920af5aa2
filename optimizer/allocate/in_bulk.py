"""Parts with very many pairs, handed out by `optimizer.bulk` in a moment where programs would take longer than the caller waits.

The commander's pairs come first; the rest is handed out, laid down under every rule of the part, and topped up as rounding does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optimizer.allocate.part import Part
from optimizer.allocate.rounding import Amounts, Hands
from optimizer.bulk import Goods, hand_out
from optimizer.bulk.goods import Items, Lines, Pairs, Pools, Sources, Whole

NEVER = 1 << 50


def settle_in_bulk(part: Part) -> Amounts:
    """A good allocation of a part, in whole units."""
    hands = Hands(part)
    hands.keep_locks()
    given = hand_out(_goods(part, hands)).quantity
    classes = [part.net.problem.lines[arc.line].class_rank for arc in part.arcs]
    for place in sorted(np.flatnonzero(given).tolist(), key=classes.__getitem__):  # limits of sites bind only here
        hands.give(place, int(given[place]))
    hands.top_up()
    while hands.drop_useless():
        hands.top_up()
    return hands.amounts


def _goods(part: Part, hands: Hands) -> Goods:
    """What is left of the part, a unit counting as a gram: stores have no limits of their own here."""
    net, lines, supplies = part.net, part.lines, part.supplies
    at_line = {line: place for place, line in enumerate(lines)}
    at_supply = {supply: place for place, supply in enumerate(supplies)}
    rows = [net.supplies[place] for place in supplies]
    items = _numbers([row.item_id for row in rows] + [net.problem.lines[line].item_id for line in lines])
    stores = _numbers(row.site_id for row in rows)
    pool_of = [(row.site_id, row.item_id, row.owner_id) if row.contract is None else None for row in rows]
    pools = _numbers(pool for pool in pool_of if pool in hands.pools)
    contracts = _numbers(row.source_id for row in rows if row.contract is not None)
    asked = [net.problem.lines[line] for line in lines]
    missing = _whole(hands.asked[line] for line in lines)
    wanted = _whole(line.quantity for line in asked)
    none, zero, one = np.full(len(rows), -1), np.zeros(len(rows), np.int64), np.full(len(lines), -1)
    had = _whole(hands.in_time[line] for line in lines)
    return Goods(
        Items(np.ones(len(items), np.int64)),
        Sources(
            item=_whole(items[row.item_id] for row in rows), store=_whole(stores[row.site_id] for row in rows),
            quantity=_whole(hands.left[place] for place in supplies), unit=_whole(row.step for row in rows),
            pool=_whole(pools.get(pool, -1) for pool in pool_of),
            contract=_whole(contracts.get(row.source_id, -1) if row.contract is not None else -1 for row in rows),
            rung=_whole(row.precedence for row in rows), price=_whole(row.unit_price_fen for row in rows),
            available_at=zero, expires_at=_whole(row.expires_at or NEVER for row in rows), kept_for=none,
        ),
        Pools(
            _whole(stores[pool[0]] for pool in pools), _whole(items[pool[1]] for pool in pools),
            _whole(max(hands.pools[pool], 0) for pool in pools),
        ),
        Lines(
            item=_whole(items[line.item_id] for line in asked), place=one, zone=np.zeros(len(lines), np.int64),
            quantity=missing, due_at=np.full(len(lines), NEVER), rank=_whole(line.class_rank for line in asked),
            persons=_whole(line.persons for line in asked) * missing / wanted,
            weight=_whole(line.weight_permille for line in asked),
            least=np.maximum(_whole(part.offer.minimum_fill[line] for line in lines) - had, 0),
            kit=one, per_kit=np.zeros(len(lines), np.int64),
        ),
        Pairs(
            _whole(at_supply[arc.supply] for arc in part.arcs), _whole(at_line[arc.line] for arc in part.arcs),
            _whole(arc.arrives_at for arc in part.arcs), _whole(arc.gives for arc in part.arcs),
            _whole(arc.takes for arc in part.arcs), _limits(part, hands),
        ),
        np.full(len(stores), -1), np.zeros(0, np.int64),
        _whole(_order_left(part, hands, contract) for contract in contracts), np.zeros((0, 4), np.int64),
    )  # fmt: skip


def _limits(part: Part, hands: Hands) -> Whole:
    """Units at most by each pair, -1 for no limit: what vehicles bring from a site and what a lock allows is shared out in order."""
    left = dict(hands.limits)
    locks = {key: lock.most - hands.given[key] for key, lock in hands.locks.items() if lock.most is not None}
    found = np.full(len(part.arcs), -1)
    for places in hands.by_line.values():
        for place in places:
            arc = part.arcs[place]
            if not arc.is_in_time:
                found[place] = 0
                continue
            for key, amounts in ((hands.pair(arc), left), ((part.supply_of(arc), arc.line), locks)):
                if key in amounts:
                    here = max(min(amounts[key], hands.left[arc.supply]), 0)  # type: ignore[index]
                    found[place] = here if found[place] < 0 else min(found[place], here)
                    amounts[key] -= here  # type: ignore[index]
    return found


def _order_left(part: Part, hands: Hands, contract: str) -> int:
    """What is still missing to a contract's smallest order."""
    taken = sum(
        quantity for arc, (quantity, _) in zip(part.arcs, hands.amounts, strict=True) if part.supply_of(arc) == contract
    )
    return max(part.offer.minimum_order.get(contract, 0) - taken, 0)


def _numbers(names: Iterable[Any]) -> dict[Any, int]:
    """Each name's number, in the order they come."""
    found: dict[Any, int] = {}
    for name in names:
        found.setdefault(name, len(found))
    return found


def _whole(values: Iterable[int]) -> Whole:
    return np.fromiter(values, np.int64)
