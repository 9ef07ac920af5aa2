"""An incident in the small house and plans for it, row by row as the planning room would write them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer import model as optimizer
from optimizer.codec import problem_hash, to_json
from optimizer.model import Problem
from supplyops.catalogue import commands as catalogue
from supplyops.contracts import commands as contracts
from supplyops.contracts import queries as contract_queries
from supplyops.contracts.rules import ContractInput, ContractLineInput, ContractType
from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.dispatch.tables import Consignment, ConsignmentLine, Discrepancy, ReleaseInstruction, Shipment
from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleInput, VehicleTypeInput
from supplyops.fleet.tables import Vehicle
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import AreaFigures, EventClass, Hazard, IncidentInput, ReportInput, ReportKind
from supplyops.kernel.access import SYSTEM, Actor, Permission, Role
from supplyops.kernel.canonical import digest
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput, Season
from supplyops.papers.tables import Paper
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.places import commands as places
from supplyops.places.rules import RoadInput, RoadNodeInput, Terrain
from supplyops.places.tables import Site
from supplyops.planning.rules import PartState, PlanState, SourceKind
from supplyops.planning.tables import Plan, PlanLine, PlanPart, PlanTrip
from supplyops.requests import commands as requests
from supplyops.requests import queries as request_queries
from supplyops.requests.rules import RequestInput, RequestLineInput, Review, Urgency
from supplyops.runtime import Context, Runtime, command
from supplyops.stock.tables import Reservation, StockBalance, StockMove
from tests.conftest import START
from tests.house import (
    CITY,
    CITY_SHELF,
    CITY_STORE,
    ITEMS,
    PREFECTURE_STORE,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_STORE,
    WATER,
    House,
    build_house,
)
from tests.once import once

SUPPLIER = "sup-water"
PLATE, OTHER_PLATE = "新F10001", "新F10002"
ROAD = "G218-1"
CONTRACT = "HT-2026-01"
FIGURES = {
    "first_report_hours": "2",
    "load_hours": "2",
    "hold.hours": "24",
    "oral.paper_hours": "24",
    "urgency.raise.most_urgent": "1",
    "urgency.raise.urgent": "0",
    "urgency.raise.normal": "0",
    "reserve.persons.city": "10000",
    "reserve.persons.prefecture": "10000",
}
PROBLEM = Problem(
    "by hand", START.isoformat(), items=(), lots=(), lines=(), vehicle_types=(), vehicles=(),
    sites=(optimizer.Site(CITY_STORE, "霍尔果斯市库", "n1"), optimizer.Site(VILLAGE_STORE, "伊车嘎善乡储备点", "n2")),
    nodes=(optimizer.Node("n1", 44_210_000, 80_420_000), optimizer.Node("n2", 44_150_000, 80_560_000)),
    edges=(optimizer.Edge(ROAD, "n1", "n2", 20_000, optimizer.Terrain.PLAIN),),
)  # fmt: skip
"""What plans written by hand say they were made from: the two stores and the road between them."""
DELIVERED_AT = START + timedelta(hours=3)


@dataclass
class World:
    """The house, the incident, what was asked for, and what is needed to plan."""

    house: House
    incident_id: UUID
    request_lines: dict[str, UUID]
    contract_line: UUID
    vehicles: dict[str, UUID] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        """The house's runtime."""
        return self.house.runtime

    def actor(self, role: Role, organisation: str = CITY) -> Actor:
        """A person of the house."""
        return self.house.actor(role, organisation)

    def plan(self, *lines: Line, author: Role = Role.DISPATCHER, plate: str = PLATE, hours: int = 1) -> UUID:
        """A draft plan with these lines, one trip of one vehicle, a part for each owner."""
        author_id = self.actor(author).user_id
        return self.runtime.run(_write_plan, SYSTEM, self.incident_id, lines, author_id, plate, hours)

    def tents(self, quantity: int, *, lot: UUID | None = None, on_shelf: int = 100, owner: str = CITY) -> Line:
        """A line of tents from the city's shelf; makes and stocks a lot unless one is given."""
        if lot is None:
            lot = self.house.lot(TENT, owner=owner)
            self.house.stock(lot, on_shelf)
        return Line(self.request_lines[TENT], TENT, quantity, owner=owner, lot_id=lot)

    def water(self, quantity: int, serves: int = 0) -> Line:
        """A line of water from the city's contract."""
        return Line(self.request_lines[WATER], WATER, quantity, contract_line_id=self.contract_line, serves=serves)

    def approve(self, plan_id: UUID, owner: str = CITY, **more: Any) -> UUID:
        """Approve a part as the owner's approver."""
        approval = ApprovalInput(plan_id, owner, **more)
        return self.runtime.run(approving.approve, self.actor(Role.APPROVER, owner), approval)

    def consignments(self, instruction_id: UUID | None = None) -> list[Consignment]:
        """Consignments by number."""
        return [row for row in self.rows(Consignment) if instruction_id is None or row.instruction_id == instruction_id]

    def consignment(self) -> Consignment:
        """The only consignment there is."""
        (row,) = self.consignments()
        return row

    def lines(self) -> list[ConsignmentLine]:
        """Every consignment line."""
        return sorted(self.rows(ConsignmentLine), key=lambda line: (str(line.consignment_id), line.line_no))

    def shipment(self) -> Shipment:
        """The only shipment there is."""
        (row,) = self.rows(Shipment)
        return row

    def rows(self, kind: Any) -> list[Any]:
        """All rows of a kind, as the database has them now."""
        with self.runtime.database.read() as session:
            return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key.columns)))

    def papers(self, form: str = "") -> list[Paper]:
        """Issued papers, oldest first."""
        return [row for row in self.rows(Paper) if not form or row.form == form]

    def asked(self, sku: str = TENT) -> tuple[int, int, int]:
        """What the request line of an item says: (approved, loaded, delivered)."""
        (request,) = self.runtime.read(request_queries.requests, SYSTEM)
        line = next(line for line in request.lines if line.sku == sku)
        return line.approved, line.loaded, line.delivered

    def remaining(self) -> int:
        """What is left of the contract's only line."""
        return self.runtime.read(contract_queries.contract, SYSTEM, CONTRACT).lines[0].remaining

    def books(self) -> str:
        """Everything an order may change, as one hash: to say that nothing did."""
        kinds = (StockMove, StockBalance, Reservation, ReleaseInstruction, Shipment, Consignment, ConsignmentLine)
        kinds += (Discrepancy, Paper, Plan, PlanPart, Vehicle)
        found = [
            [kind.__tablename__, [str(getattr(row, column.key)) for column in kind.__table__.columns]]
            for kind in kinds
            for row in self.rows(kind)
        ]
        return digest([*found, [list(self.asked(sku)) for sku in (TENT, QUILT, WATER)], self.remaining()])


