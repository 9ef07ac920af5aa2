"""A scope as a program for CP-SAT: every vehicle's trips in turn, each a round from its base, and whole steps of goods on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ortools.sat.python import cp_model

from optimizer.allocate.arcs import Arc, last_instant
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.cpsat import solve_while
from optimizer.joint.rounds import FROM, Amount, Term, Trip, lay_rounds
from optimizer.joint.scope import Rest, Scope, rest_of, rooms_of
from optimizer.joint.stages import Weights, least, stages
from optimizer.mend import less_late
from optimizer.model import DemandLine
from optimizer.rides import Book, joined
from optimizer.solution import Allocation
from optimizer.timing import Cargo, Ride

STAGE_MAX = 0.2
"""Deterministic seconds of the solver for a stage, about as many as on a clock."""


def better(book: Book, scope: Scope, budget: Budget, work: float, seed: int) -> tuple[Book | None, float]:
    """The plan with what is best for the lines of the scope, None where nothing better was found; and the solver's seconds."""
    program = _Program(book, scope, rest_of(book, scope), seed)
    is_better = False
    got = {line.id: book.got(line.id)[0] for line in program.lines}
    for weights in stages(program.lines, book.net.emphasis):
        full = all(got[line_id] == book.lines[line_id].quantity for one in weights for line_id in one)
        if not full:
            if program.spent >= work or not budget.allows() or not program.raises(weights, got, budget):
                break
            is_better |= least(weights, program.got) > least(weights, got)
            got = program.got if is_better else got
        program.keep(weights, got)
    if not is_better:
        return None, program.spent
    program.come_early(budget)
    return program.book(), program.spent


