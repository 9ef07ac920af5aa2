"""What the compiled search of a plan's routes works on: arrays, and what their columns mean."""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

FAR = 1 << 40
"""Later and farther than anything."""
STOPS_MAX, LOADS_MAX = 60, 160
"""Of one trip."""
OUT_MAX = 120
"""Loads that one round may take off."""

# Static.C: a shipment. CAN_BE_SOON: 1 where some vehicle could bring a step of it in time, were it sent for that alone
(
    SOURCE,
    DELIVERY,
    STEP,
    PACK,
    MASS,
    VOLUME,
    TOWED,
    GROUP,
    BANNED,
    AVAILABLE,
    OPENS,
    DUE,
    LATE,
    RANK,
    CAN_BE_SOON,
    SHIPMENT,
) = range(16)
# Static.K: a kind of vehicle
PAYLOAD, SPACE, TOW, KIND = range(4)
# Static.KF: what it costs
PER_METRE, PER_SECOND, FIXED, KIND_COST = range(4)
# Static.T: a vehicle
OF_KIND, BASE, FREE_FROM, FREE_UNTIL, DRIVE_MAX, ALIKE, TRUCK = range(7)
# State.R: a trip. LAST_READY and what follows depend on the instant at which it is loaded.
(TRUCK_OF, FROM, STOPS, LOADS, TO_ORIGIN, LOAD_S, PACKS, DRIVE, BACK, READY_AT, DUE_END, LATE_END, HAS_MASS, HAS_VOLUME, HAS_TOWED,
 GROUPS, BANS, TRIP) = range(18)  # fmt: skip
# State.RF
GAIN, GAIN_OFFSET, COST, TRIP_COST = range(4)
# State.SP: a stop. SUFFIX_DUE and SUFFIX_LATE: loading must have ended by then for it and all later stops to be in time, or worth coming.
PLACE, OFFSET, HANDLED, SUFFIX_DUE, SUFFIX_LATE, STOP = range(6)
# State.L: a load
CARGO, QUANTITY, AT_STOP, LOAD = range(4)
# State.when: instants of a trip
READY, END, BAY, WHEN = range(4)
# State.chain: by trip, the vehicle's trips before and after; the trip that takes the same bay next; its place in the order
BEFORE, AFTER, BAY_NEXT, POSITION, CHAIN = range(5)
# State.fleet: by vehicle, its first and last trip, when it is back from that
FIRST_TRIP, LAST_TRIP, FREE, FLEET = range(4)
# State.figures. TRIPS_BEFORE: trips before the round; WAITING: shipments without a place; TOP: where a row may be free;
# MAKES_LATE: 1 where what was looked at last would come late, or would make something else late
TRIPS, TRIPS_BEFORE, STAMP, SAVED, OUT, WAITING, TOP, MAKES_LATE, FIGURES = range(9)
# State.choice: what the search for a place found: nothing, a trip or a vehicle; where in it; before which trip; how much; MAKES_LATE
WHAT, WHO, AT, BEFORE_TRIP, AMOUNT, COMES_LATE, CHOICE = range(7)
NOTHING, JOIN, OPEN = range(3)
# Best.figures
BEST_TRIPS, BEST_SET, BEST_FIGURES = range(3)


class Static(NamedTuple):
    """The problem."""

    C: Array  # [shipment, column]
    CF: Array  # [shipment, 2] worth of a unit in time and late, in money that outweighs all that comes after
    G: Array  # [shipment] money for a second's waiting for a unit
    gain: Array  # [shipment] gain of a unit
    able: Array  # [kind, shipment] may this kind carry it?
    K: Array
    KF: Array
    seconds: Array  # [kind, place, place]
    metres: Array
    T: Array
    origin_of: Array  # [source] its place
    bays: Array  # [source] 0: as many as there are vehicles
    near: Array  # [place, n] places of delivery, the nearest first
    natural: Array  # [shipment] place in the natural order
    by_nature: Array  # the shipments in that order
    rank_worth: Array  # [2 * ranks] worth of a gain in time, late, by class
    ranks: int
    fixed_s: int
    packs_a_minute: int


class State(NamedTuple):
    """The plan."""

    R: Array
    RF: Array
    SP: Array
    SG: Array  # [trip, stop, 2] gain of a stop in money a second; of it and all later ones
    L: Array
    when: Array
    chain: Array
    fleet: Array
    order: Array  # trips in the order in which they choose their bays
    heads: Array  # [source, bay] the first trip that takes it
    bays_used: Array  # [source]
    left: Array  # [shipment]
    touched: Array  # [source] stamp
    moved: Array  # [vehicle] stamp
    seen: Array  # [group of vehicles that are alike] stamp
    barred: Array  # [trip + vehicle] stamp: was tried for this shipment in vain
    out: Array
    keys: Array
    choice: Array
    figures: Array
    worth: Array  # [2 * ranks] gain that is missing, that comes late, by class
    lost: Array  # [1] what the last retiming made late
    now: Array  # the worth of the plan that the search goes on from
    random: Array


class Saved(NamedTuple):
    """The plan as it was before a round: what every round may touch, and each trip that it did touch."""

    R: Array
    RF: Array
    SP: Array
    SG: Array
    L: Array
    slots: Array
    row: Array  # [trip] where it is saved, by stamp
    when: Array
    chain: Array
    fleet: Array
    order: Array
    heads: Array
    bays_used: Array
    left: Array


class Best(NamedTuple):
    """The best plan so far, trip by trip."""

    R: Array  # [trip, 4] vehicle, source, stops, loads
    SP: Array
    L: Array
    left: Array
    worth: Array
    money: Array
    figures: Array