@dataclass(frozen=True)
class Line:
    """A plan line to be written."""

    request_line_id: UUID
    sku: str
    quantity: int
    owner: str = CITY
    lot_id: UUID | None = None
    location: str = CITY_SHELF
    origin: str = CITY_STORE
    delivery: str = VILLAGE_STORE
    contract_line_id: UUID | None = None
    serves: int = 0


@once
def build_world(runtime: Runtime) -> World:
    """The house after the earthquake."""
    house = build_house(runtime)
    run = runtime.run
    run(
        norms.save_parameters,
        SYSTEM,
        [ParameterInput(key, value, "", "test", date(2020, 1, 1)) for key, value in FIGURES.items()],
    )
    supplier = OrganisationInput(
        SUPPLIER, "伊犁甘泉饮品有限公司", OrganisationKind.ENTERPRISE, Level.OUTSIDE, "654004", in_chain=False
    )
    run(people.save_organisations, SYSTEM, [supplier])
    _make_roads_and_vehicles(runtime)
    incident = IncidentInput(
        "霍尔果斯5.8级地震", EventClass.NATURAL, Hazard.EARTHQUAKE, START - timedelta(hours=1), "654004", "伊车嘎善乡", CITY
    )  # fmt: skip
    incident_id = run(incidents.open_incident, house.actor(Role.COMMANDER), incident)
    area = AreaFigures("654004200", VILLAGE_STORE, moved=200)
    run(
        incidents.report,
        house.actor(Role.COMMANDER),
        incident_id,
        ReportInput(ReportKind.FIRST, Season.WINTER, 3, (area,)),
    )
    world = World(house, incident_id, _ask(house, incident_id), _sign_contract(runtime))
    world.vehicles = {row.plate: row.id for row in world.rows(Vehicle)}
    with runtime.database.read() as session:
        house.organisations = {row.code: row.id for row in session.scalars(select(Organisation))}
    return world


