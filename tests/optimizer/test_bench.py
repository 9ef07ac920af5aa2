"""The bench: each format in small, each engine on it, files that are not what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimizer.bench.__main__ import main
from optimizer.bench.instances import UnreadableInstance, read
from optimizer.bench.peers import ENGINES

VRPLIB = """NAME : small
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 10
3 10 10
4 10 0
5 20 0
DEMAND_SECTION
1 0
2 4
3 4
4 4
5 4
DEPOT_SECTION
1
-1
EOF
"""
SOLOMON = """S1

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0       1000          0
    1      0          10         10         0       1000         10
    2      0          20         10       100        200         10
"""
CORDEAU = "2 1 3 2\n0 20\n200 20\n1 1 0 2 7 1 2 1 2\n2 9 0 2 7 1 2 1 2\n3 2 0 2 7 1 2 1 2\n4 0 0 0 0\n5 10 0 0 0\n"
TAILLARD = "// a comment\n2 2 999 0 0 0\n2 5 10 1.0\n1 20 15 1.5\n0 0\n3 4 5\n6 8 5\n"
SPLIT = "3 10\n8 8 4\n0 0\n0 10\n10 0\n10 10\n"
FILES = {
    "cvrp": ("small.vrp", VRPLIB, 74),
    "vrptw_solomon": ("S1.txt", SOLOMON, 40.0),
    "mdvrp": ("p99.txt", CORDEAU, 6.0),
    "hfvrp_taillard": ("H1.txt", TAILLARD, 45.0),
    "sdvrp": ("S1.sd", SPLIT, 68),
}


def place(folder: Path, form: str) -> Path:
    name, text, _ = FILES[form]
    path = folder / form / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def run(*words: str, out: Path) -> tuple[int, list[dict[str, Any]]]:
    code = main(["route", *words, "--json", str(out)])
    return code, json.loads(out.read_text())


@pytest.mark.parametrize("form", FILES)
def test_each_format_is_read_solved_and_judged(form: str, tmp_path: Path) -> None:
    path = place(tmp_path, form)
    code, rows = run(str(path), "--seconds", "0.2", "--seeds", "1,2", out=tmp_path / "out.json")
    assert code == 0
    assert [row["seed"] for row in rows] == [1, 2]
    assert all(row["feasible"] for row in rows)
    assert min(row["cost"] for row in rows) == pytest.approx(FILES[form][2], abs=0.05)
    assert all(row["cpu_seconds"] < 5 for row in rows)


def test_routes_speak_the_numbers_of_the_file(tmp_path: Path) -> None:
    _, (row,) = run(str(place(tmp_path, "cvrp")), "--seconds", "0.1", out=tmp_path / "o.json")
    assert sorted(client for route in row["routes"] for trip in route["trips"] for client in trip) == [2, 3, 4, 5]
    assert {route["depot"] for route in row["routes"]} == {1}
    _, (row,) = run(str(place(tmp_path, "mdvrp")), "--seconds", "0.1", out=tmp_path / "o.json")
    assert {route["depot"]: sorted(route["trips"][0]) for route in row["routes"]} == {4: [1, 3], 5: [2]}
    _, (row,) = run(str(place(tmp_path, "sdvrp")), "--seconds", "0.2", out=tmp_path / "o.json")
    brought: dict[int, int] = {}
    for route in row["routes"]:
        for trip, amounts in zip(route["trips"], route["delivered"], strict=True):
            assert sum(amounts) <= 10
            for client, amount in zip(trip, amounts, strict=True):
                brought[client] = brought.get(client, 0) + amount
    assert brought == {1: 8, 2: 8, 3: 4}


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "supplyops"])
def test_peers_answer_on_the_same_files(engine: str, tmp_path: Path) -> None:
    if engine == "vroom":
        pytest.importorskip("vroom")
    words = [str(place(tmp_path, "cvrp")), str(place(tmp_path, "vrptw_solomon"))]
    code, rows = run(*words, "--seconds", "0.5", "--engine", engine, out=tmp_path / "o.json")
    assert code == 0 and [row["cost"] for row in rows] == [74, 40.0]


def test_windows_of_several_depots_are_read_and_kept(tmp_path: Path) -> None:
    """Both clients of depot 4 lie on one line; the farther has to be served first, the nearer not before 30."""
    clients = "1 1 0 2 7 1 2 1 2 30 99\n2 9 0 2 7 1 2 1 2 0 99\n3 2 0 2 7 1 2 1 2 0 2.5\n"
    path = tmp_path / "mdvrp" / "windows.txt"
    path.parent.mkdir()
    path.write_text(f"6 1 3 2\n0 20\n200 20\n{clients}4 0 0 0 0 0 0 0 1000\n5 10 0 0 0 0 0 0 1000\n")
    code, (row,) = run(str(path), "--seconds", "0.1", out=tmp_path / "o.json")
    assert code == 0
    assert {route["depot"]: route["trips"][0] for route in row["routes"]} == {4: [3, 1], 5: [2]}
    path.write_text(path.read_text().replace("6 1 3 2", "5 1 3 2"))
    with pytest.raises(UnreadableInstance, match="type 5 of Cordeau's files is not read"):
        read(path, "mdvrp")


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strange = tmp_path / "strange" / "x.vrp"
    strange.parent.mkdir()
    strange.write_text("nothing of the kind")
    assert main(["route", str(strange), "--seconds", "1"]) == 2
    assert "no format is named 'strange'" in capsys.readouterr().err
    for form in FILES:
        with pytest.raises(UnreadableInstance, match=r"x\.vrp"):
            read(strange, form)
    assert main(["route", str(tmp_path / "cvrp" / "none.vrp"), "--seconds", "1"]) == 2
    short = tmp_path / "mdvrp" / "short.txt"
    short.parent.mkdir()
    short.write_text("2 1 30 2\n0 20\n0 20\n1 0 0 2 7\n")
    assert main(["route", str(short), "--seconds", "1"]) == 2
    assert "30 clients" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("DIMENSION : 5", "DIMENSION : 6"), "DIMENSION is 6, but NODE_COORD_SECTION has 5 lines"),
        (("DIMENSION : 5", ""), "it has no DIMENSION"),
        (("3 10 10", "3 10 x"), "'3 10 x' are not numbers"),
        (("3 10 10", "3 10 20000000000"), "a coordinate is beyond 2,147,483,647"),
        (("3 10 10", "3 2000000000 2000000000"), "a distance is negative or above"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    path = place(tmp_path, "cvrp")
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    with pytest.raises(UnreadableInstance, match=said):
        read(path)


def test_clients_without_a_vehicle_for_both_are_no_neighbours(tmp_path: Path) -> None:
    path = place(tmp_path, "cvrp")
    allowed = "VEHICLES_ALLOWED_CLIENTS_SECTION\n1 2 3\n2 4 5\nDEPOT_SECTION"
    text = VRPLIB.replace("CAPACITY : 10\n", "CAPACITY : 10\nVEHICLES : 2\n").replace("DEPOT_SECTION", allowed)
    path.write_text(text)
    (table,) = read(path).problem.distance
    assert table[1, 2] == 10, "one vehicle visits both"
    assert table[1, 3] == table[2, 3] == table.max() == 20, "none does"


def test_a_depot_alone_needs_no_vehicle(tmp_path: Path) -> None:
    path = place(tmp_path, "cvrp")
    path.write_text(
        "DIMENSION: 1\nEDGE_WEIGHT_TYPE: EUC_2D\nCAPACITY: 10\nNODE_COORD_SECTION\n1 0 0\nDEMAND_SECTION\n1 0\nDEPOT_SECTION\n1\n-1\nEOF\n"
    )
    code, (row,) = run(str(path), "--seconds", "0.1", out=tmp_path / "o.json")
    assert (code, row["cost"], row["feasible"], row["routes"]) == (0, 0, True, [])


@pytest.mark.parametrize("event", ["closure", "truck", "request", "stock"])
def test_planning_anew_is_measured(event: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "row.json"
    words = ["replan", "--lines", "60", "--seed", "2", "--event", event, "--seconds", "0.2", "--json", str(out)]
    assert main(words) == 0
    row = json.loads(out.read_text())
    assert row["violations"] == []
    assert row["forced_permille"] <= row["changed_permille"]
    assert row["could_not_stay_permille"] > 0 or event == "request"
    first = "1"
    assert row["after"]["served_permille"][first] >= row["incumbent"]["served_permille"][first]
    assert "had to" in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["solve", "plan", "vrp", "pyvrp"])
def test_routes_of_plans_are_measured_by_the_plans_own_objective(engine: str, tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    words = ["plans", "--lines", "18", "--engines", engine, "--seconds", "0.3", "--json", str(out)]
    assert main(words) == 0
    (row,) = json.loads(out.read_text())
    assert row["engine"] == engine and row["trips"] > 0 and row["metres"] > 0
    assert 900 < row["in_time_permille"]["1"] + row["late_permille"]["1"] < 960  # the county has goods for 95 %
    assert 0 <= row["money_fen"] - row["waiting_person_h"] * 100 - row["cost_fen"] < 100
    assert not row.get("violations")


def test_a_file_planned_like_any_problem_has_its_length(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = place(tmp_path, "mdvrp"), tmp_path / "rows.json"
    assert main(["plans", "--files", str(path), "--seconds", "0.1"]) == 2
    assert "not a plan's" in capsys.readouterr().err, "a limit of duration is not one of driving"
    path.write_text(CORDEAU.replace("200 20\n", "0 20\n"))
    assert main(["plans", "--files", str(path), "--seconds", "0.2", "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert (row["length"], row["in_time_permille"]) == (6.0, {"1": 1000.0})
