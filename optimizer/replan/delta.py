"""What is different between two plans: for those who load, drive and wait, and for those who decide whether it is worth it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from optimizer.model import StandingTrip
from optimizer.solution import Allocation, Trip


class Change(StrEnum):
    """What became of a part of the older plan."""

    FROZEN = "frozen"  # stands as it was
    KEPT = "kept"  # as it was, though it might have changed
    MOVED = "moved"  # the same goods with another vehicle, or at another time
    CHANGED = "changed"  # less of it, or another quantity with another vehicle or at another time
    MORE = "more"  # as it was, and more of it with the same vehicle: what people were told they get
    ADDED = "added"
    DROPPED = "dropped"


UNTOUCHED = frozenset({Change.FROZEN, Change.KEPT, Change.MORE})
CHANGED = frozenset({Change.MOVED, Change.CHANGED, Change.DROPPED})


@dataclass(frozen=True, slots=True)
class Shift:
    """One source for one line: what, with which vehicle, when, before and after. Instants are those of the new plan."""

    what: Change
    source_id: str
    line_id: str
    item_id: str
    quantity_before: int
    quantity_after: int
    vehicle_before: str
    """Empty where the supplier brings it, or nothing is brought."""
    vehicle_after: str
    arrives_before: int | None
    arrives_after: int | None
    is_forced: bool = False
    """It could not stay as it was, whatever was planned; else the change was chosen, for what it buys."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One vehicle at one delivery site."""

    what: Change
    vehicle_id: str
    site_id: str
    arrives_before: int | None
    arrives_after: int | None
    trip_before: int | None
    trip_after: int | None


@dataclass(frozen=True, slots=True)
class PlanDelta:
    """Every allocation and visit of both plans, and how much of the older one changed."""

    allocations: tuple[Shift, ...]
    visits: tuple[Visit, ...]
    assignments: int
    """Of the older plan."""
    changed: int
    """Of these: moved, changed, or dropped; not those of which there is only more."""
    forced: int = 0
    """Of the changed ones: could not stay as they were."""

    @property
    def chosen(self) -> int:
        """Changed though they could have stayed as they were, because it makes the plan better."""
        return self.changed - self.forced

    @property
    def forced_permille(self) -> int:
        """The share of the older plan's assignments that had to change, rounded up."""
        return _permille(self.forced, self.assignments)

    @property
    def chosen_permille(self) -> int:
        """The share of the older plan's assignments that were changed by choice, rounded up."""
        return _permille(self.chosen, self.assignments)

    @property
    def changed_permille(self) -> int:
        """The share of the older plan's assignments that changed, rounded up."""
        return _permille(self.changed, self.assignments)


