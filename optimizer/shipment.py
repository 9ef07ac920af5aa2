"""What allocation hands to routing, and what routing hands back."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solution import Trip


@dataclass(frozen=True, slots=True)
class Shipment:
    """So much of one source for one line that needs a vehicle. Routing may carry all, a part in whole steps, or nothing.

    `due_at` is the last instant that counts as in time (the line's due instant or the lot's expiry, whichever is first),
    `late_until` the last instant at which the goods are still worth bringing. `size_class_max` joins the limits of both
    sites and of the request.
    """

    source_id: str
    line_id: str
    item_id: str
    origin_id: str
    delivery_id: str
    quantity: int
    step: int
    available_at: int
    due_at: int
    late_until: int
    class_rank: int
    weight: int
    """Gain of one base unit in time, for choosing inside a class: persons × 10⁶ ÷ asked quantity, in units of the source's item."""
    size_class_max: int
    opens_at: int = 0
    """Unloading may not begin before."""


@dataclass(frozen=True, slots=True)
class Carried:
    """So much of the shipment at that place in the list goes on that trip and is unloaded by then."""

    shipment: int
    trip_no: int
    quantity: int
    arrives_at: int


@dataclass(frozen=True, slots=True)
class Routed:
    """Trips (whose loads name places in `carried`) and what they carry; whatever is not in it stays where it is."""

    trips: tuple[Trip, ...]
    carried: tuple[Carried, ...]
