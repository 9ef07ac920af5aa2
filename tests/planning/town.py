"""The tests' house with roads, vehicles, parameters, an incident and requests: everything a plan is made from.

City store - 10 km plain - junction - 6 km mountain, snow-prone - village; prefecture store - 90 km plain - city store;
street 4 km from the city store. Two trucks at the city store, one at the prefecture's.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from optimizer.codec import from_json
from optimizer.model import Problem
from supplyops.cli.solving import advice_handler, plan_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.contracts import commands as contracts
from supplyops.contracts.rules import Carrier, ContractInput, ContractLineInput, ContractType, Ramp
from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleInput, VehicleTypeInput
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import AreaFigures, EventClass, Hazard, IncidentInput, ReportInput, ReportKind
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput, Season
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput, RoadInput, RoadNodeInput, SiteInput, SiteKind, Terrain
from supplyops.planning import advising, queries
from supplyops.planning import commands as planning
from supplyops.planning.queries import PlanHead, PlanRow
from supplyops.planning.rules import ADVICE_JOB_KIND, JOB_KIND, PlanOptions
from supplyops.planning.solving import SOLVER
from supplyops.requests import commands as requests
from supplyops.requests import queries as request_queries
from supplyops.requests.rules import RequestInput, RequestLineInput, Review, Urgency
from supplyops.runtime import Runtime
from tests.conftest import START
from tests.house import CITY, CITY_STORE, PREFECTURE_STORE, TENT, VILLAGE, VILLAGE_STORE, House, build_house
from tests.once import once

STREET = "654004001"
VILLAGE_POINT, STREET_POINT, YARD = "village-point", "street-point", "supplier-yard"
SUPPLIER = "supplier"

PARAMETERS = {
    "plan.approval_minutes": "30",
    "plan.stop_minutes": "20",
    "plan.packs_per_minute": "10",
    "plan.drive_hours_single": "8",
    "plan.drive_hours_double": "16",
    "plan.horizon_days": "14",
    "plan.late_hours": "48",
    "plan.overdue_hours": "2",
    "plan.freezing_below_c": "0",
    "plan.snow_months": "10,11,12,1,2,3,4",
    "plan.incompatible_groups": "food+chemical,food+fuel",
    "plan.order_of_use": "own,delegated,neighbour,prefecture,region,contract,social",
    "plan.waiting_fen_per_person_hour": "100",
    "plan.contract_vehicle_type": "V4",
    "plan.lock_minutes": "0",
    "plan.change_person_hours": "10",
    "plan.changes_permille_max": "80",
    "plan.same_time_minutes": "10",
    "reserve.persons.prefecture": "1000",
    "reserve.persons.city": "1000",
    "reserve.persons.township": "1000",
    "urgency.raise.most_urgent": "0",
    "urgency.raise.urgent": "0",
    "urgency.raise.normal": "0",
    "first_report_hours": "2",
    "oral.paper_hours": "24",
    "load_hours": "6",
    "hold.hours": "48",
}


class Town:
    """The house and what a planner does in it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.runtime = house.runtime
        self.incident = self.open_incident()

    @property
    def commander(self) -> Actor:
        return self.house.actor(Role.COMMANDER)

    def open_incident(self, *, is_exercise: bool = False) -> UUID:
        event = IncidentInput(
            "霍尔果斯地震",
            EventClass.NATURAL,
            Hazard.EARTHQUAKE,
            START - timedelta(hours=1),
            "654004",
            "伊车嘎善乡",
            CITY,
            is_exercise=is_exercise,
        )
        incident = self.runtime.run(incidents.open_incident, self.commander, event)
        figures = (AreaFigures("654004200", VILLAGE_POINT, affected=900, moved=400, sheltered=300),)
        self.runtime.run(
            incidents.report, self.commander, incident, ReportInput(ReportKind.FIRST, Season.WINTER, 3, figures)
        )
        return incident

    def request(
        self,
        *lines: tuple[str, int] | RequestLineInput,
        body: str = VILLAGE,
        addressee: str = CITY,
        site: str = VILLAGE_POINT,
        hours: int = 24,
        incident: UUID | None = None,
        accept: bool = True,
        **more: Any,
    ) -> list[UUID]:
        """An accepted request; the ids of its lines."""
        wanted = RequestInput(
            incident_id=incident or self.incident,
            organisation_code=body,
            addressee_code=addressee,
            urgency=Urgency.MOST_URGENT,
            area_code={VILLAGE: "654004200", STREET: "654004001", CITY: "654004"}[body],
            delivery_site_code=site,
            receiver="艾合买提",
            receiver_phone="13900000000",
            reason="安置受灾群众",
            own_stock_note="本级物资不足",
            lines=tuple(
                line
                if isinstance(line, RequestLineInput)
                else RequestLineInput(line[0], line[1], START + timedelta(hours=hours), 100)
                for line in lines
            ),
            **more,
        )
        asking = self.house.actor(Role.CLERK, body)
        request_id = self.runtime.run(requests.draft, asking, wanted)
        self.runtime.run(requests.submit, asking, request_id, 1)
        row = self.runtime.read(request_queries.request, asking, str(request_id))
        if accept:
            verdict = Review({line.id: line.quantity for line in row.lines})
            self.runtime.run(
                requests.review, self.house.actor(Role.REVIEWER, addressee), request_id, row.version, verdict
            )
        return [line.id for line in row.lines]

    def start(self, actor: Actor | None = None, *, incident: UUID | None = None, **options: Any) -> UUID:
        """Start a plan; its id."""
        return self.runtime.run(
            planning.start_plan, actor or self.commander, incident or self.incident, PlanOptions(**options)
        )

    def problem(self, actor: Actor | None = None, **options: Any) -> Problem:
        """Start a plan and cancel it again: the problem it would have solved."""
        plan_id = self.start(actor, **options)
        found = self.runtime.read(queries.problem_json, actor or self.commander, str(plan_id))
        self.runtime.run(planning.cancel_plan, actor or self.commander, plan_id)
        return from_json(Problem, found)

    def solve(self, plan_id: UUID, *, solver: str = SOLVER, settings: Settings | None = None) -> None:
        """Have a worker do the plan's job, if it still waits."""
        handlers = {JOB_KIND: plan_handler(solver)}
        job_id = self.head(plan_id).job_id
        with tempfile.TemporaryDirectory() as folder:
            found = replace(settings or Settings(), data_dir=Path(folder))
            Worker(self.runtime, found, handlers).work_one(job_id)

    def plan(self, **options: Any) -> UUID:
        """Start and solve a plan."""
        plan_id = self.start(**({"iterations": 3} | options))
        self.solve(plan_id)
        return plan_id

    def advise(self, number: str) -> None:
        """Have a worker find what would help a plan, if somebody has asked."""
        far = self.runtime.read(advising.advice_state, SYSTEM, number)
        assert far is not None and far.job_id is not None
        job_id = far.job_id
        with tempfile.TemporaryDirectory() as folder:
            settings = replace(Settings(), data_dir=Path(folder))
            Worker(self.runtime, settings, {ADVICE_JOB_KIND: advice_handler()}).work_one(job_id)

    def head(self, plan_id: UUID) -> PlanHead:
        return self.runtime.read(queries.head, SYSTEM, str(plan_id))

    def read(self, plan_id: UUID) -> PlanRow:
        return self.runtime.read(queries.plan, SYSTEM, str(plan_id))

    def contract(
        self,
        number: str = "HT-1",
        *,
        sku: str = TENT,
        quantity: int = 100,
        buyer: str = CITY,
        valid_to: date = date(2026, 12, 31),
        carrier: Carrier = Carrier.SUPPLIER,
        site: str = YARD,
        lead_time_hours: int = 6,
        minimum_order: int = 0,
        ramp: tuple[Ramp, ...] = (),
        type: ContractType = ContractType.PRESIGNED,
        vehicle_type: str = "",
    ) -> None:
        head = ContractInput(
            number,
            "应急物资供货",
            type,
            SUPPLIER,
            buyer,
            date(2025, 1, 1),
            valid_to,
            carrier=carrier,
            supply_site_code=site,
            lead_time_hours=lead_time_hours,
        )
        self.runtime.run(contracts.save_contracts, SYSTEM, [head])
        line = ContractLineInput(
            number,
            1,
            quantity,
            500_00,
            "" if vehicle_type else sku,
            vehicle_type,
            minimum_order=minimum_order,
            ramp=ramp,
        )
        self.runtime.run(contracts.save_contract_lines, SYSTEM, [line])

    def parameter(self, key: str, value: str) -> None:
        """Set a parameter from today."""
        row = ParameterInput(key, value, "", "U", date(2026, 1, 1))
        self.runtime.run(norms.save_parameters, SYSTEM, [row])


