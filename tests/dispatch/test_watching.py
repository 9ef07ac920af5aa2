"""An order that is late gets its alert once, and the books say so when one is missing."""

from __future__ import annotations

from supplyops.audit.tables import JournalEntry
from supplyops.dispatch import watching
from supplyops.dispatch.rules import ClockKind
from supplyops.kernel.access import SYSTEM, Role
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.dispatch.world import World
from tests.house import FARM
from tests.verify.test_tampering import violated, without_guards


def test_an_order_that_is_late_gets_one_alert_for_each_time_it_missed(world: World, clock: Clock) -> None:
    run = world.runtime.run
    world.approve(world.plan(world.tents(40)))
    order = world.consignment()
    assert run(watching.raise_alerts, SYSTEM) == 0
    entries = len(world.rows(JournalEntry))
    assert run(watching.raise_alerts, SYSTEM) == 0
    assert len(world.rows(JournalEntry)) == entries, "a watch that found nothing leaves no trace"
    clock.now = order.load_by
    assert run(watching.raise_alerts, SYSTEM) == 0, "until its time it is in time"
    clock.advance(seconds=1)
    assert run(watching.raise_alerts, SYSTEM) == 1
    clock.now = max(order.planned_arrival_at, clock.now)
    clock.advance(minutes=1)
    assert run(watching.raise_alerts, SYSTEM) == 1
    assert run(watching.raise_alerts, SYSTEM) == 0
    told = world.runtime.read(watching.alerts, world.actor(Role.DISPATCHER))
    assert {(row.consignment_number, row.kind) for row in told} == {
        (order.number, ClockKind.LOAD),
        (order.number, ClockKind.ARRIVE),
    }
    assert world.runtime.read(watching.alerts, world.actor(Role.DISPATCHER, FARM)) == [], (
        "other bodies' orders are not told of"
    )
    read, dispatcher = world.runtime.read, world.actor(Role.DISPATCHER)
    codes = {site_id: code for code, site_id in world.house.sites.items()}
    assert {row.origin_site_code for row in told} == {codes[order.origin_site_id]}
    assert len(read(watching.alerts, dispatcher, 200, codes[order.delivery_site_id], True)) == 2
    assert read(watching.alerts, dispatcher, 200, "no-store") == []
    assert all(row.is_open for row in told)
    assert [finding for finding in verify(world.runtime.database) if not finding.is_clean] == []
    without_guards(world.runtime.database, "DELETE FROM overdue_alert WHERE kind = 'load'")
    assert violated(world.runtime.database) == {"I5", "I21"}
    without_guards(world.runtime.database, "UPDATE overdue_alert SET raised_at = due_at")
    assert "I5" in violated(world.runtime.database)


def test_what_nobody_watched_is_no_violation(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(40)))
    clock.advance(days=3)
    (finding,) = [each for each in verify(world.runtime.database) if each.id == "I5"]
    assert finding.is_clean
    assert finding.checked == 2
