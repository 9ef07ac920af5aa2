"""Every figure a plan states, computed again."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from optimizer.check.book import Book
from optimizer.check.trips import trip_drive_s
from optimizer.solution import ClassFigures, Figures


def recomputed_figures(book: Book) -> Figures:
    """The plan's figures from its allocations and trips; bounds are taken over, they cannot be recomputed."""
    stated = {row.class_rank: row for row in book.solution.figures.classes}
    classes = []
    for rank in sorted({line.class_rank for line in book.problem.lines}):
        lines = [line for line in book.problem.lines if line.class_rank == rank]
        fills = [Fraction(book.served_in_time(line), line.quantity) for line in lines]
        persons = sum(line.persons for line in lines)
        served = sum((fill * line.persons for fill, line in zip(fills, lines, strict=True)), Fraction(0))
        classes.append(
            ClassFigures(
                rank,
                len(lines),
                sum(1 for fill in fills if fill == 1),
                persons,
                int(1000 * served / persons),
                int(1000 * min(fills)),
                stated[rank].bound_permille if rank in stated else None,
            )
        )
    late = {allocation.line_id for allocation in book.solution.allocations if not book.in_time(allocation)}
    vehicles = {trip.vehicle_id for trip in book.solution.trips}
    return Figures(
        tuple(classes),
        len(late),
        len(vehicles),
        len(book.solution.trips),
        sum(stop.distance_m for trip in book.solution.trips for stop in trip.stops),
        sum(trip_drive_s(book, trip) for trip in book.solution.trips),
        _cost(book, vehicles),
        sum(a.quantity * book.price_of(a.source_id) for a in book.solution.allocations),
        max((a.arrives_at for a in book.solution.allocations), default=0),
        _rungs(book),
    )


def _cost(book: Book, vehicles: set[str]) -> int:
    total = sum(book.types[book.vehicles[vehicle_id].type_id].fixed_cost_fen for vehicle_id in vehicles)
    for trip in book.solution.trips:
        kind = book.types[book.vehicles[trip.vehicle_id].type_id]
        metres = sum(stop.distance_m for stop in trip.stops)
        seconds = trip.stops[-1].arrives_at - trip.stops[0].arrives_at
        total += metres * kind.cost_per_km_fen // 1000 + seconds * kind.cost_per_hour_fen // 3600
    return total


def _rungs(book: Book) -> dict[int, int]:
    drawn: dict[int, Fraction] = defaultdict(Fraction)
    for allocation in book.solution.allocations:
        if book.in_time(allocation):
            line = book.lines[allocation.line_id]
            drawn[book.precedence_of(allocation.source_id)] += Fraction(
                1000 * line.persons * allocation.serves, line.quantity
            )
    return {rung: int(share) for rung, share in sorted(drawn.items())}


def check_figures(book: Book, figures: Figures) -> None:
    """Compare what the plan says of itself with what was found."""
    stated = book.solution.figures
    for name in Figures.__dataclass_fields__:
        if name != "classes":
            said, found = getattr(stated, name), getattr(figures, name)
            book.expect(said == found, "wrong_figure", name, stated=said, found=found)
    book.expect(stated.classes == figures.classes, "wrong_figure", "classes")
    for row in stated.classes:
        if row.bound_permille is not None:
            sound = row.served_permille <= row.bound_permille <= 1000
            book.expect(sound, "bound_below_plan", f"class {row.class_rank}", bound=row.bound_permille)
