"""A winter earthquake in the small house: roads, norms, an incident with two reports, requests on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from supplyops.demo.founding import complete_parameters
from supplyops.incidents import commands as incidents
from supplyops.incidents import queries as reading
from supplyops.incidents.rules import (
    AreaFigures,
    EventClass,
    Hazard,
    IncidentInput,
    ReportInput,
    ReportKind,
    ResponseInput,
)
from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import (
    DayRule,
    Driver,
    NeedNormInput,
    ParameterInput,
    ReserveNormInput,
    Season,
    ThresholdInput,
)
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadInput, RoadNodeInput, RoadReportInput, RoadStatus, SiteInput, SiteKind, Terrain
from supplyops.requests import commands as asking
from supplyops.requests import queries as requests
from supplyops.requests.rules import LetterInput, RequestInput, RequestLineInput, Review, Urgency
from tests.house import CITY, FARM, QUILT, TENT, VILLAGE, VILLAGE_SHELF, WATER, House

SQUARE, SCHOOL = "village-square", "street-school"


@dataclass
class Story:
    """The house in which it happened, and what, by id and number."""

    house: House
    incident_id: UUID
    incident_number: str
    drafts: list[str]
    accepted: str
    submitted: str


def lay_out(house: House) -> None:
    """Roads, delivery points, norms, parameters, thresholds."""
    run = house.runtime.run
    run(places.save_road_nodes, SYSTEM, NODES)
    run(places.save_roads, SYSTEM, ROADS)
    run(places.save_sites, SYSTEM, SITES)
    run(norms.save_need_norms, SYSTEM, NEEDS)
    run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("R1", TENT, Level.CITY, 5, 200, "A")])
    run(norms.save_thresholds, SYSTEM, THRESHOLDS)
    run(
        norms.save_parameters,
        SYSTEM,
        [ParameterInput(key, value, "", "A", date(2025, 1, 1)) for key, value in PARAMETERS],
    )
    complete_parameters(house.runtime)


def tell(house: House) -> Story:
    """Play the story as the people of the house; the clock does not move."""
    lay_out(house)
    run, read = house.runtime.run, house.runtime.read
    clerk, commander = house.actor(Role.CLERK), house.actor(Role.COMMANDER)
    reviewer = house.actor(Role.REVIEWER)
    now = house.runtime.clock()
    house.stock(house.lot(number="TENT-1"), 120)
    house.stock(house.lot(QUILT, number="QUILT-1", expires_on=date(2026, 1, 30)), 900)
    house.stock(house.lot(WATER, number="WATER-1", expires_on=date(2026, 3, 20)), 400)
    house.stock(house.lot(WATER, owner=VILLAGE, number="WATER-2"), 40, VILLAGE_SHELF)
    incident_id = run(
        incidents.open_incident,
        clerk,
        IncidentInput(
            "伊车嘎善乡 6.0 级地震",
            EventClass.NATURAL,
            Hazard.EARTHQUAKE,
            now - timedelta(hours=1),
            "654004200",
            "伊车嘎善乡政府以东 3 公里",
            CITY,
            44_165_000,
            80_575_000,
        ),
    )
    village = AreaFigures(
        "654004200",
        SQUARE,
        affected=5_200,
        dead=0,
        injured=12,
        moved=900,
        urgent_aid=200,
        livestock=60,
        rooms_collapsed=140,
    )
    street = AreaFigures("654004001", SCHOOL, moved=300, urgent_aid=116, injured=2)
    run(
        incidents.report,
        clerk,
        incident_id,
        ReportInput(
            ReportKind.FIRST, Season.WINTER, 3, (village,), source="乡政府电话", summary="震感强烈,部分房屋倒塌。"
        ),
    )
    run(incidents.report, clerk, incident_id, ReportInput(ReportKind.FOLLOW_UP, Season.WINTER, 3, (
        AreaFigures("654004200", SQUARE, affected=5_600, dead=2, injured=19, moved=1_000, urgent_aid=100, livestock=60, rooms_collapsed=180), street,
    ), night_temperature_c=-20, source="现场工作组", summary="转移安置人数上升,夜间最低 −20 ℃。", measures="已开放乡中心广场和街道小学安置。"))  # fmt: skip
    run(
        incidents.decide_response,
        commander,
        incident_id,
        ResponseInput(3, "紧急转移安置人数达到三级标准", "启动物资保障组", now + timedelta(days=3)),
    )
    run(asking.draft_from_needs, commander, incident_id, Urgency.MOST_URGENT)
    rows = sorted(read(requests.requests, SYSTEM), key=lambda row: row.area_code)
    for row in rows:
        run(asking.submit, commander, row.id, row.version)
    first, second = (read(requests.request, SYSTEM, row.number) for row in rows)
    run(asking.review, reviewer, second.id, second.version, Review({line.id: line.quantity for line in second.lines}))
    for row in (first, second):
        write_again(house, row)
    drafts = sorted(row.number for row in read(requests.requests, SYSTEM) if row.state == "draft")
    run(
        asking.send_letter,
        commander,
        LetterInput(
            incident_id,
            CITY,
            FARM,
            "商请支援棉帐篷",
            "因地震救灾需要,商请贵团支援棉帐篷 100 顶。",
            now + timedelta(hours=2),
            "值班员",
            "0999-1234567",
        ),
    )
    run(places.report_road, house.actor(Role.DISPATCHER), RoadReportInput("r-village", RoadStatus.CLOSED, "落石阻断"))
    run(
        places.report_road,
        house.actor(Role.DISPATCHER),
        RoadReportInput("r-farm", RoadStatus.LIMITED, "积雪", vehicle_class_max=5),
    )
    number = read(reading.incident, SYSTEM, str(incident_id)).number
    return Story(house, incident_id, number, drafts, second.number, first.number)


def write_again(house: House, row: requests.RequestRow, urgency: Urgency = Urgency.URGENT) -> None:
    """A draft by hand that asks for the same once more."""
    wanted = {
        name: getattr(row, name) for name in RequestInput.__dataclass_fields__ if name not in {"urgency", "lines"}
    }
    own = RequestLineInput.__dataclass_fields__.keys() - {"class_rank"}
    lines = tuple(RequestLineInput(**{name: getattr(line, name) for name in own}) for line in row.lines)
    house.runtime.run(asking.draft, house.actor(Role.COMMANDER), RequestInput(**wanted, urgency=urgency, lines=lines))


NODES = [
    RoadNodeInput("n-city", "市区", 44_205_000, 80_415_000, "A"),
    RoadNodeInput("n-street", "卡拉苏", 44_212_000, 80_408_000, "A"),
    RoadNodeInput("n-village", "伊车嘎善", 44_165_000, 80_575_000, "A"),
    RoadNodeInput("n-farm", "六十一团", 44_235_000, 80_555_000, "A"),
    RoadNodeInput("n-prefecture", "伊宁市", 43_920_000, 81_320_000, "A"),
]
ROADS = [
    RoadInput("r-street", "市区—卡拉苏", "n-city", "n-street", 2_000, Terrain.URBAN, source_mark="A"),
    RoadInput(
        "r-village",
        "市区—伊车嘎善",
        "n-city",
        "n-village",
        16_000,
        Terrain.PLAIN,
        winter_factor_permille=600,
        is_snow_prone=True,
        source_mark="A",
    ),
    RoadInput("r-farm", "伊车嘎善—六十一团", "n-village", "n-farm", 10_000, Terrain.PLAIN, source_mark="A"),
    RoadInput(
        "r-around", "市区—六十一团", "n-city", "n-farm", 15_000, Terrain.PLAIN, bridge_limit_kg=20_000, source_mark="A"
    ),
    RoadInput("r-main", "市区—伊宁", "n-city", "n-prefecture", 90_000, Terrain.PLAIN, source_mark="A"),
    RoadInput(
        "r-high",
        "伊宁—六十一团山路",
        "n-prefecture",
        "n-farm",
        120_000,
        Terrain.MOUNTAIN,
        closed_months=(12, 1, 2),
        source_mark="U",
    ),
]
SITES = [
    SiteInput(
        SQUARE,
        "伊车嘎善乡中心广场",
        SiteKind.DELIVERY_POINT,
        VILLAGE,
        "654004200",
        Level.TOWNSHIP,
        "n-village",
        contact="马木提",
        phone="0999-1110001",
        shelter_capacity=1_200,
        lat_e6=44_166_000,
        lon_e6=80_572_000,
    ),
    SiteInput(
        SCHOOL,
        "卡拉苏街道小学",
        SiteKind.DELIVERY_POINT,
        "654004001",
        "654004001",
        Level.TOWNSHIP,
        "n-street",
        contact="李红",
        phone="0999-1110002",
        shelter_capacity=500,
    ),
    SiteInput(
        "city-store",
        "霍尔果斯市库",
        SiteKind.WAREHOUSE,
        CITY,
        "654004",
        Level.CITY,
        "n-city",
        lat_e6=44_203_000,
        lon_e6=80_418_000,
    ),
    SiteInput(
        "village-store",
        "伊车嘎善乡储备点",
        SiteKind.RESERVE_POINT,
        VILLAGE,
        "654004200",
        Level.TOWNSHIP,
        "n-village",
        lat_e6=44_168_000,
        lon_e6=80_580_000,
    ),
]
NEEDS = [
    NeedNormInput("N-TENT", TENT, Season.WINTER, Driver.TENTS, 1, 1, DayRule.ONCE, source_mark="A"),
    NeedNormInput("N-QUILT", QUILT, Season.WINTER, Driver.SHELTERED, 2, 1, DayRule.ONCE, source_mark="U"),
    NeedNormInput("N-WATER", WATER, Season.ALL, Driver.PERSONS, 3_000, 1, DayRule.EVERY_DAY, source_mark="P26"),
]
THRESHOLDS = [
    ThresholdInput(2, "dead_or_missing", 50, "P9"),
    ThresholdInput(3, "moved_or_aid", 1_000, "P9"),
    ThresholdInput(4, "moved_or_aid", 200, "A"),
    ThresholdInput(4, "rooms_collapsed", 100, "A"),
]
PARAMETERS = [
    ("first_report_hours", "2"),
    ("first_batch_hours", "12"),
    ("persons_per_tent", "8"),
    ("household_size", "3.2"),
    ("infant_permille", "40"),
    ("elderly_permille", "120"),
    ("women_permille", "250"),
    ("urgency.raise.most_urgent", "1"),
    ("urgency.raise.urgent", "0"),
    ("urgency.raise.normal", "0"),
]
