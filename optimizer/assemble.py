"""From grants and trips to a plan: shipments for routing, allocations, figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd

from optimizer.allocate import Grant, Network
from optimizer.model import DemandLine, Problem
from optimizer.shipment import Routed, Shipment, Shipper
from optimizer.solution import Allocation, ClassFigures, Figures, Load, Stop, Trip
from optimizer.travel import drive_s


@dataclass(frozen=True, slots=True)
class Draft:
    """Allocations and trips without the account of them."""

    allocations: tuple[Allocation, ...]
    trips: tuple[Trip, ...]


def shipments(net: Network, grants: Iterable[Grant]) -> list[tuple[Grant, Shipment]]:
    """What needs a vehicle. Goods of which only several units together count are kept together."""
    found, shipper = [], Shipper(net.problem)
    for grant in grants:
        if not net.supplies[grant.arc.supply].needs_vehicle:
            continue
        arc = grant.arc
        whole = arc.unit * arc.takes // gcd(arc.unit * arc.gives, arc.takes)
        main = grant.quantity // whole * whole
        left = grant.serves  # a grant may count for less than its goods: its last pack holds more than is asked for
        for quantity, step in ((main, whole), (grant.quantity - main, grant.quantity - main)):
            serves = min(arc.serves(quantity), left)
            left -= serves
            if quantity and serves:
                piece = Grant(arc, quantity, serves)
                supply, line = net.supplies[arc.supply], net.problem.lines[arc.line]
                at = supply.available_at
                found.append((piece, shipper.shipment(supply.source_id, line.id, quantity, step, at)))
    return found


def draft(net: Network, grants: Iterable[Grant], shipped: Sequence[tuple[Grant, Shipment]], routed: Routed) -> Draft:
    """Allocations of what suppliers bring and of what trips carry, and the trips with their loads named by them."""
    lines = {line.id: line for line in net.problem.lines}
    brought: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    arrives: dict[tuple[int, int], int] = {}
    for grant in grants:
        if not net.supplies[grant.arc.supply].needs_vehicle:
            key = (grant.arc.supply, grant.arc.line)
            quantity, serves = brought[key]
            brought[key] = (quantity + grant.quantity, serves + grant.serves)
            arrives[key] = grant.arc.arrives_at
    allocations = []
    for key, (quantity, serves) in brought.items():
        supply, line = net.supplies[key[0]], net.problem.lines[key[1]]
        allocations.append(_allocation(supply.source_id, line, supply.item_id, quantity, serves, None, arrives[key]))
    first = len(allocations)
    left = [grant.serves for grant, _ in shipped]
    for carried in routed.carried:
        grant, shipment = shipped[carried.shipment]
        serves = min(grant.arc.serves(carried.quantity), left[carried.shipment])
        left[carried.shipment] -= serves
        line = lines[shipment.line_id]
        allocations.append(
            _allocation(
                shipment.source_id,
                line,
                shipment.item_id,
                carried.quantity,
                serves,
                carried.trip_no,
                carried.arrives_at,
            )
        )
    return Draft(tuple(allocations), tuple(_renamed(trip, first) for trip in routed.trips))


def _allocation(
    source_id: str, line: DemandLine, item_id: str, quantity: int, serves: int, trip_no: int | None, arrives_at: int
) -> Allocation:
    return Allocation(source_id, line.id, item_id, quantity, serves, trip_no, arrives_at, arrives_at > line.due_at)


def _renamed(trip: Trip, first: int) -> Trip:
    stops = tuple(
        replace(stop, loads=tuple(Load(load.allocation + first, load.quantity) for load in stop.loads))
        for stop in trip.stops
    )
    return replace(trip, stops=stops)


def served_in_time(problem: Problem, made: Draft) -> dict[str, int]:
    """What each line gets by its due instant, in units asked for."""
    got = {line.id: 0 for line in problem.lines}
    for allocation in made.allocations:
        if not allocation.is_late:
            got[allocation.line_id] += allocation.serves
    return got


def served_late(problem: Problem, made: Draft) -> dict[str, int]:
    """What each line gets after its due instant, in units asked for."""
    got = {line.id: 0 for line in problem.lines}
    for allocation in made.allocations:
        if allocation.is_late:
            got[allocation.line_id] += allocation.serves
    return got


def figures(problem: Problem, made: Draft, bounds: dict[int, int]) -> Figures:
    """What the plan achieves and costs. Money: fixed cost of every vehicle used, metres and seconds of every trip, begun fen cut."""
    return Figures(
        classes=class_figures(problem, made, bounds),
        late_lines=len({allocation.line_id for allocation in made.allocations if allocation.is_late}),
        vehicles_used=len({trip.vehicle_id for trip in made.trips}),
        trips=len(made.trips),
        distance_m=sum(stop.distance_m for trip in made.trips for stop in trip.stops),
        drive_s=driving_s(problem, made.trips),
        cost_fen=cost_fen(problem, made.trips),
        goods_fen=goods_fen(problem, made),
        last_arrival_at=max((allocation.arrives_at for allocation in made.allocations), default=0),
        by_precedence={rung: int(share) for rung, share in sorted(drawn_by_rung(problem, made).items())},
    )


def class_figures(problem: Problem, made: Draft, bounds: dict[int, int]) -> tuple[ClassFigures, ...]:
    """How each class of lines fares, the first class first."""
    got = served_in_time(problem, made)
    return tuple(_class(problem, rank, got, bounds) for rank in sorted({line.class_rank for line in problem.lines}))


def _class(problem: Problem, rank: int, got: dict[str, int], bounds: dict[int, int]) -> ClassFigures:
    lines = [line for line in problem.lines if line.class_rank == rank]
    fills = [Fraction(got[line.id], line.quantity) for line in lines]
    persons = sum(line.persons for line in lines)
    served = sum((fill * line.persons for fill, line in zip(fills, lines, strict=True)), Fraction(0))
    permille = int(1000 * served / persons)
    bound = bounds.get(rank)
    return ClassFigures(
        class_rank=rank, lines=len(lines), lines_full=sum(fill == 1 for fill in fills), persons=persons,
        served_permille=permille, least_fill_permille=int(1000 * min(fills)),
        bound_permille=None if bound is None else max(bound, permille),
    )  # fmt: skip


def drawn_by_rung(problem: Problem, made: Draft) -> dict[int, Fraction]:
    """Persons × fill ‰ that each rung of the order of use serves in time."""
    rungs = {lot.id: lot.precedence for lot in problem.lots}
    rungs |= {contract.id: contract.precedence for contract in problem.contracts}
    lines = {line.id: line for line in problem.lines}
    drawn: dict[int, Fraction] = defaultdict(Fraction)
    for allocation in made.allocations:
        if not allocation.is_late:
            line = lines[allocation.line_id]
            drawn[rungs[allocation.source_id]] += Fraction(1000 * line.persons * allocation.serves, line.quantity)
    return drawn


def driving_s(problem: Problem, trips: Iterable[Trip]) -> int:
    """Seconds all trips spend driving."""
    edges = {edge.id: edge for edge in problem.edges}
    kinds = {kind.id: kind for kind in problem.vehicle_types}
    types = {vehicle.id: kinds[vehicle.type_id] for vehicle in problem.vehicles}
    return sum(
        drive_s(edges[edge], types[trip.vehicle_id]) for trip in trips for stop in trip.stops for edge in stop.edges
    )


def cost_fen(problem: Problem, trips: Sequence[Trip]) -> int:
    """What the trips cost."""
    kinds = {kind.id: kind for kind in problem.vehicle_types}
    types = {vehicle.id: kinds[vehicle.type_id] for vehicle in problem.vehicles}
    total = sum(types[vehicle_id].fixed_cost_fen for vehicle_id in {trip.vehicle_id for trip in trips})
    for trip in trips:
        kind = types[trip.vehicle_id]
        total += _metres(trip.stops) * kind.cost_per_km_fen // 1000
        total += (trip.stops[-1].arrives_at - trip.stops[0].arrives_at) * kind.cost_per_hour_fen // 3600
    return total


def goods_fen(problem: Problem, made: Draft) -> int:
    """What the goods of a plan are worth."""
    prices = {lot.id: lot.unit_price_fen for lot in problem.lots}
    prices |= {contract.id: contract.unit_price_fen for contract in problem.contracts}
    return sum(allocation.quantity * prices[allocation.source_id] for allocation in made.allocations)


def _metres(stops: Sequence[Stop]) -> int:
    return sum(stop.distance_m for stop in stops)
