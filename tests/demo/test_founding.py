"""What a new house has on its first day, before anybody has imported anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplyops.demo.city import DATA
from supplyops.demo.founding import DEFAULTS, complete_parameters, found
from supplyops.exchange.importing import FileRefused, import_file
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.reading import read_file
from supplyops.kernel.access import SYSTEM, Permission
from supplyops.kernel.errors import InvalidInput
from supplyops.norms import commands as norms
from supplyops.norms import queries
from supplyops.norms.meanings import MEANINGS
from supplyops.norms.rules import ParameterInput
from supplyops.people.secret import Passwords
from supplyops.planning.figures import MIDDLE_TYPE, PlanFigures, plan_figures
from supplyops.runtime import Context, Runtime, query


@query(Permission.SIGNED_IN)
def _figures(ctx: Context) -> PlanFigures:
    """What a plan would be made with."""
    return plan_figures(ctx)


def test_a_new_house_has_every_figure_with_its_source(runtime: Runtime) -> None:
    assert [each.username for each in found(runtime, Passwords())] == ["sysadmin", "secadmin", "auditadmin"]
    rows = runtime.read(queries.parameters, SYSTEM)
    assert {row.key for row in rows} == set(MEANINGS)
    assert all(row.source_mark and row.name for row in rows)
    figures = runtime.read(_figures, SYSTEM)
    assert figures.contract_vehicle_type == MIDDLE_TYPE
    assert figures.horizon_s == 7 * 86_400


def test_what_a_house_has_set_stays_and_only_what_is_new_is_added(runtime: Runtime) -> None:
    runtime.run(norms.save_parameters, SYSTEM, [ParameterInput("load_hours", "5", "h", "own", date(1999, 1, 1))])
    assert found(runtime, Passwords())
    (kept,) = [row for row in runtime.read(queries.parameters, SYSTEM) if row.key == "load_hours"]
    assert (kept.value, kept.source_mark) == ("5", "own")
    assert complete_parameters(runtime) == ()
    assert found(runtime, Passwords()) == ()


def test_the_demo_city_and_the_defaults_name_the_same_figures() -> None:
    for path in (DEFAULTS, DATA / "parameters.csv"):
        read = read_file(kind_named("parameters"), path.name, path.read_bytes()).inputs
        assert {each.key for each in read} <= set(MEANINGS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plan.horizon_days", "seven"),
        ("plan.horizon_days", "-1"),
        ("plan.packs_per_minute", "0"),
        ("plan.packs_per_minute", "2.5"),
        ("household_size", "0"),
        ("infant_permille", "1001"),
        ("plan.snow_months", "11,13"),
        ("plan.snow_months", "11、12"),
        ("plan.incompatible_groups", "food+paint"),
        ("oral.paper_hours", "24/0"),
        ("oral.paper_hours", "1e3"),
    ],
)
def test_a_figure_no_rule_could_read_is_refused_where_it_is_written(key: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="parameter_value"):
        ParameterInput(key, value, "", "A", date(2026, 1, 1))


def test_a_slip_in_a_parameters_name_is_told_with_the_name_that_was_meant(runtime: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "parameters.csv"
    file.write_text("参数,数值,来源标记,生效日期\nplan.late_hour,24,A,2026-01-01\n", encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        import_file(runtime, SYSTEM, "parameters", file)
    (problem,) = refused.value.problems
    assert "plan.late_hours" in problem.text
    assert runtime.read(queries.parameters, SYSTEM) == []