def _permille(part: int, whole: int) -> int:
    return -(-1000 * part // whole) if whole else 0


@dataclass(slots=True)
class _Part:
    """Goods of one source for one line with one vehicle."""

    item_id: str
    calls: list[tuple[int, int]] = field(default_factory=list)
    """When, and how much."""
    is_standing: bool = False

    @property
    def quantity(self) -> int:
        """In all."""
        return sum(quantity for _, quantity in self.calls)

    @property
    def arrives_at(self) -> int:
        """When the last of it does."""
        return max((at for at, _ in self.calls), default=0)

    def holds(self, was: _Part, tolerance_s: int) -> bool:
        """Is all that was to come here, each part of it at its time?"""
        left = sorted(self.calls)
        for at, quantity in sorted(was.calls):
            for place, (when, some) in enumerate(left):
                if abs(when - at) <= tolerance_s:
                    left[place] = (when, some - min(some, quantity))
                    quantity -= min(some, quantity)
            if quantity:
                return False
        return True


Parts = dict[str, _Part]
Calls = dict[tuple[str, str], list[tuple[int, int]]]
"""Of a vehicle at a site: when, and on which trip."""
Key = tuple[str, str, str]
"""Of an assignment of the older plan: source, line, and the vehicle (by id; empty where the supplier brings it)."""


class Planned(Protocol):
    """A plan, with or without the account of it."""

    @property
    def allocations(self) -> tuple[Allocation, ...]: ...
    @property
    def trips(self) -> tuple[Trip, ...]: ...


def delta(
    before: Planned | None,
    after: Planned,
    *,
    shift_s: int = 0,
    tolerance_s: int = 600,
    standing: Sequence[StandingTrip] = (),
    forced: Collection[Key] = (),
) -> PlanDelta:
    """Compare an older plan, whose second 0 lay `shift_s` earlier, with a newer one in which these trips stand.

    `forced` are the assignments of the older plan that cannot stay as they were (`impossible`).
    """
    return Older(before, shift_s, tolerance_s).delta(after, standing, forced)


class Older:
    """An older plan, taken apart once for all that is compared with it."""

    def __init__(self, before: Planned | None, shift_s: int, tolerance_s: int) -> None:
        self._tolerance_s = tolerance_s
        self._parts = _parts(before.allocations, before.trips, shift_s, frozenset()) if before else {}
        self._calls = _calls(before.trips if before else (), shift_s)

    def delta(self, after: Planned, standing: Sequence[StandingTrip] = (), forced: Collection[Key] = ()) -> PlanDelta:
        """What a newer plan changes."""
        frozen = _frozen(after.trips, standing)
        old, new = self._parts, _parts(after.allocations, after.trips, 0, frozen)
        rows: list[Shift] = []
        for key in sorted(old.keys() | new.keys()):
            rows.extend(_shifts(key, dict(old.get(key, {})), dict(new.get(key, {})), self._tolerance_s))
        must = set(forced)
        rows = [replace(row, is_forced=True) if row.what in CHANGED and _key(row) in must else row for row in rows]
        of_old = [row for row in rows if row.what is not Change.ADDED]
        visits = tuple(_visits(self._calls, _calls(after.trips, 0), self._tolerance_s, frozen))
        changed = sum(row.what not in UNTOUCHED for row in of_old)
        return PlanDelta(tuple(rows), visits, len(of_old), changed, sum(row.is_forced for row in of_old))


def impossible(before: Planned | None, left: Planned, *, shift_s: int = 0, tolerance_s: int = 600) -> tuple[Key, ...]:
    """Assignments of an older plan that are not as they were in what is left of it where nothing is changed but what has to be.

    A later trip whose vehicle is held up by one before counts too: it could only stay with another vehicle.
    """
    found = delta(before, left, shift_s=shift_s, tolerance_s=tolerance_s)
    return tuple(sorted(_key(row) for row in found.allocations if row.what in CHANGED))


def _key(row: Shift) -> Key:
    return row.source_id, row.line_id, row.vehicle_before


def told(before: Planned, shift_s: int) -> dict[Key, int]:
    """What an older plan told people: when each vehicle (by id, last) brings goods of a source for a line."""
    parts = _parts(before.allocations, before.trips, shift_s, frozenset())
    return {(*key, vehicle): part.arrives_at for key, mine in parts.items() for vehicle, part in mine.items()}


def _frozen(trips: Iterable[Trip], standing: Sequence[StandingTrip]) -> set[int]:
    """Numbers of the trips that stand: the vehicle is at its loading site and not done when it is to begin to load."""
    starts: dict[str, list[int]] = defaultdict(list)
    for stands in standing:
        starts[stands.vehicle_id].append(stands.starts_at)
    found = set()
    for trip in trips:
        if trip.vehicle_id in starts:
            loading = next(stop for stop in trip.stops if stop.loads)
            if any(loading.arrives_at <= at < loading.departs_at for at in starts[trip.vehicle_id]):
                found.add(trip.no)
    return found


def _parts(
    allocations: Iterable[Allocation], trips: Iterable[Trip], shift_s: int, frozen: frozenset[int] | set[int]
) -> dict[tuple[str, str], Parts]:
    vehicles: dict[int | None, str] = {trip.no: trip.vehicle_id for trip in trips}
    found: dict[tuple[str, str], Parts] = defaultdict(dict)
    for row in allocations:
        parts = found[row.source_id, row.line_id]
        at = row.arrives_at - shift_s
        part = parts.setdefault(vehicles.get(row.trip_no, ""), _Part(row.item_id))
        part.calls.append((at, row.quantity))
        part.is_standing |= row.trip_no in frozen
    return found


def _shifts(key: tuple[str, str], old: Parts, new: Parts, tolerance_s: int) -> Iterator[Shift]:
    """Same vehicle first; what is left over is goods that changed vehicles, then goods added or dropped."""
    for vehicle in sorted(old.keys() & new.keys()):
        was, now = old.pop(vehicle), new.pop(vehicle)
        if was.quantity != now.quantity:
            is_more = now.quantity > was.quantity and now.holds(was, tolerance_s)
            what = Change.MORE if is_more else Change.CHANGED
        elif abs(was.arrives_at - now.arrives_at) > tolerance_s:
            what = Change.MOVED
        else:
            what = Change.FROZEN if now.is_standing else Change.KEPT
        yield _shift(key, what, (vehicle, was), (vehicle, now))
    pairs = list(zip(sorted(old.items(), key=_size), sorted(new.items(), key=_size), strict=False))
    for was_at, now_at in pairs:
        del old[was_at[0]], new[now_at[0]]
        what = Change.MOVED if was_at[1].quantity == now_at[1].quantity else Change.CHANGED
        yield _shift(key, what, was_at, now_at)
    for vehicle, part in sorted(old.items()):
        yield _shift(key, Change.DROPPED, (vehicle, part), None)
    for vehicle, part in sorted(new.items()):
        yield _shift(key, Change.ADDED, None, (vehicle, part))


def _size(pair: tuple[str, _Part]) -> tuple[int, str]:
    return -pair[1].quantity, pair[0]


def _shift(key: tuple[str, str], what: Change, was: tuple[str, _Part] | None, now: tuple[str, _Part] | None) -> Shift:
    one = (was or now or ("", _Part("")))[1]
    return Shift(
        what, *key, one.item_id,
        was[1].quantity if was else 0, now[1].quantity if now else 0,
        was[0] if was else "", now[0] if now else "",
        was[1].arrives_at if was else None, now[1].arrives_at if now else None,
    )  # fmt: skip


def _visits(old: Calls, new: Calls, tolerance_s: int, frozen: set[int]) -> Iterator[Visit]:
    """Each vehicle's visits to each site in their order; the n-th of one plan is the n-th of the other."""
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, []), new.get(key, [])
        for nth in range(max(len(was), len(now))):
            had = was[nth] if nth < len(was) else None
            has = now[nth] if nth < len(now) else None
            if had is None or has is None:
                what = Change.ADDED if had is None else Change.DROPPED
            elif abs(had[0] - has[0]) > tolerance_s:
                what = Change.MOVED
            else:
                what = Change.FROZEN if has[1] in frozen else Change.KEPT
            times = (had[0] if had else None, has[0] if has else None)
            yield Visit(what, *key, *times, had[1] if had else None, has[1] if has else None)


def _calls(trips: Iterable[Trip], shift_s: int) -> Calls:
    found: Calls = defaultdict(list)
    for trip in sorted(trips, key=lambda trip: trip.departs_at):
        for stop in trip.stops:
            if any(load.quantity < 0 for load in stop.loads):
                found[trip.vehicle_id, stop.site_id].append((stop.arrives_at - shift_s, trip.no))
    return found