def _make_roads_and_vehicles(runtime: Runtime) -> None:
    run = runtime.run
    nodes = [
        RoadNodeInput("n1", "市区", 44_210_000, 80_420_000),
        RoadNodeInput("n2", "伊车嘎善", 44_150_000, 80_560_000),
    ]
    run(places.save_road_nodes, SYSTEM, nodes)
    run(places.save_roads, SYSTEM, [RoadInput(ROAD, "G218 霍城段", "n1", "n2", 20_000, Terrain.PLAIN)])
    truck = VehicleTypeInput("V3", "厢式货车 4.2m", 3, 1_500_000, 16_000_000, 4_495, 40, 60, 40, 30)
    run(fleet.save_vehicle_types, SYSTEM, [truck])
    vehicles = [
        VehicleInput(PLATE, "V3", CITY, CITY_STORE, "马建国", "13900000001"),
        VehicleInput(OTHER_PLATE, "V3", CITY, CITY_STORE, "阿不都", "13900000002"),
    ]
    run(fleet.save_vehicles, SYSTEM, vehicles)


def _ask(house: House, incident_id: UUID) -> dict[str, UUID]:
    run = house.runtime.run
    latest = START + timedelta(hours=12)
    lines = tuple(
        RequestLineInput(sku, quantity, latest, persons=200)
        for sku, quantity in ((TENT, 60), (QUILT, 200), (WATER, 500))
    )
    asked = RequestInput(
        incident_id, VILLAGE, CITY, Urgency.MOST_URGENT, "654004200", VILLAGE_STORE, "古丽", "13900000009",
        "转移安置200人", lines,
    )  # fmt: skip
    request_id = run(requests.draft, house.actor(Role.CLERK, VILLAGE), asked)
    run(requests.submit, house.actor(Role.CLERK, VILLAGE), request_id, 1)
    (row,) = house.runtime.read(request_queries.requests, SYSTEM)
    accepted = {line.id: line.quantity for line in row.lines}
    run(requests.review, house.actor(Role.REVIEWER), request_id, row.version, Review(accepted))
    return {line.sku: line.id for line in row.lines}


def _sign_contract(runtime: Runtime) -> UUID:
    head = ContractInput(
        CONTRACT, "瓶装饮用水应急供货", ContractType.PRESIGNED, SUPPLIER, CITY, date(2026, 1, 1), date(2026, 12, 31),
        signed_on=date(2025, 12, 20), contact="李强", duty_phone="13900000005",
    )  # fmt: skip
    runtime.run(contracts.save_contracts, SYSTEM, [head])
    line = ContractLineInput(CONTRACT, 1, 400, 24_00, sku=WATER, minimum_order=10)
    runtime.run(contracts.save_contract_lines, SYSTEM, [line])
    return runtime.read(contract_queries.contract, SYSTEM, CONTRACT).lines[0].id


def number_one_by_one(world: World, sku: str = WATER) -> None:
    """From now on units of an item have numbers of their own."""
    (item,) = [each for each in ITEMS if each.sku == sku]
    world.runtime.run(catalogue.save_items, SYSTEM, [replace(item, is_serial_tracked=True)])


