"""Telling a story: every act by the person who does it, through the same commands as everybody's, at its own time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from uuid import UUID

from supplyops.catalogue import queries as catalogue
from supplyops.contracts import queries as contracts
from supplyops.contracts.queries import CallOffRow
from supplyops.contracts.rules import CallOffState
from supplyops.demo.cast import SUPPLIERS, keeper_of
from supplyops.demo.city import actor
from supplyops.demo.gate import put_at_the_gate
from supplyops.demo.scenarios import (
    ApprovalStep,
    HandoverNote,
    LetterStep,
    Mobilising,
    NeedsStep,
    Opening,
    PlanStep,
    Reporting,
    RequestStep,
    Responding,
    RoadWord,
    Scenario,
)
from supplyops.dispatch import approving, handing_over, supplying
from supplyops.dispatch import commands as dispatch
from supplyops.dispatch import queries as orders
from supplyops.dispatch.rules import (
    ApprovalInput,
    ArrivalInput,
    ArrivalLine,
    ConsignmentState,
    HandoverInput,
    HandoverLine,
    LoadInput,
)
from supplyops.dispatch.views import ConsignmentRow, OrderFilter, ShipmentRow
from supplyops.incidents import commands as incidents
from supplyops.kernel.access import SYSTEM, Actor
from supplyops.kernel.clock import business_day
from supplyops.people import queries as people
from supplyops.places import commands as places
from supplyops.places import queries as place_queries
from supplyops.planning import commands as planning
from supplyops.planning import queries as plans
from supplyops.planning.queries import PlanRow
from supplyops.planning.rules import PlanOptions, PlanState
from supplyops.requests import commands as requests
from supplyops.requests import queries as request_queries
from supplyops.requests.rules import LetterInput, RequestInput, RequestLineInput, RequestState, Review
from supplyops.runtime import Runtime

AS_PLANNED = "按批准的方案装车,先到期的余量另行安排"
"""What the story's keepers write when a plan takes later goods while some that expire sooner are left."""
PICKING = timedelta(minutes=10)
ANSWERING = timedelta(minutes=20)
WATCHED = timedelta(hours=5)
"""The story ends so long after the last approval; what is on the road then is still on the road."""


