"""The stories as files, and what the rooms make of them compared with the oracle."""

from __future__ import annotations

import json
from collections import defaultdict
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.demo import scenarios
from supplyops.demo.scenarios import FOLDER, read_scenario, scenario
from supplyops.incidents import queries as incidents
from supplyops.incidents.commands import open_incident
from supplyops.kernel.access import SYSTEM, Permission
from supplyops.kernel.errors import InvalidInput, NotFound
from supplyops.people.tables import Organisation
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind, RoadStatus
from supplyops.places.tables import Location, Site
from supplyops.planning.floors import floors_of
from supplyops.requests import commands as requesting
from supplyops.requests import letter_queries
from supplyops.requests import queries as requests
from supplyops.requests.letter_queries import LetterFilter
from supplyops.requests.rules import RequestState
from supplyops.runtime import Context, Runtime, command
from supplyops.stock.tables import StockBalance
from supplyops.teams import queries as teams
from tests.conftest import Clock
from tests.demo import oracle
from tests.demo.telling import Told

STORIES = ("winter-earthquake", "flash-flood", "snow-cutoff")


def test_the_three_stories_are_there_the_default_first() -> None:
    assert scenarios.names() == STORIES
    with pytest.raises(NotFound):
        scenario("earthquake")


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_by_people_of_the_city_about_places_of_the_city(name: str) -> None:
    story = scenario(name)
    users = {row["用户名"] for row in oracle.rows("users")}
    assert set(story.cast) <= users
    assert [act.at for act in story.acts] == sorted(act.at for act in story.acts)
    assert len(story.acts) == 3 + sum(
        len(group)
        for group in (
            *(story.reports, story.responses, story.roads, story.missions, story.requests, story.letters),
            story.approvals,
        )
    )
    sites = {row["场所代码"]: row for row in oracle.rows("sites")}
    for reporting in story.reports:
        for area in reporting.report.areas:
            assert sites[area.delivery_site_code]["区划代码"] == area.area_code
    assert {word.report.road_code for word in story.roads} <= {row["道路代码"] for row in oracle.rows("roads")}
    assert {note.site_code for note in story.handovers} <= set(sites)
    wanted = oracle.asked(name)
    assert all(note.sku in wanted for note in story.handovers)
    assert [(note.short > 0, note.damaged > 0) for note in story.handovers] == [(True, False), (False, True)]


@pytest.mark.parametrize("name", STORIES)
def test_what_a_story_expects_follows_from_its_figures_and_the_files(name: str) -> None:
    expected = scenario(name).expected
    areas = oracle.story(name)["reports"][-1]["report"]["areas"]
    assert expected.persons == sum(area.get("moved", 0) + area.get("urgent_aid", 0) for area in areas)
    assert expected.places == len(areas)
    assert set(expected.short) == set(oracle.short(name))
    asked, have = oracle.asked(name), oracle.supply(name)
    assert all(sku in have for sku in asked), "nothing is wanted of which there is none at all"


def test_figures_of_the_first_story_by_hand() -> None:
    """Three figures computed on paper keep the oracle honest."""
    needs = oracle.needs("winter-earthquake")
    assert sum(needs[area, "A01002"][1] for area in ("654004200", "654004200903", "654004901")) == 140 + 104 + 95
    assert needs["654004200", "B01001"] == (437, 437), "640 people x 3 L x 3 days in cases of 13.2 L"
    assert needs["654004200903", "A02003"] == (416, 420), "a quilt each, in bales of five"
    assert needs["654004901", "A03003"] == (14, 14), "95 tents x 20 kg x 7 days = 13.3 t"
    assert oracle.asked("winter-earthquake")["A02003"] == 640 + 420 + 460
    # City store: 1150 quilts of the city on the shelf less the floor of 3000 people x 20 %; the 120 bound to a place not counted.
    assert oracle.stock(scenario("winter-earthquake").plan.at.date())["wh-city", "654004", "A02003"] == 1150 - 600


@pytest.mark.parametrize("name", STORIES)
def test_needs_come_out_as_the_oracle_says(name: str, peopled: Runtime, clock: Clock) -> None:
    story = scenario(name)
    clock.now = story.starts_at
    told = Told(peopled, story, clock).tell()
    clock.now = story.plan.at
    planner = told.who(story.plan.by)

    gross = peopled.read(incidents.gross_need, planner, told.incident_id)
    assert {(row.area_code, row.sku): (row.raw, row.packed) for row in gross} == oracle.needs(name)
    assert peopled.read(incidents.suggested_level, planner, told.incident_id) == story.expected.response_level
    head = peopled.read(incidents.incident, planner, str(told.incident_id))
    assert head.response_level == story.expected.response_level

    rows = peopled.read(requests.requests, planner, incident_id=told.incident_id)
    assert {row.state for row in rows} == {RequestState.ACCEPTED}
    assert len(rows) == story.expected.places + len(story.requests)
    accepted: dict[str, int] = defaultdict(int)
    for row in rows:
        for line in row.lines:
            accepted[line.sku] += line.accepted
    assert dict(accepted) == oracle.asked(name)

    net = peopled.read(requests.net_needs, planner, told.incident_id)
    assert {(row.need.area_code, row.need.sku): row.net for row in net} == {
        key: packed for key, (_, packed) in oracle.needs(name).items()
    }
    assert {(row.need.area_code, row.need.sku): row.requested for row in net} == oracle.requested(name)
    assert not any(row.to_draft for row in net), "everything needed is asked for"
    by = told.who(story.needs.by)
    assert peopled.run(requesting.draft_from_needs, by, told.incident_id, story.needs.urgency) == []
    line = next(line for row in rows if row.id in told.drafts for line in row.lines if line.sku == "A02003")
    area = next(row.area_code for row in rows if line in row.lines)
    peopled.run(requesting.record_fulfilment, SYSTEM, line.id, approved=50, loaded=50, delivered=30)
    after = {
        (row.need.area_code, row.need.sku): (row.net, row.delivered, row.on_the_way, row.requested)
        for row in peopled.read(requests.net_needs, planner, told.incident_id)
    }
    wanted, waiting = oracle.needs(name)[area, "A02003"][1], oracle.requested(name)[area, "A02003"]
    assert after[area, "A02003"] == (wanted - 50, 30, 20, waiting - 50)

    assert len(peopled.read(letter_queries.letters, planner, LetterFilter(told.incident_id))) == len(story.letters)
    out = {row.code for row in peopled.read(teams.teams, planner) if row.state == "mobilised"}
    assert out == {step.mission.team_code for step in story.missions}
    shut = {road.code: road.status for road in peopled.read(places.road_states, planner) if road.status != "open"}
    reported = {word.report.road_code for word in story.roads}
    seasonal = {"r-029"} if story.plan.at.month != 7 else set()
    assert set(shut) == reported | seasonal
    assert RoadStatus.CLOSED in shut.values()


