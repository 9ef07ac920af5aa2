"""A plan of the search as the trips and loads that `optimizer.solution` speaks of."""

from __future__ import annotations

from optimizer.route.case import Case
from optimizer.route.plan import Timed
from optimizer.route.trip import Draft
from optimizer.shipment import Carried, Routed
from optimizer.solution import Load, Stop, Trip


def routed(case: Case, plan: Timed) -> Routed:
    """Number the trips from 1 in order of departure and write their stops."""
    starts = [end - trip.load_s - trip.to_origin for trip, end in zip(plan.trips, plan.ends, strict=True)]
    order = sorted(range(len(plan.trips)), key=lambda at: (starts[at], plan.trips[at].truck))
    trips: list[Trip] = []
    carried: list[Carried] = []
    for no, at in enumerate(order, start=1):
        trips.append(_trip(case, plan.trips[at], plan.ends[at], no, carried))
    return Routed(tuple(trips), tuple(carried))


def _trip(case: Case, trip: Draft, end: int, no: int, carried: list[Carried]) -> Trip:
    truck = case.trucks[trip.truck]
    kind = case.kinds[truck.kind].id
    seconds = case.kinds[truck.kind].seconds
    offsets = dict(zip(trip.stops, trip.offsets, strict=True))
    loads: dict[int, list[Load]] = {stop: [] for stop in trip.stops}
    loaded = []
    for index, quantity in sorted(trip.loads):
        delivery = case.cargos[index].delivery
        loaded.append(Load(len(carried), quantity))
        loads[delivery].append(Load(len(carried), -quantity))
        carried.append(Carried(index, no, quantity, end + offsets[delivery]))
    start = end - trip.load_s
    if trip.origin == truck.base:
        stops = [Stop(case.sites[truck.base].id, start, end, loads=tuple(loaded))]
        departs = start
    else:
        departs = start - trip.to_origin
        stops = [
            Stop(case.sites[truck.base].id, departs, departs),
            _stop(case, kind, truck.base, trip.origin, start, end, tuple(loaded)),
        ]
    at, left = trip.origin, end
    for stop in trip.stops:
        done = end + offsets[stop]
        stops.append(_stop(case, kind, at, stop, left + seconds[at][stop], done, tuple(loads[stop])))
        at, left = stop, done
    returns = end + trip.back
    stops.append(_stop(case, kind, at, truck.base, returns, returns, ()))
    return Trip(no, truck.id, departs, returns, sum(stop.distance_m for stop in stops), tuple(stops))


def _stop(case: Case, kind: str, before: int, at: int, arrives: int, departs: int, loads: tuple[Load, ...]) -> Stop:
    one, other = case.sites[before].id, case.sites[at].id
    edges = case.roads.edges(kind, one, other)
    metres = case.roads.distance_m(kind, one, other)
    assert edges is not None and metres is not None, "the search drives only where roads lead"
    return Stop(other, arrives, departs, edges, metres, loads)