class StoryClock:
    """A clock that goes where the story goes, and only forwards."""

    def __init__(self, starts_at: datetime) -> None:
        self._now = starts_at

    def __call__(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Time passes; a moment that is past already changes nothing."""
        self._now = max(self._now, moment)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a story."""

    incident_id: UUID
    incident_number: str
    requests: int
    request_lines: int
    plan: PlanRow
    instructions: int
    consignments: int
    delivered: int
    on_the_road: int
    call_offs: int
    missions: int
    ended_at: datetime


@dataclass
class _Told:
    incident_id: UUID | None = None
    plan_id: UUID | None = None
    missions: int = 0
    approved_at: dict[str, datetime] = field(default_factory=dict)
    handovers: list[HandoverNote] = field(default_factory=list)


class Teller:
    """Plays one scenario in a loaded city. `work` does the jobs that wait, as the worker would."""

    def __init__(
        self,
        runtime: Runtime,
        clock: StoryClock,
        scenario: Scenario,
        work: Callable[[], None],
        options: PlanOptions,
        report: Callable[[datetime, str], None] = lambda _, __: None,
    ) -> None:
        self._runtime, self._clock, self._scenario = runtime, clock, scenario
        self._work, self._options, self._report = work, options, report
        self._state = _Told(handovers=list(scenario.handovers))
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._number = count()

    def tell(self) -> Told:
        """Play everything. Raises whatever a command refuses: a story that cannot be played is a fault."""
        for act in self._scenario.acts:
            self._plan_act(act)
        decided_at = max((act.at for act in self._scenario.approvals), default=self._scenario.plan.at)
        until = decided_at + WATCHED
        self._at(decided_at, lambda: self._put_carrying_out(until))
        self._run()
        self._clock.move_to(until)
        put_at_the_gate(self._do, self._clock())
        return self._told()

    # --- the agenda -------------------------------------------------------------------------------------------------

    def _at(self, moment: datetime, act: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._number), act))

    def _run(self) -> None:
        while self._agenda:
            moment, _, act = heapq.heappop(self._agenda)
            self._clock.move_to(moment)
            act()

    def _actor(self, username: str) -> Actor:
        return actor(self._runtime, username)

    @property
    def _incident_id(self) -> UUID:
        assert self._state.incident_id is not None, "the incident comes first"
        return self._state.incident_id

    def _say(self, text: str) -> None:
        self._report(self._clock(), text)

    # --- what people do until the orders are out --------------------------------------------------------------------

    def _plan_act(self, act: object) -> None:  # one branch a kind of act
        match act:
            case Opening():
                self._at(act.at, lambda: self._open(act))
            case Reporting():
                self._at(act.at, lambda: self._do(incidents.report, act.by, self._incident_id, act.report))
            case Responding():
                self._at(act.at, lambda: self._respond(act))
            case RoadWord():
                self._at(act.at, lambda: self._do(places.report_road, act.by, act.report))
            case Mobilising():
                self._at(act.at, lambda: self._mobilise(act))
            case NeedsStep():
                self._at(act.at, lambda: self._draft_needs(act))
            case RequestStep():
                self._at(act.at, lambda: self._request(act))
            case LetterStep():
                self._at(act.at, lambda: self._letter(act))
            case PlanStep():
                self._at(act.at, lambda: self._make_plan(act))
            case ApprovalStep():
                self._at(act.at, lambda: self._approve(act))
            case _:
                raise AssertionError(f"nobody knows how to play {type(act).__name__}")

    def _do(self, command: Callable[..., object], by: str, *args: object) -> object:
        return self._runtime.run(command, self._actor(by), *args)  # type: ignore[arg-type]

    def _open(self, act: Opening) -> None:
        self._state.incident_id = self._runtime.run(incidents.open_incident, self._actor(act.by), act.incident)
        self._say(f"{act.incident.name}:立案")

    def _respond(self, act: Responding) -> None:
        self._do(incidents.decide_response, act.by, self._incident_id, act.response)
        if act.response.level is not None:
            self._say(f"启动{'一二三四'[act.response.level - 1]}级响应")

    def _mobilise(self, act: Mobilising) -> None:
        self._do(incidents.mobilise_team, act.by, self._incident_id, act.mission)
        self._state.missions += 1

    def _draft_needs(self, act: NeedsStep) -> None:
        drafted = self._runtime.run(requests.draft_from_needs, self._actor(act.by), self._incident_id, act.urgency)
        self._at(act.submitted_at, lambda: self._submit(drafted, act.by))
        self._at(act.reviewed_at, lambda: self._review(drafted, act.reviewed_by))

    def _request(self, act: RequestStep) -> None:
        due_at = act.at + timedelta(hours=act.arrive_within_hours)
        wanted = RequestInput(
            incident_id=self._incident_id,
            organisation_code=act.organisation_code,
            addressee_code=act.addressee_code,
            urgency=act.urgency,
            area_code=act.area_code,
            delivery_site_code=act.delivery_site_code,
            receiver=act.receiver,
            receiver_phone=act.receiver_phone,
            reason=act.reason,
            own_stock_note=act.own_stock_note,
            lines=tuple(
                RequestLineInput(line.sku, line.quantity, due_at, line.persons, note=line.note) for line in act.lines
            ),
        )
        drafted = [self._runtime.run(requests.draft, self._actor(act.by), wanted)]
        self._submit(drafted, act.by)
        self._at(act.reviewed_at, lambda: self._review(drafted, act.reviewed_by))

    def _submit(self, ids: Iterable[UUID], by: str) -> None:
        for request_id in ids:
            row = self._runtime.read(request_queries.request, SYSTEM, str(request_id))
            self._do(requests.submit, by, request_id, row.version)

    def _review(self, ids: Iterable[UUID], by: str) -> None:
        lines = 0
        for request_id in ids:
            row = self._runtime.read(request_queries.request, SYSTEM, str(request_id))
            accepted = {line.id: line.quantity for line in row.lines}
            self._do(requests.review, by, request_id, row.version, Review(accepted))
            lines += len(accepted)
        self._say(f"审核需求单,{lines} 行")

    def _letter(self, act: LetterStep) -> None:
        letter = LetterInput(
            incident_id=self._incident_id,
            organisation_code=act.organisation_code,
            addressee_code=act.addressee_code,
            subject=act.subject,
            body=act.body,
            reply_by=act.reply_by,
            contact=act.contact,
            phone=act.phone,
        )
        letter_id = self._runtime.run(requests.send_letter, self._actor(act.by), letter)
        answer = act.answer
        if answer is not None:
            self._at(
                answer.at,
                lambda: self._do(requests.answer_letter, answer.by, letter_id, answer.state, answer.answer),
            )

    def _make_plan(self, act: PlanStep) -> None:
        self._say("测算调度方案……")
        plan_id = self._runtime.run(planning.start_plan, self._actor(act.by), self._incident_id, self._options)
        self._work()
        self._state.plan_id = plan_id
        head = self._runtime.read(plans.head, SYSTEM, str(plan_id))
        if head.state is not PlanState.DRAFT:
            raise AssertionError(f"plan {head.number} is {head.state.value}: {head.error}")
        self._say(f"方案 {head.number} 完成,独立校验通过")

    def _approve(self, act: ApprovalStep) -> None:
        assert self._state.plan_id is not None, "the plan comes before its approval"
        plan = self._runtime.read(plans.plan, SYSTEM, str(self._state.plan_id))
        if act.owner_code not in {part.owner_code for part in plan.parts}:
            return
        approval = ApprovalInput(self._state.plan_id, act.owner_code, oral=act.oral, note=act.note)
        self._do(approving.approve, act.by, approval)
        self._state.approved_at[act.owner_code] = self._clock()
        self._say(f"{next(part.owner_name for part in plan.parts if part.owner_code == act.owner_code)}批准")

    # --- carrying out -----------------------------------------------------------------------------------------------

    def _put_carrying_out(self, until: datetime) -> None:
        where = OrderFilter(incident_id=self._incident_id)
        rows = self._runtime.read(orders.consignments, SYSTEM, where, limit=1000)
        trips = {row.id: row for row in self._runtime.read(orders.shipments, SYSTEM, where, limit=1000)}
        accepted_at = max(self._state.approved_at.values(), default=self._clock()) + PICKING
        by_trip: dict[UUID, list[ConsignmentRow]] = {}
        for row in rows:
            assert row.shipment_id is not None, "stock travels on a vehicle"
            by_trip.setdefault(row.shipment_id, []).append(row)
        for trip_id, loads in sorted(by_trip.items(), key=lambda entry: trips[entry[0]].number):
            self._put_trip(trips[trip_id], loads, accepted_at, until)
        for call_off in self._runtime.read(contracts.call_offs, SYSTEM):
            is_open = call_off.state is CallOffState.NOTIFIED and not call_off.is_fetched
            if call_off.incident_id == self._incident_id and is_open:
                self._put_call_off(call_off, accepted_at, until)

    def _put_trip(self, trip: ShipmentRow, loads: list[ConsignmentRow], accepted_at: datetime, until: datetime) -> None:
        """Custodians accept, the store loads, the vehicle goes as planned or as soon as it can, receivers sign."""
        origin = loads[0].origin_code
        leaving = next(stop for stop in trip.stops if stop["site_code"] == origin)
        left_at = max(datetime.fromisoformat(str(leaving["departs_at"])), accepted_at + PICKING)
        self._at(accepted_at, lambda: self._accept(loads))
        if left_at > until:
            return
        self._at(left_at, lambda: self._load_and_leave(trip, loads, origin))
        for row in loads:
            arrived_at = left_at + (row.planned_arrival_at - row.load_by)
            noted = [note for note in self._state.handovers if note.site_code == row.delivery_code]
            found = [note for note in noted if any(line.sku == note.sku for line in row.lines)]
            if arrived_at <= until or found:
                for note in found:
                    self._state.handovers.remove(note)
                self._at(arrived_at, self._delivering(row.id, found))

    def _accept(self, loads: list[ConsignmentRow]) -> None:
        for row in loads:
            if row.call_off_id is None:
                self._do(dispatch.accept, keeper_of(row.origin_code), row.id)
            else:
                call_off = self._runtime.read(contracts.call_off, SYSTEM, row.call_off_id)
                promised = {item.id: item.quantity for item in call_off.items}
                supplier = SUPPLIERS[self._codes[call_off.supplier_id]]
                self._do(supplying.confirm_call_off, supplier, call_off.id, promised, call_off.supplier_name)

    def _load_and_leave(self, trip: ShipmentRow, loads: list[ConsignmentRow], origin: str) -> None:
        """At a supplier's the office's dispatcher loads: there is no keeper of ours."""
        keeper = "dispatcher.city" if loads[0].call_off_id else keeper_of(origin)
        seal = f"HF{trip.number[-4:]}"
        for row in loads:
            loader = "dispatcher.city" if row.call_off_id else keeper_of(row.origin_code)
            self._do(dispatch.load, loader, LoadInput(row.id, {}, seal_number=seal, turn_reason=AS_PLANNED))
        self._do(dispatch.depart, keeper, trip.id)

    def _delivering(self, consignment_id: UUID, notes: list[HandoverNote]) -> Callable[[], None]:
        return lambda: self._deliver(consignment_id, notes)

    def _deliver(self, consignment_id: UUID, notes: list[HandoverNote]) -> None:
        row = self._runtime.read(orders.consignment, SYSTEM, str(consignment_id))
        if row.state is not ConsignmentState.IN_TRANSIT:
            return
        wrong: dict[UUID, HandoverLine] = {}
        for note in notes:
            line = next(line for line in row.lines if line.sku == note.sku)
            damaged, refused = min(note.damaged, line.loaded), min(note.refused, line.loaded)
            good = max(line.loaded - note.short - damaged - refused, 0)
            wrong[line.id] = HandoverLine(line.id, good, damaged, refused)
        handover = HandoverInput(
            consignment_id=row.id,
            receiver=row.delivery_contact or "安置点负责人",
            position="接收负责人",
            phone=row.delivery_phone,
            arrived_at=self._clock(),
            lines=tuple(wrong.values()),
            cause=";".join(note.cause for note in notes),
        )
        self._do(handing_over.deliver, keeper_of(row.delivery_code), handover)

    @cached_property
    def _codes(self) -> dict[UUID, str]:
        """Codes of bodies and places."""
        bodies = {row.id: row.code for row in self._runtime.read(people.organisations, SYSTEM)}
        return bodies | {row.id: row.code for row in self._runtime.read(place_queries.sites, SYSTEM)}

    def _put_call_off(self, row: CallOffRow, notified_at: datetime, until: datetime) -> None:
        supplier = SUPPLIERS[self._codes[row.supplier_id]]
        promised = {item.id: item.quantity for item in row.items}
        self._at(
            notified_at + ANSWERING,
            lambda: self._do(supplying.confirm_call_off, supplier, row.id, promised, row.supplier_name),
        )
        for site_code in sorted({self._codes[item.delivery_site_id] for item in row.items}):
            due_at = max(item.due_at for item in row.items if self._codes[item.delivery_site_id] == site_code)
            if due_at <= until:
                self._at(max(due_at, notified_at + ANSWERING * 2), self._receiving(row, site_code))

    def _receiving(self, row: CallOffRow, site_code: str) -> Callable[[], None]:
        return lambda: self._receive(row, site_code)

    def _receive(self, row: CallOffRow, site_code: str) -> None:
        today = business_day(self._clock())
        items = {item.sku: item for item in self._runtime.read(catalogue.items, SYSTEM)}
        lines = []
        for item in row.items:
            if self._codes[item.delivery_site_id] != site_code:
                continue
            life = items[item.sku].shelf_life_days
            lines.append(
                ArrivalLine(
                    item.id,
                    item.quantity,
                    produced_on=today,
                    expires_on=today + timedelta(days=life) if life else None,
                    manufacturer=row.supplier_name,
                )
            )
        arrival = ArrivalInput(row.id, site_code, "市级应急专项", self._clock(), tuple(lines), conclusion="验收合格")
        self._do(supplying.receive_call_off, keeper_of(site_code), arrival)

    # --- the end ----------------------------------------------------------------------------------------------------

    def _told(self) -> Told:
        assert self._state.plan_id is not None
        where = OrderFilter(incident_id=self._incident_id)
        loads = self._runtime.read(orders.consignments, SYSTEM, where, limit=1000)
        rows = self._runtime.read(request_queries.requests, SYSTEM, incident_id=self._incident_id)
        accepted = [row for row in rows if row.state is RequestState.ACCEPTED]
        plan = self._runtime.read(plans.plan, SYSTEM, str(self._state.plan_id))
        called = [
            row for row in self._runtime.read(contracts.call_offs, SYSTEM) if row.incident_id == self._incident_id
        ]
        return Told(
            incident_id=self._incident_id,
            incident_number=plan.head.incident_number,
            requests=len(accepted),
            request_lines=sum(len(row.lines) for row in accepted),
            plan=plan,
            instructions=self._runtime.read(orders.count_instructions, SYSTEM, where),
            consignments=len(loads),
            delivered=sum(1 for row in loads if row.state is ConsignmentState.DELIVERED),
            on_the_road=sum(1 for row in loads if row.state is ConsignmentState.IN_TRANSIT),
            call_offs=len(called),
            missions=self._state.missions,
            ended_at=self._clock(),
        )