class _Program:
    """The model, and the best answer so far."""

    def __init__(self, book: Book, scope: Scope, rest: Rest, seed: int) -> None:
        self.before, self.scope, self.rest, self.seed = book, scope, rest, seed
        self.lines = [book.lines[line_id] for line_id in scope.lines]
        self.model = cp_model.CpModel()
        self.horizon = book.problem.rules.horizon_s
        self.items = {item.id: item for item in book.problem.items}
        self._gets: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        self._taken: dict[int, list[Term]] = defaultdict(list)
        self._delivered: dict[str, list[tuple[int, Term]]] = defaultdict(list)
        """Of each contract whose supplier brings it: the instants of the steps that deliveries wait for, and their amounts."""
        self._burden: dict[tuple[bool, str], list[Term]] = defaultdict(list)
        self._loading: dict[str, list[cp_model.IntervalVar]] = defaultdict(list)
        self.brought: list[Amount] = []
        self.trips: dict[str, list[Trip]] = {}
        self._suppliers()
        for vehicle_id in scope.vehicles:
            self._vehicle(vehicle_id)
        self._limits()
        self.gets = {line.id: self._line(line) for line in self.lines}
        self._begin_with_what_is()
        self.answer = cp_model.CpSolver()
        self.spent = 0.0
        """Deterministic seconds of the solver so far."""

    # --- the rules ------------------------------------------------------------------------------------------------

    def _units(self, arc: Arc, there: int) -> cp_model.IntVar:
        """Whole units by an arc, of that many."""
        asked = self.before.problem.lines[arc.line].quantity
        most = min(there, -(-asked * arc.takes // arc.gives) + arc.unit) // arc.unit
        units = self.model.new_int_var(0, max(most, 0), "")
        for room, each in rooms_of(self.before, arc):
            self._burden[room].append((units, each * arc.unit))
        return units

    def _amount(self, arc: Arc, units: list[cp_model.IntVar]) -> Amount:
        line, step = self.before.problem.lines[arc.line], arc.unit * arc.gives
        serves = self.model.new_int_var(0, line.quantity, "")
        self.model.add(serves * arc.takes <= sum(units) * step)
        self.model.add(serves * arc.takes > sum(units) * step - step)  # no unit more than it takes
        self._gets[line.id].append(serves)
        return Amount(arc, units, serves)

    def _suppliers(self) -> None:
        """What a step adds may come with a later one, where it counts only together with more."""
        net, left = self.before.net, self.rest.left
        for arc in self.scope.arcs:
            supply = net.supplies[arc.supply]
            if not supply.needs_vehicle:
                there = sum(left[place] for place in self._steps_until(arc.supply))
                units = self._units(arc, there)
                self.brought.append(self._amount(arc, [units]))
                self._delivered[supply.source_id].append((arc.supply, (units, arc.unit)))

    def _steps_until(self, place: int) -> list[int]:
        """The step of a contract and those before it, by place."""
        supplies = self.before.net.supplies
        first = place
        while first and supplies[first - 1].source_id == supplies[place].source_id:
            first -= 1
        return list(range(first, place + 1))

    def _vehicle(self, vehicle_id: str) -> None:
        book, model = self.before, self.model
        vehicle = book.vehicles[vehicle_id]
        end = self.horizon if vehicle.free_until is None else min(vehicle.free_until, self.horizon)
        mine = self.trips[vehicle_id] = []
        for _ in range(self.scope.trips[vehicle_id]):
            trip = self._trip(vehicle_id)
            model.add(trip.departs >= vehicle.available_at).only_enforce_if(trip.used)
            model.add(trip.returns <= end).only_enforce_if(trip.used)
            if mine:
                model.add(trip.departs >= mine[-1].returns).only_enforce_if(trip.used)
                model.add_implication(trip.used, mine[-1].used)
            mine.append(trip)

    def _trip(self, vehicle_id: str) -> Trip:
        book, model, rules = self.before, self.model, self.before.problem.rules
        vehicle = book.vehicles[vehicle_id]
        kind, base, roads, reach = vehicle.type_id, vehicle.base_site_id, book.roads, book.net.reach
        arcs = []
        for arc in self.scope.arcs:
            supply, line = book.net.supplies[arc.supply], book.problem.lines[arc.line]
            item = self.items[supply.item_id]
            fits = supply.needs_vehicle and kind in reach.fitting(item, supply.step, line.size_class_max)
            if fits and reach.leads(book.kinds[kind], supply.site_id, line):
                arcs.append(arc)
        origins = sorted({book.net.supplies[arc.supply].site_id for arc in arcs})
        sites = sorted({book.problem.lines[arc.line].site_id for arc in arcs})

        def instant() -> cp_model.IntVar:
            return model.new_int_var(0, self.horizon, "")

        trip = Trip(
            model.new_bool_var(""), instant(), instant(), instant(), model.new_int_var(0, self.horizon // 60, ""),
            {site: instant() for site in sites}, {site: instant() for site in sites}, {}, {}, {}, [],
        )  # fmt: skip
        lay_rounds(model, book, trip, kind, base, origins, sites)
        drive = [
            (way, roads.time_s(kind, base if a == "" else a.removeprefix(FROM), b.removeprefix(FROM) or base) or 0)
            for (a, b), way in trip.ways.items()
        ]
        model.add(sum(seconds * way for way, seconds in drive) <= rules.drive_s_max(vehicle.drivers))
        self._loads(trip, kind, arcs)
        for origin, here in trip.from_site.items():
            length = rules.stop_fixed_s + 60 * trip.load_minutes
            span = model.new_optional_interval_var(trip.starts, length, instant(), here, "")
            self._loading[origin].append(span)
        return trip

    def _loads(self, trip: Trip, kind_id: str, arcs: Iterable[Arc]) -> None:
        book, model, rules = self.before, self.model, self.before.problem.rules
        kind, problem = book.kinds[kind_id], book.problem
        mass: list[Term] = []
        volume: list[Term] = []
        towed: list[Term] = []
        packs: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        groups: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        at_once: dict[tuple[str, int], list[tuple[Arc, cp_model.IntVar]]] = defaultdict(list)
        for arc in arcs:
            supply, line = book.net.supplies[arc.supply], problem.lines[arc.line]
            item = self.items[supply.item_id]
            units = self._units(arc, self.rest.left[arc.supply])
            at_once[supply.source_id, arc.line].append((arc, units))
            self._taken[arc.supply].append((units, arc.unit))
            aboard = model.new_bool_var("")
            model.add(units == 0).only_enforce_if(aboard.negated())
            model.add_implication(aboard, trip.from_site[supply.site_id])
            model.add_implication(aboard, trip.to_site[line.site_id])
            model.add(trip.starts >= supply.available_at).only_enforce_if(aboard)
            model.add(trip.begins[line.site_id] >= line.opens_at).only_enforce_if(aboard)
            last = last_instant(line, supply.expires_at, rules.horizon_s)
            model.add(trip.ends[line.site_id] <= last).only_enforce_if(aboard)
            groups[item.load_group].append(aboard)
            (towed if item.is_towed else mass).append((units, arc.unit * item.unit_mass_g))
            if not item.is_towed:
                volume.append((units, arc.unit * item.unit_volume_cm3))
        for (source_id, line_place), ways in at_once.items():
            arc, units = ways[0][0], [units for _, units in ways]
            trip.loads.append(self._amount(arc, units))
            count = model.new_int_var(0, rules.horizon_s // 60 * rules.packs_per_minute, "")
            model.add(count * book.item_of(source_id).pack_quantity >= sum(units) * arc.unit)
            packs[problem.lines[line_place].site_id].append(count)
        for terms, most in ((mass, kind.payload_g), (volume, kind.volume_cm3), (towed, kind.tow_capacity_g)):
            model.add(_sum(terms) <= most)
        model.add(
            sum(count for counts in packs.values() for count in counts) <= trip.load_minutes * rules.packs_per_minute
        )
        for site, begins in trip.begins.items():
            minutes = model.new_int_var(0, rules.horizon_s // 60, "")
            model.add(sum(packs[site]) <= minutes * rules.packs_per_minute)
            model.add(trip.ends[site] == begins + rules.stop_fixed_s + 60 * minutes).only_enforce_if(trip.to_site[site])
        for one, other in rules.incompatible_groups:
            for here in groups[one] if one != other else ():
                for there in groups[other]:
                    model.add_bool_or(here.negated(), there.negated())

    def _limits(self) -> None:
        book, model, net = self.before, self.model, self.before.net
        by_pool: dict[tuple[str, str, str], list[Term]] = defaultdict(list)
        orders: dict[str, list[Term]] = defaultdict(list)
        for place, terms in self._taken.items():
            supply = net.supplies[place]
            model.add(_sum(terms) <= self.rest.left[place])
            if supply.contract is None:
                by_pool[supply.site_id, supply.item_id, supply.owner_id] += terms
            else:
                orders[supply.source_id] += terms
        for contract_id, deliveries in self._delivered.items():
            orders[contract_id] += [term for _, term in deliveries]
            for place in {place for place, _ in deliveries}:
                by_then = self._steps_until(place)
                terms = [term for step, term in deliveries if step <= place]
                model.add(_sum(terms) <= sum(self.rest.left[step] for step in by_then))
        for pool, most in self.rest.pools.items():
            if pool in by_pool:
                model.add(_sum(by_pool[pool]) <= most)
        for room, terms in self._burden.items():
            model.add(_sum(terms) <= self.rest.rooms[room])
        for contract in book.problem.contracts:
            least = contract.minimum_order - self.rest.orders[contract.id]
            if least > 0 and contract.id in orders:
                is_called = model.new_bool_var("")
                model.add(_sum(orders[contract.id]) >= least).only_enforce_if(is_called)
                model.add(_sum(orders[contract.id]) == 0).only_enforce_if(is_called.negated())
        for site_id, spans in self._loading.items():
            taken = [model.new_fixed_size_interval_var(a, b - a, "") for a, b in self.rest.bays.get(site_id, ())]
            model.add_cumulative([*spans, *taken], [1] * (len(spans) + len(taken)), book.sites[site_id].loading_bays)

    def _line(self, line: DemandLine) -> cp_model.IntVar:
        """What a line gets in time from all that may change; as nothing else serves it, that is all it gets."""
        model = self.model
        gets = model.new_int_var(0, line.quantity, "")
        other = self._elsewhere(line.id)
        model.add(gets == sum(self._gets[line.id]) + other)
        if line.minimum_fill > 1:
            is_useful = model.new_bool_var("")
            model.add(gets >= line.minimum_fill).only_enforce_if(is_useful)
            model.add(gets == 0).only_enforce_if(is_useful.negated())
        return gets

    def _elsewhere(self, line_id: str) -> int:
        """What rides outside the scope bring the line in time."""
        return sum(
            cargo.serves
            for place, ride in enumerate(self.before.rides)
            if place not in self.scope.rides
            for cargo in ride.cargos
            if cargo.line_id == line_id and not self.before.is_late(place, cargo)
        )

    # --- the objective --------------------------------------------------------------------------------------------

    def raises(self, weights: Weights, got: dict[str, int], budget: Budget) -> bool:
        """Find the most that can be of a stage, no less than what lines get now; False where nothing was found in its time."""
        most = max(sum(each * self.before.lines[line_id].quantity for line_id, each in one.items()) for one in weights)
        goal = self.model.new_int_var(least(weights, got), most, "")
        for one in weights:
            self.model.add(goal <= sum(each * self.gets[line_id] for line_id, each in one.items()))
        self.model.maximize(goal)
        return self._solve(budget)

    def _begin_with_what_is(self) -> None:
        """Tell the solver the trips as they are now."""
        old, model = self.before, self.model
        mine: dict[str, list[int]] = defaultdict(list)
        for place in sorted(self.scope.rides, key=lambda place: old.rides[place].starts_at):
            mine[old.rides[place].vehicle_id].append(place)
        for vehicle_id, trips in self.trips.items():
            for number, trip in enumerate(trips):
                ride = old.rides[mine[vehicle_id][number]] if number < len(mine[vehicle_id]) else None
                names = [] if ride is None else ["", FROM + ride.origin_id, *ride.site_ids, ""]
                driven = set(pairwise(names))
                model.add_hint(trip.used, ride is not None)
                for ends, way in trip.ways.items():
                    model.add_hint(way, ends in driven)
                if ride is not None:
                    model.add_hint(trip.starts, ride.starts_at)

    def keep(self, weights: Weights, got: dict[str, int]) -> None:
        """Nothing of a stage is lost from here on."""
        kept = least(weights, got)
        for one in weights:
            self.model.add(sum(each * self.gets[line_id] for line_id, each in one.items()) >= kept)

    @property
    def got(self) -> dict[str, int]:
        """What the lines get by the answer."""
        return {line_id: self.answer.value(gets) for line_id, gets in self.gets.items()}

    def come_early(self, budget: Budget) -> None:
        """The same with trips that leave and are back early, as far as a stage's time reaches."""
        trips = [trip for mine in self.trips.values() for trip in mine]
        self.model.minimize(sum(trip.returns + trip.starts for trip in trips))
        self._solve(budget)

    def _solve(self, budget: Budget) -> bool:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed % 2**31
        solver.parameters.max_deterministic_time = STAGE_MAX
        if (left_s := budget.wall_left_s) is not None:
            solver.parameters.max_time_in_seconds = left_s
        status = solve_while(solver, self.model, budget.keep_going)
        self.spent += solver.response_proto.deterministic_time
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return False
        self.answer = solver
        return True

    def book(self) -> Book | None:
        """The plan with the answer in it; None where its own rules do not let it take place."""
        old, inside = self.before, set(self.scope.lines)
        book = Book(old.net, old.roads, Draft((), ()))
        book.replace_brought([row for row in old.brought if row.line_id not in inside] + self._deliveries())
        kept = [ride for place, ride in enumerate(old.rides) if place not in self.scope.rides and ride.cargos]
        for ride in (*kept, *self._rides()):
            if not book.add(ride, is_fact=old.stands_at(ride)):
                return None
        if not all(less_late(book, line, 0) for line in self.lines):
            return None
        for row in old.brought:
            if row.line_id in inside and row.is_late and self._goes_beside(book, row):
                book.replace_brought([*book.brought, row])
        return book

    def _rides(self) -> Iterator[Ride]:
        value = self.answer.value
        for vehicle_id, trips in self.trips.items():
            for trip in trips:
                cargos = [self._cargo(one) for one in trip.loads if value(one.serves)]
                if cargos:
                    here = next(b for (a, b), way in trip.ways.items() if a == "" and value(way))
                    origin, site_ids = here.removeprefix(FROM), []
                    while here := next(b for (a, b), way in trip.ways.items() if a == here and value(way)):
                        site_ids.append(here)
                    wanted = {self.before.lines[cargo.line_id].site_id for cargo in cargos}
                    sites = tuple(site for site in site_ids if site in wanted)
                    yield Ride(vehicle_id, origin, value(trip.starts), sites, joined(cargos))

    def _deliveries(self) -> list[Allocation]:
        found = []
        for one in self.brought:
            if self.answer.value(one.serves):
                cargo, item_id = self._cargo(one), self.before.net.supplies[one.arc.supply].item_id
                row = (cargo.source_id, cargo.line_id, item_id, cargo.quantity, cargo.serves, None, one.arc.arrives_at)
                found.append(Allocation(*row, is_late=False))
        return found

    def _cargo(self, one: Amount) -> Cargo:
        arc = one.arc
        quantity = sum(self.answer.value(units) for units in one.units) * arc.unit
        source_id, line_id = self.before.net.supplies[arc.supply].source_id, self.before.problem.lines[arc.line].id
        return Cargo(source_id, line_id, quantity, self.answer.value(one.serves))

    def _goes_beside(self, book: Book, row: Allocation) -> bool:
        """Is what a supplier was to bring late still wanted, and still there?"""
        asked, got = book.lines[row.line_id].quantity, sum(book.got(row.line_id))
        there = min(book.free(row.source_id), book.still_gives(row.source_id, book.brought, row.arrives_at))
        return got + row.serves <= asked and row.quantity <= there and book.has_room(row)


def _sum(terms: list[Term]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.weighted_sum([steps for steps, _ in terms], [each for _, each in terms])
