"""The routing problem boiled down: places, kinds of vehicle and shipments as small numbers, every rule looked up once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.model import Item, Problem, Rules, Site, Vehicle, VehicleType
from optimizer.passing import NEVER
from optimizer.shipment import Shipment
from optimizer.travel import Roads

COST_UNIT = 3_600_000
"""Parts of a fen: metres × fen per km × 3600 and seconds × fen per hour × 1000 are both in them."""
BEYOND_ARRIVALS = 10**24
"""A part of a fen times this is more than any sum of gain × arrival."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """A shipment in the search's numbers. Places are indices into `Case.sites`, kinds into `Case.kinds`."""

    index: int
    origin: int
    delivery: int
    quantity: int
    step: int
    pack: int
    mass_g: int
    volume_cm3: int
    towed_g: int
    group: int
    """Bit of its load group."""
    banned: int
    """Bits of the groups that may not travel with it."""
    available_at: int
    opens_at: int
    due_at: int
    late_until: int
    rank: int
    """0 for the most urgent class in the case, and so on."""
    gain: int
    """Gain of one unit within its class; at least 1, so that everything is worth bringing."""
    value: int
    """Gain of one unit on the scale on which a class outweighs all that is below it."""
    kinds: frozenset[int]
    """Kinds of vehicle that may carry it: equipment, roads, yards and size."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A vehicle type with its tables of seconds and metres between places (`travel.NEVER` where no way leads)."""

    id: str
    payload_g: int
    volume_cm3: int
    tow_g: int
    per_metre: int
    """Cost of a metre in parts of a fen (`COST_UNIT` of them)."""
    per_second: int
    fixed: int
    seconds: list[list[int]]
    metres: list[list[int]]

    def room(self, cargo: Cargo, mass_g: int = 0, volume_cm3: int = 0, towed_g: int = 0) -> int:
        """Units of a shipment for which there is room beside so much."""
        if cargo.towed_g:
            return (self.tow_g - towed_g) // cargo.towed_g
        return min((self.payload_g - mass_g) // cargo.mass_g, (self.volume_cm3 - volume_cm3) // cargo.volume_cm3)


@dataclass(frozen=True, slots=True)
class Truck:
    """A vehicle: its kind, base, when it is free, how long a trip may drive."""

    index: int
    id: str
    kind: int
    base: int
    available_at: int
    free_until: int
    drive_s_max: int


class Case:
    """Everything the search looks at. Built once for a call."""

    def __init__(self, problem: Problem, roads: Roads, shipments: Sequence[Shipment]) -> None:
        self.roads = roads
        self.rules: Rules = problem.rules
        known = {site.id: site for site in problem.sites}
        wanted = {vehicle.base_site_id for vehicle in problem.vehicles}
        wanted |= {place for shipment in shipments for place in (shipment.origin_id, shipment.delivery_id)}
        self.sites: list[Site] = [known[site_id] for site_id in sorted(wanted)]
        self._place = {site.id: place for place, site in enumerate(self.sites)}
        self.bays = [site.loading_bays for site in self.sites]
        self.taken: dict[int, list[list[tuple[int, int]]]] = {}
        """By site, when each bay is taken by trips that are not the search's to change."""
        used = {vehicle.type_id for vehicle in problem.vehicles}
        self._types = [kind for kind in problem.vehicle_types if kind.id in used]
        site_ids = [site.id for site in self.sites]
        self.kinds = [_kind(kind, roads, site_ids) for kind in self._types]
        numbers = {kind.id: number for number, kind in enumerate(self._types)}
        self.trucks = [
            self._truck(index, vehicle, numbers[vehicle.type_id]) for index, vehicle in enumerate(problem.vehicles)
        ]
        numbered: dict[tuple[int, ...], int] = {}
        self.alike = [
            numbered.setdefault((t.kind, t.base, t.available_at, t.free_until, t.drive_s_max), len(numbered))
            for t in self.trucks
        ]
        """By vehicle, a number that those have in common which are alike."""
        self.cargos = self._cargos(problem, shipments)
        self.trucks_to: list[list[Truck]] = [
            [truck for truck in self.trucks if self.kinds[truck.kind].seconds[truck.base][place] < NEVER]
            for place in range(len(self.sites))
        ]
        """Vehicles that can drive to each place from where they stand."""

    def place_of(self, site_id: str) -> int:
        """The number of a site."""
        return self._place[site_id]

    def weighed(self, soon: int, late: int, arrival: int, cost: int) -> tuple[int, int, int, int]:
        """A score, or a change of one: arrival and cost as they are, or, where waiting has a price, both in one figure.
        Where waiting is worth nothing the cost decides, and the arrival only between equals.

        Gain is persons × 10⁶ for a whole line, so Σ gain × arrival ÷ 10⁶ is persons × seconds.
        """
        price = self.rules.waiting_fen_per_person_hour
        if price is None:
            return soon, late, arrival, cost
        if price == 0:
            return soon, late, arrival + cost * BEYOND_ARRIVALS, cost
        return soon, late, arrival * price * (COST_UNIT // 3600) + cost * 1_000_000, cost

    def handling_s(self, packs: int) -> int:
        """Seconds a stop takes to handle so many packs."""
        return self.rules.handling_s(packs)

    def _truck(self, index: int, vehicle: Vehicle, kind: int) -> Truck:
        rules = self.rules
        end = rules.horizon_s if vehicle.free_until is None else min(vehicle.free_until, rules.horizon_s)
        return Truck(
            index=index,
            id=vehicle.id,
            kind=kind,
            base=self._place[vehicle.base_site_id],
            available_at=vehicle.available_at,
            free_until=end,
            drive_s_max=rules.drive_s_max(vehicle.drivers),
        )

    def _cargos(self, problem: Problem, shipments: Sequence[Shipment]) -> list[Cargo]:
        items = {item.id: item for item in problem.items}
        bits = {group: 1 << bit for bit, group in enumerate(sorted({item.load_group for item in problem.items}))}
        banned = dict.fromkeys(bits, 0)
        for one, other in self.rules.incompatible_groups:
            if one != other and one in bits and other in bits:
                banned[one] |= bits[other]
                banned[other] |= bits[one]
        ranks = sorted({shipment.class_rank for shipment in shipments})
        totals = [
            sum(s.quantity * max(s.weight, 1) for s in shipments if s.class_rank == rank).bit_length() for rank in ranks
        ]
        shifts = {rank: sum(totals[place + 1 :]) for place, rank in enumerate(ranks)}
        cargos = []
        for index, shipment in enumerate(shipments):
            item = items[shipment.item_id]
            gain = max(shipment.weight, 1)
            cargos.append(
                Cargo(
                    index=index,
                    origin=self._place[shipment.origin_id],
                    delivery=self._place[shipment.delivery_id],
                    quantity=max(shipment.quantity, 0) // shipment.step * shipment.step,
                    step=shipment.step,
                    pack=item.pack_quantity,
                    mass_g=0 if item.is_towed else item.unit_mass_g,
                    volume_cm3=0 if item.is_towed else item.unit_volume_cm3,
                    towed_g=item.unit_mass_g if item.is_towed else 0,
                    group=bits[item.load_group],
                    banned=banned[item.load_group],
                    available_at=shipment.available_at,
                    opens_at=shipment.opens_at,
                    due_at=min(shipment.due_at, shipment.late_until),
                    late_until=shipment.late_until,
                    rank=ranks.index(shipment.class_rank),
                    gain=gain,
                    value=gain << shifts[shipment.class_rank],
                    kinds=frozenset(self._kinds_for(shipment, item)),
                )
            )
        return cargos

    def _kinds_for(self, shipment: Shipment, item: Item) -> list[int]:
        origin, delivery = self._place[shipment.origin_id], self._place[shipment.delivery_id]
        return [
            number
            for number, kind in enumerate(self._types)
            if kind.size_class <= shipment.size_class_max
            and self.roads.may_enter(kind.id, shipment.origin_id)
            and self.roads.may_enter(kind.id, shipment.delivery_id)
            and (kind.is_refrigerated or not item.needs_refrigeration)
            and (kind.is_heated or not (item.needs_warmth and self.rules.is_freezing))
            and self.kinds[number].seconds[origin][delivery] < NEVER
            and shipment.quantity >= shipment.step
        ]


def _kind(kind: VehicleType, roads: Roads, site_ids: list[str]) -> Kind:
    return Kind(
        id=kind.id,
        payload_g=kind.payload_g,
        volume_cm3=kind.volume_cm3,
        tow_g=kind.tow_capacity_g,
        per_metre=kind.cost_per_km_fen * (COST_UNIT // 1000),
        per_second=kind.cost_per_hour_fen * (COST_UNIT // 3600),
        fixed=kind.fixed_cost_fen * COST_UNIT,
        seconds=roads.table(kind.id, site_ids),
        metres=roads.table_m(kind.id, site_ids),
    )
