"""Allocation measured: a problem drawn from a seed, the answer by stage with its bounds, judged by the checker."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.bench.relief import LINES_A_REQUEST, relief
from optimizer.bulk import Goods, Handed, hand_out, warm_up
from optimizer.bulk.goods import Whole
from optimizer.check.goods import check_goods

HOUR = 3600


def allocation(size: str | tuple[int, int, int], seed: int, *, seconds: float | None = None) -> dict[str, Any]:
    """One row: the objective by stage with bounds and gaps, seconds, peak memory, and what the checker found.

    What is compiled is compiled before the clock starts. `seconds` is wall time for handing out.
    """
    warm_up()
    began = time.perf_counter()
    goods = relief(size, seed)
    drawn = time.perf_counter() - began
    began, cpu = time.perf_counter(), time.process_time()
    found = hand_out(goods, lambda: seconds is None or time.perf_counter() - began < seconds)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    wrong = check_goods(goods, found.quantity)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    stages = [*_classes(goods, found), *_fairness(goods, found), *_later(goods, found.quantity)]
    return {
        "size": size if isinstance(size, str) else "own",
        "seed": seed,
        "requests": len(goods.lines.item) // LINES_A_REQUEST,
        "lines": len(goods.lines.item),
        "sources": len(goods.sources.item),
        "pairs": len(goods.pairs.line),
        "draw_seconds": round(drawn, 3),
        "build_seconds": found.seconds["build"],
        "solve_seconds": round(took - found.seconds["build"], 3),
        "again_seconds": round(_again(goods, found), 3),
        "legs": found.seconds,
        "cpu_seconds": round(cpu, 3),
        "load": round(os.getloadavg()[0], 1),
        "peak_mb": peak,
        "is_whole": found.is_whole,
        "gap_percent": max((row["gap_percent"] for row in stages if row["gap_percent"] is not None), default=0.0),
        "stages": stages,
        "violations": len(wrong),
        "violations_by_code": dict(Counter(one.code for one in wrong)),
        "first_violations": [f"{one.code} {one.where}" for one in wrong[:10]],
    }


def _again(goods: Goods, found: Handed) -> float:
    """Processor seconds to hand out anew when the lot that most goods come from is gone."""
    quantity = goods.sources.quantity.copy()
    quantity[np.bincount(goods.pairs.source, found.quantity, len(quantity)).argmax()] = 0
    changed = replace(goods, sources=replace(goods.sources, quantity=quantity))
    began = time.process_time()
    hand_out(changed)
    return time.process_time() - began


def _classes(goods: Goods, found: Handed) -> list[dict[str, Any]]:
    """Persons × fill of each class, and what no plan passes."""
    return [
        {
            "stage": f"class {rank} served",
            "value": round(value, 3),
            "bound": round(found.bound[rank], 3),
            "gap_percent": round(100 * (1 - value / found.bound[rank]), 4) if found.bound[rank] else 0.0,
            "asked": int(goods.lines.persons[goods.lines.rank == rank].sum()),
        }
        for rank, value in found.reached.items()
    ]


def _fairness(goods: Goods, found: Handed) -> list[dict[str, Any]]:
    """Fill of the poorest hundredth of each class; no bound is proven."""
    fill = found.served / goods.lines.quantity
    return [
        _stage(f"class {rank} poorest", float(np.quantile(fill[goods.lines.rank == rank], 0.01)))
        for rank in found.reached
    ]


def _later(goods: Goods, quantity: Whole) -> list[dict[str, Any]]:
    """Order of use, arrival, cost: persons × fill by rung, hours on average, fen."""
    pairs, lines, sources = goods.pairs, goods.lines, goods.sources
    serves = quantity * pairs.gives // pairs.takes * lines.persons[pairs.line] / lines.quantity[pairs.line]
    rungs = [
        _stage(f"rung {rung} served", float(serves[sources.rung[pairs.source] == rung].sum()))
        for rung in np.unique(sources.rung).tolist()
    ]
    hours = float((serves * pairs.arrives_at).sum() / max(serves.sum(), 1e-9) / HOUR)
    fen = float((quantity * sources.price[pairs.source]).sum())
    return [*rungs, _stage("mean arrival, hours", hours), _stage("goods, fen", fen)]


def _stage(name: str, value: float) -> dict[str, Any]:
    return {"stage": name, "value": round(value, 3), "bound": None, "gap_percent": None}
