"""Orders, requests, notes, numbers, missions: what the rooms write verifies, and each planted violation is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from supplyops.dispatch import commands as dispatch
from supplyops.dispatch import handing_over
from supplyops.dispatch.rules import HandoverInput, HandoverLine, LoadInput
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import ResponseInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.tables import Lot
from supplyops.teams import commands as teams
from supplyops.teams.rules import Employment, MissionInput, MissionState, TeamInput, TeamType
from supplyops.verify.books import INVARIANTS, verify
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.arrivals.test_arrivals import Gate
from tests.conftest import START
from tests.dispatch.world import World, build_world
from tests.house import CITY, VILLAGE
from tests.stock.test_store_documents import issue, receipt
from tests.verify.test_tampering import TAMPERING, violated, without_guards


@pytest.fixture
def world(runtime: Runtime) -> World:
    """A plan approved, one order delivered with a difference, one still waiting, a call-off, a mission, store notes."""
    world = build_world(runtime)
    do = runtime.run
    do(incidents.decide_response, world.actor(Role.COMMANDER), world.incident_id, ResponseInput(3, "震级5.8"))
    world.approve(world.plan(world.tents(40), world.water(100)))
    delivered = world.consignment()
    line = world.lines()[0]
    do(dispatch.accept, world.actor(Role.KEEPER), delivered.id)
    do(dispatch.load, world.actor(Role.KEEPER), LoadInput(delivered.id, {line.id: 38}, short_reason="两顶破损"))
    do(dispatch.depart, world.actor(Role.KEEPER), world.shipment().id)
    found = HandoverLine(line.id, 35, damaged=1, refused=1)
    handover = HandoverInput(delivered.id, "古丽", "干事", "13900000009", START, (found,), cause="途中雨淋、少一顶")
    do(handing_over.deliver, world.actor(Role.KEEPER, VILLAGE), handover)
    world.approve(world.plan(world.tents(5), plate="新F10002"))
    world.plan(world.tents(3))
    _go_out(world)
    do(stock.receive, world.actor(Role.KEEPER), receipt())
    gate = Gate(world.house)
    gate.inspect()
    gate.accept()
    (number,) = [row.number for row in world.rows(Lot) if row.id == line.lot_id]
    do(lots.hold_lot, world.actor(Role.KEEPER), LotHoldInput(number, "抽检不合格"))
    return world


def _go_out(world: World) -> None:
    team = TeamInput(
        "t-1", "消防救援大队", TeamType.FIRE, next(iter(Employment)), CITY, "654004", strength_authorised=20, strength_present=20, insurer="人保",
        insurance_policy="P1", insurance_valid_to=(START + timedelta(days=90)).date(),
    )  # fmt: skip
    do = world.runtime.run
    do(teams.save_teams, SYSTEM, [team])
    mission = MissionInput(
        "t-1", 10, "搜救", "伊车嘎善乡", "队部", START + timedelta(hours=1), START + timedelta(hours=3), "现场指挥部"
    )
    mission_id = do(incidents.mobilise_team, world.actor(Role.COMMANDER), world.incident_id, mission)
    do(teams.report_mission, world.actor(Role.DISPATCHER), mission_id, MissionState.CONFIRMED, START, "")


def test_what_the_rooms_write_verifies_and_nothing_is_checked_in_vain(world: World) -> None:
    findings = verify(world.runtime.database)
    assert [finding for finding in findings if not finding.is_clean] == []
    idle = {finding.id for finding in findings if finding.checked == 0}
    assert idle - ELSEWHERE == {"I9"}, "no request came with a key"


ELSEWHERE = {
    "I40",
    "I41",
    "I50",
    "I51",
    "I52",
    "I53",
    "I63",
    "I70",
    "I71",
    "I72",
    "I80",
    "I81",
    "I90",
    "I36",
    "I37",
    "I91",
    "I92",
    "I93",
}
"""What this world has no rows for; violations are planted in the tests of those rooms: counts,
transfers, obligations, recoveries, scraps, reservations, kits, reserves, assets, tasks, deployments, plans, goods fetched at suppliers', files."""


