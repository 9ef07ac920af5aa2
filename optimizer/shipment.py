"""What allocation hands to routing, and what routing hands back."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.allocate.arcs import counted, exchange, last_instant
from optimizer.model import Contract, DemandLine, Lot, Problem, Site
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


class Shipper:
    """Makes the shipments of a problem: each rule that a shipment has to know is looked up here and nowhere else."""

    def __init__(self, problem: Problem) -> None:
        self._rules = problem.rules
        self._lines: dict[str, DemandLine] = {line.id: line for line in problem.lines}
        self._sources: dict[str, Lot | Contract] = {lot.id: lot for lot in problem.lots}
        self._sources |= {contract.id: contract for contract in problem.contracts}
        self._sites: dict[str, Site] = {site.id: site for site in problem.sites}

    def shipment(self, source_id: str, line_id: str, quantity: int, step: int, available_at: int) -> Shipment:
        """So much of a source for a line, to be loaded no sooner than that."""
        source, line, horizon_s = self._sources[source_id], self._lines[line_id], self._rules.horizon_s
        gives, takes = counted(line, exchange(line, source.item_id))
        expires_at = source.expires_at if isinstance(source, Lot) else None
        yards = (self._sites[source.site_id].size_class_max, self._sites[line.site_id].size_class_max)
        return Shipment(
            source_id=source_id, line_id=line_id, item_id=source.item_id, origin_id=source.site_id, delivery_id=line.site_id,
            quantity=quantity, step=step, available_at=available_at,
            due_at=last_instant(line, expires_at, horizon_s),
            late_until=last_instant(line, expires_at, horizon_s, late_s=self._rules.late_s_max),
            class_rank=line.class_rank,
            weight=max(1, line.persons * 10**6 * gives // (line.quantity * takes)),
            size_class_max=min(*yards, line.size_class_max),
            opens_at=line.opens_at,
        )  # fmt: skip


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
