"""The ledger against a dictionary, and the faults that this must be able to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from supplyops.stock import ledger
from supplyops.stock.tables import StockMove
from tests.property.ledger_machine import LedgerMachine

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


@pytest.mark.long
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
    monkeypatch.setattr(ledger, attribute, mutate(getattr(ledger, attribute)))
    with pytest.raises(BaseException):  # noqa: B017  whatever way it shows
        explore(10, 25, machine=Quick)