def test_floors_in_the_books_are_the_oracles(peopled: Runtime, clock: Clock) -> None:
    """What plans may use, by store, owner and item, agrees with the room that guards the floors."""
    story = scenario("winter-earthquake")
    clock.now = story.opening.at
    told = Told(peopled, story, clock)
    incident_id = peopled.run(open_incident, told.who(story.opening.by), story.opening.incident)
    found = peopled.run(_usable, SYSTEM, incident_id)
    usable = oracle.stock(story.plan.at.date())
    bound = {key: room for key, (room, available) in found.items() if room < available}
    assert len(bound) > 100, "floors bind in most places"
    assert set(usable) == {key for key, (room, _) in found.items() if room}
    bound_to_a_place = ("wh-city", "654004", "A02003")
    assert {key for key, quantity in usable.items() if quantity != found[key][0]} == {bound_to_a_place}
    assert oracle.stock(story.plan.at.date(), ("654004200903",))[bound_to_a_place] == found[bound_to_a_place][0]


@command(Permission.INTERNAL)
def _usable(ctx: Context, incident_id: UUID) -> dict[tuple[str, str, str], tuple[int, int]]:
    """(store, owner, item) -> (on a shelf above the floor, on a shelf), from the books."""
    shelves = (
        select(Site.code, Organisation.code, Item.sku, Site.id, Organisation.id, Item.id)
        .select_from(StockBalance)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == StockBalance.site_id)
        .join(Organisation, Organisation.id == StockBalance.owner_id)
        .join(Item, Item.id == StockBalance.item_id)
        .where(Location.kind == LocationKind.STORAGE)
        .distinct()
    )
    found = {}
    for site, owner, sku, site_id, owner_id, item_id in ctx.session.execute(shelves):
        (floor,) = floors_of(ctx, incident_id, owner_id, [(site_id, item_id)]) or (None,)
        on_hand = _on_shelves(ctx, site_id, owner_id, item_id)
        found[site, owner, sku] = (max(on_hand - (floor.quantity if floor else 0), 0), on_hand)
    return found


def _on_shelves(ctx: Context, site_id: UUID, owner_id: UUID, item_id: UUID) -> int:
    total = (
        select(func.sum(StockBalance.on_hand))
        .join(Location, Location.id == StockBalance.location_id)
        .where(
            StockBalance.site_id == site_id,
            StockBalance.owner_id == owner_id,
            StockBalance.item_id == item_id,
            Location.kind == LocationKind.STORAGE,
        )
    )
    return int(ctx.session.scalar(total) or 0)


def test_a_story_with_faults_is_refused_with_all_of_them() -> None:
    told = json.loads((FOLDER / "flash-flood.json").read_text(encoding="utf-8"))
    told["plan"]["by"] = "approver.city"
    own = [approval["by"] for approval in told["approvals"]].index("approver.city")
    told["plan"]["at"] = "2026-07-18T16:00:00+08:00"
    with pytest.raises(InvalidInput) as refused:
        read_scenario("flash-flood.json", json.dumps(told))
    assert refused.value.code == "scenario_invalid"
    assert {(fault.field, fault.code) for fault in refused.value.fields} == {
        ("plan.at", "before_last_step"),
        (f"approvals.{own}.by", "own_document"),
    }

    told = json.loads((FOLDER / "flash-flood.json").read_text(encoding="utf-8"))
    told["reports"][0]["report"]["areas"][1]["moved"] = -1
    told["needs"]["urgency"] = "now"
    told["letters"][0]["colour"] = "red"
    del told["opening"]["incident"]["name"]
    with pytest.raises(InvalidInput) as refused:
        read_scenario("flash-flood.json", json.dumps(told))
    assert {(fault.field, fault.code) for fault in refused.value.fields} == {
        ("reports.0.report.areas.1.moved", "too_small"),
        ("needs.urgency", "unreadable"),
        ("letters.0.colour", "unknown_field"),
        ("opening.incident.name", "required"),
    }

    with pytest.raises(InvalidInput) as refused:
        read_scenario("flash-flood.json", "{")
    assert [(fault.field, fault.code) for fault in refused.value.fields] == [("1:2", "not_json")]
