"""Trips that take place as they are: each is in the plan, unchanged."""

from __future__ import annotations

from optimizer.check.book import Book
from optimizer.check.trips import handling_s
from optimizer.model import StandingTrip
from optimizer.solution import Trip


def check_standing(book: Book) -> None:
    """Every standing trip is one of the plan's, with the same vehicle, instant, stops and goods."""
    for wanted in book.problem.standing:
        where = f"standing trip of {wanted.vehicle_id} at {wanted.starts_at}"
        found = [trip for trip in book.solution.trips if _is_that(book, trip, wanted)]
        book.expect(len(found) == 1, "standing_trip_changed", where)
        book.standing_trips.update(trip.no for trip in found)


def _is_that(book: Book, trip: Trip, wanted: StandingTrip) -> bool:
    working = [stop for stop in trip.stops if stop.loads]
    if trip.vehicle_id != wanted.vehicle_id or not working:
        return False
    loading = working[0]
    if loading.departs_at - handling_s(book, loading) != wanted.starts_at or loading.site_id != wanted.origin_id:
        return False
    aboard = [book.solution.allocations[load.allocation] for load in loading.loads]
    has = sorted((row.source_id, row.line_id, row.quantity, row.serves) for row in aboard)
    asked = sorted((load.source_id, load.line_id, load.quantity, load.serves) for load in wanted.loads)
    return has == asked and tuple(stop.site_id for stop in working[1:]) == wanted.site_ids