@once
def build_town(runtime: Runtime) -> Town:
    """Make the town on an empty database."""
    house = build_house(runtime)
    run = runtime.run
    supplier = OrganisationInput(
        SUPPLIER, "伊犁应急物资有限公司", OrganisationKind.ENTERPRISE, Level.OUTSIDE, "654004", in_chain=False
    )
    run(people.save_organisations, SYSTEM, [supplier])
    run(places.save_road_nodes, SYSTEM, [RoadNodeInput(code, code, lat, lon) for code, lat, lon in NODES])
    run(places.save_roads, SYSTEM, ROADS)
    run(places.save_sites, SYSTEM, SITES)
    run(
        places.save_locations,
        SYSTEM,
        [LocationInput(f"{site}-store", "安置点库", site) for site in (VILLAGE_POINT, STREET_POINT)],
    )
    run(fleet.save_vehicle_types, SYSTEM, TYPES)
    run(fleet.save_vehicles, SYSTEM, VEHICLES)
    rows = [ParameterInput(key, value, "", "A", date(2025, 1, 1)) for key, value in PARAMETERS.items()]
    run(norms.save_parameters, SYSTEM, rows)
    house.sites = _ids(runtime)
    return Town(house)


def _ids(runtime: Runtime) -> dict[str, UUID]:
    from sqlalchemy import select

    from supplyops.places.tables import Site

    with runtime.database.read() as session:
        return {row.code: row.id for row in session.scalars(select(Site))}