@command(Permission.INTERNAL)
def _write_plan(
    ctx: Context, incident_id: UUID, lines: tuple[Line, ...], author_id: UUID | None, plate: str, hours: int
) -> UUID:
    bodies = {row.code: row.id for row in ctx.session.scalars(select(Organisation))}
    sites = {row.code: row for row in ctx.session.scalars(select(Site))}
    from supplyops.catalogue.tables import Item
    from supplyops.places.tables import Location

    items = {row.sku: row.id for row in ctx.session.scalars(select(Item))}
    shelves = {row.code: row.id for row in ctx.session.scalars(select(Location))}
    departs = ctx.now + timedelta(hours=hours)
    plan_id = ctx.new_id()
    ctx.session.add(
        Plan(
            id=plan_id, number=f"FA-{plan_id.int & 0xFFFFFF:06d}", incident_id=incident_id, organisation_id=bodies[CITY],
            state=PlanState.DRAFT, job_id=None, options={}, problem=to_json(PROBLEM), problem_hash=problem_hash(PROBLEM), heads={},
            starts_at=ctx.now, solution={},
            verdict={}, summary={}, error={}, created_at=ctx.now, created_by_id=author_id, solved_at=ctx.now,
        )
    )  # fmt: skip
    ctx.session.flush()  # parts refer to it
    for owner in dict.fromkeys(line.owner for line in lines):
        ctx.session.add(
            PlanPart(
                id=ctx.new_id(), plan_id=plan_id, owner_id=bodies[owner], state=PartState.PROPOSED, decided_at=None,
                decided_by_id=None, note="",
            )
        )  # fmt: skip
    if any(line.lot_id for line in lines):
        ctx.session.add(_trip(ctx, plan_id, plate, departs, sites))
    for line_no, line in enumerate(lines, start=1):
        ctx.session.add(_plan_line(ctx, plan_id, line_no, line, bodies, items, shelves, sites, departs))
    return plan_id


def _trip(ctx: Context, plan_id: UUID, plate: str, departs: datetime, sites: dict[str, Site]) -> PlanTrip:
    vehicle = ctx.session.scalars(select(Vehicle).where(Vehicle.plate == plate)).one()
    ends = [sites[code] for code in (CITY_STORE, VILLAGE_STORE)]
    stops = [
        {
            "site_id": str(site.id), "site_code": site.code, "site_name": site.name, "roads": [ROAD] if place else [],
            "arrives_at": (departs + timedelta(hours=place)).isoformat(),
            "departs_at": (departs + timedelta(hours=place, minutes=10)).isoformat(),
        }
        for place, site in enumerate(ends)
    ]  # fmt: skip
    return PlanTrip(
        id=ctx.new_id(), plan_id=plan_id, trip_no=1, vehicle_id=vehicle.id, departs_at=departs,
        returns_at=departs + timedelta(hours=3), distance_m=40_000, mass_g=1, volume_cm3=1, stops=stops,
    )  # fmt: skip


def _plan_line(
    ctx: Context,
    plan_id: UUID,
    line_no: int,
    line: Line,
    bodies: dict[str, UUID],
    items: dict[str, UUID],
    shelves: dict[str, UUID],
    sites: dict[str, Site],
    departs: datetime,
) -> PlanLine:
    is_stock = line.lot_id is not None
    return PlanLine(
        id=ctx.new_id(), plan_id=plan_id, line_no=line_no, owner_id=bodies[line.owner],
        source_kind=SourceKind.LOT if is_stock else SourceKind.CONTRACT, lot_id=line.lot_id,
        location_id=shelves[line.location] if is_stock else None, contract_line_id=line.contract_line_id,
        item_id=items[line.sku], request_line_id=line.request_line_id, origin_site_id=sites[line.origin].id,
        delivery_site_id=sites[line.delivery].id, quantity=line.quantity, serves=line.serves or line.quantity,
        trip_no=1 if is_stock else None, arrives_at=departs + timedelta(hours=1), is_late=False,
    )  # fmt: skip


__all__ = ["PREFECTURE_STORE"]