PLANTED = {
    "a number taken for nothing": ("UPDATE number_series SET last = last + 1 WHERE series = 'DB'", {"I22"}),
    "a document number taken for nothing": ("UPDATE number_series SET last = last + 1 WHERE series = 'document'", {"I22"}),
    "a series that forgot": ("DELETE FROM number_series WHERE series = 'RK'", {"I22"}),
    "a series from nowhere": ("INSERT INTO number_series (series, scope, period, last) VALUES ('xx', '654004', '2026', 3)", {"I22"}),
    "a series that gave nothing": ("INSERT INTO number_series (series, scope, period, last) VALUES ('RK', '654004', '20251231', 0)", {"I22"}),
    "a series that gave a number to nobody": ("INSERT INTO number_series (series, scope, period, last) VALUES ('RK', '654004', '20251231', 1)", {"I22"}),
    "a transit place that kept goods": ("UPDATE consignment SET ended_because = 'x' WHERE state = 'delivered'", {"I4", "I21"}),
    "more found than loaded": ("UPDATE consignment_line SET short = 0 WHERE short = 1", {"I4", "I21"}),
    "a paper rewritten": ("UPDATE paper SET content = '{}' WHERE form = 'allocation_slip'", {"I10", "I21"}),
    "two valid versions": ("UPDATE paper SET number = (SELECT min(number) FROM paper WHERE form = 'allocation_slip'), version = 2 WHERE number = (SELECT min(number) FROM paper WHERE form = 'receipt_note')", {"I11"}),
    "an approval without orders": ("UPDATE plan_part SET state = 'approved' WHERE state = 'proposed'", {"I18"}),
    "orders without an approval": ("UPDATE plan_part SET state = 'proposed'", {"I18"}),
    "another quantity than planned": ("UPDATE consignment_line SET quantity = 6 WHERE quantity = 5", {"I12", "I21"}),
    "a call-off nobody planned": ("UPDATE call_off_item SET quantity = quantity + 1", {"I18", "I25"}),
    "the author approves": ("UPDATE plan SET created_by_id = (SELECT approved_by_id FROM release_instruction LIMIT 1)", {"I17"}),
    "a request that says more was approved": ("UPDATE supply_request_line SET approved = approved + 1 WHERE approved > 0", {"I24", "I21"}),
    "a request that says more arrived": ("UPDATE supply_request_line SET delivered = delivered + 1 WHERE delivered > 0", {"I24"}),
    "a contract drawn on for nothing": ("UPDATE contract_line SET called = called + 1", {"I25"}),
    "a note that says something else": ("UPDATE stock_document_line SET actual = actual + 1", {"I26", "I21"}),
    "a load taken in for nothing that was announced": ("DELETE FROM arrival_receipt", {"I32", "I21"}),
    "two loads at one gate": ("UPDATE arrival_load SET ended_at = NULL", {"I32", "I21"}),
    "a zone of two minds": (
        "UPDATE location SET zone = 'A', storage_class = CASE code WHEN 'city-shelf' THEN 'dry' ELSE 'cool' END WHERE code IN ('city-shelf', 'city-quarantine')",
        {"I33", "I21"},
    ),
    "a receipt without its acceptance": ("DELETE FROM acceptance", {"I31", "I21"}),
    "a receipt signed twice by one person": ("UPDATE acceptance SET inspected_at = accepted_at, inspector_name = keeper_name", {"I31", "I21"}),
    "a note reversed by hand": ("UPDATE stock_document SET state = 'reversed' WHERE kind = 'receipt'", {"I26"}),
    "a hold that was used for less": ("UPDATE reservation SET fulfilled = fulfilled - 1 WHERE fulfilled > 0", {"I27", "I21"}),
    "a hold that outlived its order": ("UPDATE reservation SET closed_at = NULL WHERE fulfilled > 0", {"I27", "I3"}),
    "a hold gone": ("DELETE FROM reservation", {"I27", "I21"}),
    "a report left out": ("UPDATE incident_report SET version = 2", {"I28"}),
    "another level than decided": ("UPDATE incident SET response_level = 1", {"I28", "I21"}),
    "a mission that went on by itself": ("UPDATE mission SET state = 'arrived'", {"I29"}),
    "a team that is home while it is out": ("UPDATE rescue_team SET state = 'ready'", {"I29"}),
    "goods expired before they left": ("UPDATE lot SET produced_on = NULL, expires_on = '2026-01-01'", {"I14", "I21"}),
    "goods that left before they came": ("UPDATE stock_move SET occurred_at = '2020-01-01 00:00:00.000000' WHERE reason = 'dispatch'", {"I62"}),
    "stock taken over without a document": ("UPDATE reservation SET taken = released WHERE released > 0 AND fulfilled > 0", {"I63", "I21"}),
    "goods that left while on hold": ("UPDATE lot_status SET after_seq = 0", {"I61", "I21"}),
    "a plan for another incident": ("DELETE FROM incident", {"I20"}),
}  # fmt: skip


def test_each_planted_violation_is_found(world: World) -> None:
    """Each is planted in a transaction of its own that never ends well, so one world serves for all."""
    missed = {}
    with world.runtime.database.writer.connect() as connection:
        for what, (statement, expected) in PLANTED.items():
            with connection.begin() as transaction:
                take_guards_off(connection)
                connection.exec_driver_sql(statement)
                found = {finding.id for finding in run(INVARIANTS, Books(connection)) if not finding.is_clean}
                transaction.rollback()
            if not expected <= found:
                missed[what] = found
    assert not missed
    assert violated(world.runtime.database) == set()


def take_guards_off(connection: Connection) -> None:
    """As somebody with the database's own password could, inside a transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def test_a_posting_reversed_twice_and_a_key_without_an_answer_are_found(world: World) -> None:
    keeper = world.actor(Role.KEEPER).keyed("k1")
    from supplyops.stock.documents import IssueLineInput
    from tests.house import TENT

    document_id = world.runtime.run(stock.issue, keeper, issue(IssueLineInput(TENT, 1)))
    world.runtime.run(stock.reverse_document, world.actor(Role.KEEPER), document_id, "数错")
    assert violated(world.runtime.database) == set()
    without_guards(
        world.runtime.database,
        "UPDATE stock_move SET quantity = quantity + 1 WHERE reverses_id IS NOT NULL",
        "UPDATE request_key SET fingerprint = ''",
    )
    assert {"I23", "I9", "I7", "I26"} <= violated(world.runtime.database)


def test_no_invariant_goes_without_a_planted_violation() -> None:
    planted = {name for _, names in (*PLANTED.values(), *TAMPERING.values()) for name in names}
    planted |= {"I5", "I9", "I23"} | ELSEWHERE
    assert {invariant.id for invariant in INVARIANTS} == planted


def test_an_outage_in_the_ledger_is_found(world: World) -> None:
    without_guards(world.runtime.database, "UPDATE stock_move SET actor_name = ''")
    assert "I8" in violated(world.runtime.database)
    without_guards(
        world.runtime.database,
        "UPDATE stock_move SET quantity = 1000 WHERE reason = 'dispatch'",
        "UPDATE stock_move SET quantity = quantity + 1 WHERE reason = 'opening'",
    )
    assert {"I1", "I2"} <= violated(world.runtime.database)