def hours(count: float) -> int:
    return int(count * 3600)


def at(count: float) -> datetime:
    return START + timedelta(hours=count)


NODES = [
    ("n-city", 44_200_000, 80_400_000),
    ("n-fork", 44_200_000, 80_500_000),
    ("n-village", 44_230_000, 80_540_000),
    ("n-street", 44_210_000, 80_420_000),
    ("n-prefecture", 43_920_000, 81_320_000),
]
ROADS = [
    RoadInput("R-PREF", "G30", "n-prefecture", "n-city", 90_000, Terrain.PLAIN, winter_factor_permille=900),
    RoadInput("R-FORK", "X700", "n-city", "n-fork", 10_000, Terrain.PLAIN, winter_factor_permille=600),
    RoadInput(
        "R-VILLAGE",
        "Y701",
        "n-fork",
        "n-village",
        6_000,
        Terrain.MOUNTAIN,
        winter_factor_permille=600,
        is_snow_prone=True,
    ),
    RoadInput("R-STREET", "城区路", "n-city", "n-street", 4_000, Terrain.URBAN, winter_factor_permille=800),
]
SITES = [
    SiteInput(PREFECTURE_STORE, "州储备库", SiteKind.WAREHOUSE, "6540-lc", "6540", Level.PREFECTURE, "n-prefecture"),
    SiteInput(CITY_STORE, "霍尔果斯市库", SiteKind.WAREHOUSE, CITY, "654004", Level.CITY, "n-city", loading_bays=2),
    SiteInput(
        VILLAGE_STORE, "伊车嘎善乡储备点", SiteKind.RESERVE_POINT, VILLAGE, "654004200", Level.TOWNSHIP, "n-village"
    ),
    SiteInput(
        VILLAGE_POINT, "伊车嘎善乡中学", SiteKind.DELIVERY_POINT, VILLAGE, "654004200", Level.TOWNSHIP, "n-village"
    ),
    SiteInput(STREET_POINT, "卡拉苏体育馆", SiteKind.DELIVERY_POINT, STREET, "654004001", Level.TOWNSHIP, "n-street"),
    SiteInput(YARD, "供应商库房", SiteKind.SUPPLIER_STORE, SUPPLIER, "654004", Level.OUTSIDE, "n-street"),
]
TYPES = [
    VehicleTypeInput(
        "V4", "6.8米厢货", 4, 9_000_000, 38_000_000, 15_000, 40, 70, 45, 30, fixed_cost_fen=20_000, cost_per_km_fen=300
    ),
    VehicleTypeInput(
        "V7", "6×6越野卡车", 3, 6_000_000, 20_000_000, 12_000, 40, 60, 40, 30, is_snow_capable=True, cost_per_km_fen=500
    ),
]
VEHICLES = [
    VehicleInput("新F10001", "V4", CITY, CITY_STORE, "张伟", "13900000001"),
    VehicleInput("新F10002", "V7", CITY, CITY_STORE, "李强", "13900000002", second_driver="王磊"),
    VehicleInput("新F20001", "V4", "6540-lc", PREFECTURE_STORE, "赵军", "13900000003", ready_minutes=60),
]
