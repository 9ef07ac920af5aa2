"""The days before a story and what waits after it: every room of the store has something in it, and the books stay right."""

from __future__ import annotations

from datetime import datetime

from supplyops.arrivals.tables import Arrival
from supplyops.assets import due_queries
from supplyops.assets import queries as assets
from supplyops.counts import queries as counts
from supplyops.counts.queries import CountFilter
from supplyops.counts.rules import CountState
from supplyops.demo import city, desks, diary, foresight
from supplyops.demo.scene import Scene
from supplyops.insight.queries import board, work
from supplyops.kernel.access import SYSTEM
from supplyops.kits.tables import KitWork
from supplyops.lots.queries import recalls
from supplyops.obligations import queries as obligations
from supplyops.planning import reserve_advising, reserving
from supplyops.planning.reserve_facts import reserve_facts
from supplyops.recoveries import queries as recoveries
from supplyops.recoveries.queries import DueFilter
from supplyops.reserves import queries as reserves
from supplyops.reserves.views import AdequacyFilter
from supplyops.rotations import queries as rotations
from supplyops.runtime import Runtime
from supplyops.scraps import commands as scrapping
from supplyops.scraps import queries as scraps
from supplyops.scraps.rules import ScrapBody, ScrapDecisionInput, ScrapState
from supplyops.stock.rules import AssetState
from supplyops.transfers import queries as transfers
from supplyops.transfers.rules import TransferState
from supplyops.upkeep import queries as upkeep
from supplyops.verify.books import verify
from tests.conftest import Clock


class Moving:
    """The clock of the tests, set like a story's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self) -> datetime:
        return self._clock.now

    def move_to(self, moment: datetime) -> None:
        self._clock.now = max(self._clock.now, moment)


def test_every_room_of_the_store_has_something_in_it(peopled: Runtime, clock: Clock) -> None:
    starts_at = clock.now + diary.LEAD
    diary.keep(Scene(peopled, Moving(clock), starts_at))
    clock.now = max(clock.now, starts_at)
    desks.fill(Scene(peopled, Moving(clock), starts_at))
    clerk = city.actor(peopled, "clerk.city")

    found = peopled.read(transfers.transfers, clerk)
    assert {row.state for row in found} == set(TransferState) & {
        TransferState.DRAFT, TransferState.APPROVED, TransferState.SENT, TransferState.RECEIVED
    }  # fmt: skip
    (debt,) = peopled.read(obligations.obligations, clerk)
    assert debt.is_overdue
    states = [row.state for row in peopled.read(counts.counts, clerk, CountFilter())]
    assert sorted(states) == [CountState.POSTED, CountState.SUBMITTED]
    tents, jackets = sorted(peopled.read(recoveries.recovery_dues, clerk, DueFilter()), key=lambda due: due.sku)
    assert (tents.outstanding, jackets.outstanding) == (2, 1)
    assert [row.to_repair for row in peopled.read(recoveries.recoveries, clerk)] == [1]
    by_state = peopled.read(assets.count_by_state, clerk)
    assert (by_state[AssetState.LENT], by_state[AssetState.OUT_OF_ORDER]) == (2, 1)
    assert any(row.is_overdue for row in peopled.read(due_queries.assets_due, clerk, only_overdue=True))
    assert [row.state.value for row in peopled.read(recalls, clerk)] == ["open"]
    assert sorted(row.state.value for row in peopled.read(rotations.rotations, clerk)) == ["done", "proposed"]
    assert len(peopled.read(upkeep.findings, clerk)) == 1
    _everybody_sees_what_waits(peopled)
    _agree_to_scrap(peopled)
    with peopled.database.read() as session:
        assert session.query(KitWork).count() == session.query(Arrival).count() == 1
    assert [finding.id for finding in verify(peopled.database) if not finding.is_clean] == []


def _everybody_sees_what_waits(runtime: Runtime) -> None:
    """The boards count what the diary left open, and the list behind a number holds as many rows."""
    waiting = {
        "approver.city": {"rotations_to_decide": 1, "late_to_decide": 1, "transfers_to_approve": 1, "scraps_to_approve": 1},
        "keeper.city": {"assets_overdue": 1, "putaway_waiting": 2, "transfers_to_send": 1, "rotations_to_carry_out": 0},
        "reviewer.city": {"counts_to_decide": 1},
    }  # fmt: skip
    for username, numbers in waiting.items():
        reader = city.actor(runtime, username)
        tiles = {tile.code: tile for section in runtime.read(board, reader) for tile in section.tiles}
        assert {code: tiles[code].number for code in numbers} == numbers, username
        for code in numbers:
            if tiles[code].noun == "work":
                assert len(runtime.read(work, reader, code)) == numbers[code]


def _agree_to_scrap(runtime: Runtime) -> None:
    """The two of the four bodies that have not spoken yet agree too: every chain of approval has its people."""
    number = next(row.number for row in runtime.read(scraps.scraps, SYSTEM) if row.state is ScrapState.APPRAISED)
    for body, organisation, by in (
        (ScrapBody.FINANCE, "654004-03", "approver.finance"),
        (ScrapBody.STORE, "654004", "approver.city"),
    ):
        runtime.run(scrapping.decide, city.actor(runtime, by), ScrapDecisionInput(number, body, organisation))
    assert runtime.read(scraps.scrap, SYSTEM, number).state is ScrapState.APPROVED


def test_the_city_looks_ahead_and_counts_what_society_has(peopled: Runtime, clock: Clock) -> None:
    scene = Scene(peopled, Moving(clock), clock.now)
    foresight.look_ahead(scene, lambda: None)
    clerk = city.actor(peopled, "clerk.city")
    assert [row.code for row in peopled.read(reserving.reserve_scenarios, clerk)] == ["DZ-6", "HS-1"]
    (advice,) = peopled.read(reserve_advising.reserve_advices, clerk)
    assert advice.organisation_code == foresight.CITY
    facts = peopled.read(reserve_facts, clerk, advice.id)
    assert {item.id for item in facts.problem.items} and facts.problem.budget_fen == foresight.ASKED.budget_fen
    social = {row.sku: row.social for row in peopled.read(reserves.adequacy, clerk, AdequacyFilter()) if row.social}
    assert social == {"A02005": 120, "C01005": 60}
