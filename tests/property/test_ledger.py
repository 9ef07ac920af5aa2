"""The ledger against a dictionary, and the faults that this must be able to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from supplyops.places.rules import LocationKind
from supplyops.stock import ledger
from supplyops.stock.tables import StockMove
from tests.property.business_machine import BusinessMachine
from tests.property.ledger_machine import LedgerMachine, stocked

pytestmark = pytest.mark.slow
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def explore(examples: int, steps: int, *, seed: bool = True, machine: type[LedgerMachine] = LedgerMachine) -> None:
    """Play so many sequences; no shrinking, since playing a database-backed machine again costs minutes."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=seed, database=None,
            phases=[Phase.generate], suppress_health_check=CHECKS, print_blob=False,
        ),
    )  # fmt: skip


def test_any_sequence_of_events_leaves_books_that_agree() -> None:
    explore(6, 30)


def test_everything_that_happens_to_goods_leaves_books_that_agree() -> None:
    explore(5, 40, machine=BusinessMachine)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_very_many_sequences_of_everything_leave_books_that_agree() -> None:
    explore(1_000, 60, seed=False, machine=BusinessMachine)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_very_many_sequences_of_events_leave_books_that_agree() -> None:
    explore(1_000, 60, seed=False)


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _without_holds(original: Callable[..., None]) -> Callable[..., None]:
    return lambda ctx, posting, places, lots, held: original(ctx, posting, places, lots, {})


def _first_leg_only(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda legs: original(list(legs)[:1])


def _never_seen(_: Callable[..., Any]) -> Callable[..., list[StockMove]]:
    return lambda ctx, posting_id: []


class _Anything:
    """Equal to everything."""

    def __ne__(self, other: object) -> bool:
        return False


MUTANTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a guarded update that changed nothing passes": ("_count", lambda original: lambda result: 1),
    "a hold that was used stays reserved": ("_change_balances", _without_holds),
    "a hold that was released stays reserved": ("_lower_reserved", lambda original: _nothing),
    "a hold never expires": ("_expire", lambda original: lambda ctx, keys: 0),
    "a hold never closes": ("_close_if_done", lambda original: _nothing),
    "a hold is settled for whatever is asked": ("_settle_holds", lambda original: lambda ctx, posting, fulfils: {}),
    "a posting counts only with its first leg": ("net_changes", _first_leg_only),
    "a posting may come twice": ("_moves_of", _never_seen),
    "a posting of the same id is not compared": ("_content", lambda original: lambda posting: _Anything()),
    "goods may go any way": ("check_directions", lambda original: _nothing),
}  # fmt: skip


class Quick(LedgerMachine):
    """The steps alone must show the fault."""

    verifies = False


def test_the_sound_ledger_passes_what_the_broken_ones_must_not() -> None:
    explore(10, 25, machine=Quick)


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_each_broken_ledger_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attribute, mutate = MUTANTS[name]
    stocked()  # by the sound ledger
    monkeypatch.setattr(ledger, attribute, mutate(getattr(ledger, attribute)))
    with pytest.raises(BaseException):  # noqa: B017  whatever way it shows
        explore(10, 25, machine=Quick)


class QuickBusiness(BusinessMachine):
    """The same with everything that happens to goods."""

    verifies = False


def _asking_where_it_leaves(original: Callable[..., Any]) -> Callable[..., Any]:
    """What stands still is not asked of the place where the goods come to lie."""

    def asked(ctx: Any, posting: Any, places: Any) -> None:
        left = {leg.source_id for leg in posting.legs}
        original(ctx, posting, [place for place in places if place.id in left])

    return asked


WIDER: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "what is recalled goes out": ("refuse_blocked", lambda original: _nothing),
    "a place that stands still is not asked": ("refuse_frozen", lambda original: _nothing),
    "goods come to a place that stands still": ("refuse_frozen", _asking_where_it_leaves),
    "what is written up late may take what was not there": ("refuse_negative", lambda original: _nothing),
    "any event may go any way": ("check_directions", lambda original: _nothing),
    "what is on the road is nobody's": ("REAL_KINDS", lambda original: original - {LocationKind.TRANSIT}),
    "what is set apart is nobody's": ("REAL_KINDS", lambda original: original - {LocationKind.QUARANTINE}),
    "whoever is taken from is not told": ("take_away", lambda original: ledger.release),
    "a kit is made of its first part": ("net_changes", _first_leg_only),
    "a hold that is taken over stays reserved": ("_lower_reserved", lambda original: _nothing),
}


def test_the_sound_ledger_passes_what_the_others_must_not() -> None:
    explore(10, 30, machine=QuickBusiness)


@pytest.mark.parametrize("name", sorted(WIDER))
def test_each_fault_among_everything_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attribute, mutate = WIDER[name]
    stocked()
    monkeypatch.setattr(ledger, attribute, mutate(getattr(ledger, attribute)))
    with pytest.raises(BaseException):  # noqa: B017  whatever way it shows
        explore(25, 30, machine=QuickBusiness)
