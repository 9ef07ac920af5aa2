"""What was exported is taken in again and changes nothing, KIND by KIND, in both formats."""

from __future__ import annotations

import pytest

from supplyops.exchange.exporting import export_kind
from supplyops.exchange.importing import import_data
from supplyops.exchange.kinds import ALL
from supplyops.kernel.access import SYSTEM
from supplyops.runtime import Runtime
from tests.exchange.city import ROWS, build_city, load


@pytest.fixture
def city(runtime: Runtime) -> Runtime:
    build_city(runtime)
    return runtime


def test_every_kind_goes_out_and_comes_in_unchanged(city: Runtime) -> None:
    for format_name in ("csv", "xlsx"):
        for kind in ALL:
            data = export_kind(city, SYSTEM, kind.name, format_name)
            done = import_data(city, SYSTEM, kind.name, f"{kind.name}.{format_name}", data)
            assert done.rows >= len(ROWS[kind.name]), (kind.name, format_name)
            assert (done.saved.added, done.saved.changed) == (0, 0), (kind.name, format_name)
            assert done.is_no_op
            assert export_kind(city, SYSTEM, kind.name, format_name) == data, kind.name


def test_the_same_file_twice_changes_nothing(city: Runtime) -> None:
    for kind in ALL:
        done = load(city, kind.name, ROWS[kind.name])
        assert (done.saved.added, done.saved.changed, done.saved.unchanged) == (0, 0, len(ROWS[kind.name])), kind.name
