"""A trip in a program for CP-SAT: which places it visits in which order, and when."""

from __future__ import annotations

from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.allocate.arcs import Arc
from optimizer.rides import Book

FROM = "from "
"""Before the name of a site at which a trip loads, which may be one that it unloads at as well."""
Term = tuple[cp_model.IntVar, int]


@dataclass(slots=True)
class Trip:
    """One trip that a vehicle may make."""

    used: cp_model.IntVar
    starts: cp_model.IntVar
    departs: cp_model.IntVar
    returns: cp_model.IntVar
    load_minutes: cp_model.IntVar
    begins: dict[str, cp_model.IntVar]
    ends: dict[str, cp_model.IntVar]
    from_site: dict[str, cp_model.IntVar]
    to_site: dict[str, cp_model.IntVar]
    ways: dict[tuple[str, str], cp_model.IntVar]
    loads: list[Amount]


@dataclass(frozen=True, slots=True)
class Amount:
    """So much for a line of a lot, or of a contract whatever steps it comes out of, at once; and what it counts for."""

    arc: Arc
    """One of those it goes by."""
    units: list[cp_model.IntVar]
    serves: cp_model.IntVar


def lay_rounds(
    model: cp_model.CpModel, book: Book, trip: Trip, kind: str, base: str, origins: list[str], sites: list[str]
) -> None:
    """The order of places as a round: base, one loading site, delivery sites, base. Loading sites are named apart."""
    roads, rules = book.roads, book.problem.rules
    names = ["", *(FROM + origin for origin in origins), *sites]
    place = {name: number for number, name in enumerate(names)}
    circuit = [(0, 0, trip.used.negated())]
    for name in names[1:]:
        here = model.new_bool_var("")
        circuit.append((place[name], place[name], here.negated()))
        (trip.to_site if name in sites else trip.from_site)[name.removeprefix(FROM)] = here
    loaded = trip.starts + rules.stop_fixed_s + 60 * trip.load_minutes

    def way(a: str, b: str) -> cp_model.IntVar:
        found = trip.ways[a, b] = model.new_bool_var("")
        circuit.append((place[a], place[b], found))
        return found

    for origin in origins:
        out = roads.time_s(kind, base, origin)
        if out is None:
            model.add(trip.from_site[origin] == 0)
            continue
        model.add(trip.departs == trip.starts - out).only_enforce_if(way("", FROM + origin))
        for site in sites:
            over = roads.time_s(kind, origin, site)
            if over is not None:
                model.add(trip.begins[site] >= loaded + over).only_enforce_if(way(FROM + origin, site))
    for site in sites:
        home = roads.time_s(kind, site, base)
        if home is not None:
            model.add(trip.returns >= trip.ends[site] + home).only_enforce_if(way(site, ""))
        for other in sites:
            over = roads.time_s(kind, site, other)
            if other != site and over is not None:
                model.add(trip.begins[other] >= trip.ends[site] + over).only_enforce_if(way(site, other))
    model.add_circuit(circuit)
