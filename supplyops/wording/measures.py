"""Plans side by side as people read them: every measure of the plan and its variants, with the differences, as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supplyops.kernel.clock import beijing
from supplyops.wording.labels import LABELS


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of one plan; what it differs by, and whether that is better (None where neither)."""

    text: str
    delta: str = ""
    is_better: bool | None = None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure: its words, what stands before them (the class), the plan's own figure, each variant's."""

    code: str
    label: str
    prefix: str
    base: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Measure:
    """How a measure is read from `ReachedRow` and `PlanDeltas`. `better`: 1 more is better, -1 less is, 0 neither."""

    code: str
    text: Callable[[Any], str]
    delta: Callable[[Any], int | None]
    delta_text: Callable[[int], str]
    better: int = 0


def measure_rows(base: Any, variants: Sequence[Any]) -> tuple[MeasureRow, ...]:
    """The table: `base` is what the plan reaches (`ReachedRow`), `variants` are `VariantFigures`, or None where there are none."""
    rows = [*_class_measures(base), *((measure, "") for measure in _PLAIN)]
    return tuple(
        MeasureRow(
            measure.code,
            LABELS["Measure"][measure.code],
            prefix,
            measure.text(base),
            tuple(Cell("—") if each is None else _cell(measure, each) for each in variants),
        )
        for measure, prefix in rows
    )


def _cell(measure: _Measure, variant: Any) -> Cell:
    delta = measure.delta(variant.deltas)
    told = measure.delta_text(delta) if delta else ""
    better = None if not delta or not measure.better else (delta > 0) == (measure.better > 0)
    return Cell(measure.text(variant.reached), told, better)


def _class_measures(base: Any) -> list[tuple[_Measure, str]]:
    found: list[tuple[_Measure, str]] = []
    for place, row in enumerate(base.classes):
        rank = str(row.class_rank)
        found.append(
            (_Measure("class_served", _class_text(place, "served_permille"), _class_delta(place), _points, 1), rank)
        )
        found.append((_Measure("class_poorest", _class_text(place, "least_fill_permille"), lambda _: None, str), rank))
    return found


def _class_text(place: int, name: str) -> Callable[[Any], str]:
    return lambda reached: percent(getattr(reached.classes[place], name))


def _class_delta(place: int) -> Callable[[Any], int | None]:
    return lambda deltas: deltas.classes[place][1]


def percent(permille: int | None) -> str:
    """`83.5`; a dash for nothing."""
    return "—" if permille is None else f"{permille / 10:.1f}"


def _points(permille: int) -> str:
    return f"{permille / 10:+.1f}"


def _moment(at: datetime | None) -> str:
    return "—" if at is None else f"{beijing(at):%m-%d %H:%M}"


def clock_delta(seconds: int) -> str:
    """`+1:05`, `-0:20`: hours and minutes; less than a minute is said in seconds, `+35s`."""
    if 0 < abs(seconds) < 60:
        return f"{seconds:+}s"
    minutes = abs(seconds) // 60
    return f"{'+' if seconds > 0 else '-'}{minutes // 60}:{minutes % 60:02}"


def _count(value: int) -> str:
    return f"{value:,}"


def _change(value: int) -> str:
    return f"{value:+,}"


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}" if abs(fen) < 10**15 else f"{fen // 100:,}"


def _yuan_change(fen: int) -> str:
    return ("+" if fen > 0 else "-") + _yuan(abs(fen))


def _km(metres: int) -> str:
    return f"{metres / 1000:,.1f}"


def _km_change(metres: int) -> str:
    return f"{metres / 1000:+,.1f}"


def _order(reached: Any) -> str:
    words = LABELS["Rung"]
    return " · ".join(
        f"{'、'.join(words[rung.value] for rung in row.rungs) or row.place + 1} {percent(row.permille)}%"
        for row in reached.rungs
    ) or "—"  # fmt: skip


def _poorest(reached: Any) -> str:
    return f"{percent(reached.poorest_permille)} {reached.poorest_site_name}".strip()


_PLAIN = (
    _Measure("served_persons", lambda r: f"{r.served_persons:,}/{r.asked_persons:,}", lambda d: d.served_persons, _change, 1),
    _Measure("lines_full", lambda r: f"{r.lines_full}/{r.lines}", lambda d: d.lines_full, _change, 1),
    _Measure("late_lines", lambda r: _count(r.late_lines), lambda d: d.late_lines, _change, -1),
    _Measure("poorest_place", _poorest, lambda d: d.poorest_permille, _points, 1),
    _Measure("mean_arrival", lambda r: _moment(r.mean_arrives_at), lambda d: d.mean_arrival_s, clock_delta, -1),
    _Measure("last_arrival", lambda r: _moment(r.last_arrives_at), lambda d: d.last_arrival_s, clock_delta, -1),
    _Measure("vehicles", lambda r: _count(r.vehicles_used), lambda d: d.vehicles_used, _change, -1),
    _Measure("trips", lambda r: _count(r.trips), lambda d: d.trips, _change, -1),
    _Measure("distance", lambda r: _km(r.distance_m), lambda d: d.distance_m, _km_change, -1),
    _Measure("cost", lambda r: _yuan(r.cost_fen), lambda d: d.cost_fen, _yuan_change, -1),
    _Measure("goods", lambda r: _yuan(r.goods_fen), lambda d: d.goods_fen, _yuan_change),
    _Measure("order_of_use", _order, lambda _: None, str),
    _Measure("floors", lambda r: _count(r.floors_reached), lambda d: d.floors_reached, _change, -1),
)  # fmt: skip
