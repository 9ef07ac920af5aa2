"""Measure from the command line.

python -m optimizer.bench route FILE... --seconds S [--seeds 1,2] [--engine supplyops|pyvrp|vroom|ortools] [--format NAME] --json OUT
python -m optimizer.bench allocate --size S|M|L|XL --seed N [--seconds S] --json OUT
python -m optimizer.bench matrix [--nodes 100000 | --roads FILE] --points 500 --seed N --json OUT
python -m optimizer.bench replan --lines 1000 --seed N --event closure|truck|request|stock [--seconds S] --json OUT
python -m optimizer.bench plans [--lines 20,100] [--engines solve,plan,vrp,pyvrp] [--seeds 1] [--seconds S] [--waiting-fen N] --json OUT
python -m optimizer.bench plans --files FILE... [--format NAME] [--seeds 1] [--seconds S] --json OUT
python -m optimizer.bench teams --tasks 100 --teams 80 --seed N [--seconds S] --json OUT

Exit codes: 0 measured; 1 an answer was missing or broke a rule; 2 a file or an option cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optimizer.bench.allocate import allocation
from optimizer.bench.filed import NotAPlan
from optimizer.bench.instances import FORMATS, UnreadableInstance
from optimizer.bench.matrix import drawn, from_file, matrix
from optimizer.bench.peers import ENGINES, CannotSay
from optimizer.bench.plans import CARRIERS, carried, planned, planned_from, rugged
from optimizer.bench.relief import SIZES
from optimizer.bench.replan import EVENTS, replanned
from optimizer.bench.route import measure
from optimizer.bench.teams import measured


def main(words: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    options = _parser().parse_args(words)
    return COMMANDS[options.command](options)


def _matrix(options: argparse.Namespace) -> int:
    try:
        case = from_file(options.roads) if options.roads else drawn(options.nodes, options.seed)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    row = matrix(case, points=options.points, seed=options.seed)
    print(
        f"{row['case']}: {row['nodes']} nodes, {row['roads']} roads, {row['points']} x {row['points']}; order {row['order_seconds']:.2f} s,"
        f" weigh {row['weigh_seconds']:.2f} s, matrix {row['matrix_seconds']:.2f} s, together {row['whole_seconds']:.2f} s; scipy"
        f" {row['peer_seconds']:.2f} s\nafter one closure ({row['pairs_changed']} pairs changed): {row['closure_seconds']:.2f} s; scipy"
        f" {row['peer_closure_seconds']:.2f} s; differences {row['differences']} and {row['differences_closed']}"
    )
    if options.json:
        options.json.write_text(json.dumps(row, indent=1), encoding="utf-8")
    return 1 if row["differences"] or row["differences_closed"] else 0


def _allocate(options: argparse.Namespace) -> int:
    row = allocation(options.size, options.seed, seconds=options.seconds)
    print(
        f"{row['size']} seed {row['seed']}: {row['requests']} requests, {row['pairs']} pairs; build {row['build_seconds']:.2f} s,"
        f" solve {row['solve_seconds']:.2f} s (cpu {row['cpu_seconds']:.2f} s, anew {row['again_seconds']:.2f} s, load {row['load']}),"
        f" peak {row['peak_mb']} MB; worst gap"
        f" {row['gap_percent']:.2f} %, {row['violations']} violations"
    )
    for one in row["stages"]:
        print(f"  {one['stage']:<24} {one['value']:>18,.3f}   bound {one['bound']}   gap {one['gap_percent']}")
    if options.json:
        options.json.write_text(json.dumps(row, indent=1), encoding="utf-8")
    return 1 if row["violations"] else 0


def _route(options: argparse.Namespace) -> int:
    rows = []
    try:
        for row in measure(
            options.files,
            seconds=options.seconds,
            seeds=options.seeds,
            engine=options.engine,
            form=options.format,
        ):
            rows.append(row)
            verdict = "feasible" if row["feasible"] else "no answer" if row["cost"] is None else row["faults"][0]
            print(
                f"{row['instance']:<18} seed {row['seed']:<4} {row['engine']}: cost {row['cost']}"
                f"  cpu {row['cpu_seconds']:.1f} s  {verdict}",
                flush=True,
            )
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    except (UnreadableInstance, CannotSay, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(row["feasible"] for row in rows) else 1


def _teams(options: argparse.Namespace) -> int:
    row = measured(options.tasks, options.teams, options.seed, options.seconds)
    print(
        f"{row['tasks']} tasks x {row['teams']} teams, seed {row['seed']}: {row['seconds']:.2f} s (cpu {row['cpu_seconds']:.2f} s, load"
        f" {row['load']}); {row['covered']} covered by {row['duties']} duties; gap {row['gap_percent']} %,"
        f" {'optimal' if row['is_optimal'] else 'not proven'}, {'all pairs' if row['considers_all'] else 'nearest pairs'};"
        f" {len(row['violations'])} violations"
    )
    for name, value, bound in row["stages"]:
        print(f"  {name:<10} {value:>8}   bound {bound}")
    if options.json:
        options.json.write_text(json.dumps(row, indent=1), encoding="utf-8")
    return 1 if row["violations"] else 0


def _replan(options: argparse.Namespace) -> int:
    row = replanned(options.lines, options.seed, options.event, seconds=options.seconds)
    print(
        f"{row['lines']} lines, {row['trips']} trips, {row['what']}: {row['wall_seconds']:.2f} s (cpu {row['cpu_seconds']:.2f} s, load"
        f" {row['load']}); of {row['assignments']} assignments {row['changed_permille'] / 10} % changed: {row['forced_permille'] / 10} %"
        f" had to, {row['chosen_permille'] / 10} % by choice; {len(row['violations'])} violations"
    )
    for name in ("before", "incumbent", "after", "fresh"):
        served = ", ".join(f"{rank}: {found / 10} %" for rank, found in row[name]["served_permille"].items())
        print(f"  {name:<10} {served}   {row[name]['waiting_person_h']} person-hours, {row[name]['cost_fen']} fen")
    print(f"  fresh: {row['fresh_wall_seconds']:.1f} s, {row['fresh_changed_permille'] / 10} % changed")
    if options.json:
        options.json.write_text(json.dumps(row, indent=1), encoding="utf-8")
    return 1 if row["violations"] else 0


def _plans(options: argparse.Namespace) -> int:
    rows = []
    try:
        for row in _plan_rows(options):
            rows.append(row)
            served = " ".join(f"{found:.1f}" for found in row["in_time_permille"].values())
            late = " ".join(f"{found:.1f}" for found in row["late_permille"].values())
            print(
                f"{row['problem']:<20} seed {row['seed']} {row['engine']:<6} in time {served}; late {late}; money"
                f" {row['money_fen'] / 100:,.0f} yuan: {row['waiting_person_h']:,} person-hours, cost {row['cost_fen'] / 100:,.0f};"
                f" {row['metres'] // 1000:,} km, {row['trips']} trips; cpu {row['cpu_seconds']} s (wall {row['wall_seconds']}, load"
                f" {row['load']})" + (f"; length {row['length']}" if "length" in row else ""),
                flush=True,
            )
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    except (UnreadableInstance, NotAPlan, CannotSay, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if any(row.get("violations") for row in rows) else 0


def _plan_rows(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for seed in options.seeds:
        for path in options.files:
            yield planned_from(path, options.format, seconds=options.seconds, seed=seed)
        for lines in [] if options.files else options.lines:
            problem = rugged(lines, seed, options.waiting_fen)
            for engine in options.engines:
                if engine == "solve":
                    yield planned(problem, seconds=options.seconds, seed=seed)
                else:
                    yield carried(problem, engine, seconds=options.seconds, seed=seed)


def _engines(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= {"solve", *CARRIERS}:
        raise argparse.ArgumentTypeError(f"of solve, {', '.join(CARRIERS)}")
    return names


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 100_000:
        raise argparse.ArgumentTypeError("seconds are above zero")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m optimizer.bench", description="The optimizer measured beside its peers."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("route", help="vehicle routing on public instance files")
    one.add_argument("files", type=Path, nargs="+", metavar="FILE")
    one.add_argument("--seconds", type=_seconds, required=True, help="processor seconds for each file and seed")
    one.add_argument("--seeds", type=_numbers, default=[1], metavar="1,2", help="default 1")
    one.add_argument("--engine", choices=sorted(ENGINES), default="supplyops")
    one.add_argument("--format", choices=sorted(FORMATS), help="default: the name of the file's folder")
    one.add_argument("--json", type=Path, metavar="OUT", help="write every figure and route here")
    goods = commands.add_parser("allocate", help="who gets what from where, on problems drawn at every size")
    goods.add_argument("--size", choices=sorted(SIZES), required=True)
    goods.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    goods.add_argument(
        "--seconds", type=_seconds, metavar="S", help="stop handing out after so long; default: no limit"
    )
    goods.add_argument("--json", type=Path, metavar="OUT", help="write every figure here")
    times = commands.add_parser("matrix", help="travel times between points of a road network, beside scipy's")
    which = times.add_mutually_exclusive_group()
    which.add_argument("--roads", type=Path, metavar="FILE", help="a road file: .osm, .osm.pbf or .geojson")
    which.add_argument("--nodes", type=_whole, default=100_000, metavar="N", help="of a town drawn; default 100000")
    times.add_argument("--points", type=_whole, default=500, metavar="N", help="default 500")
    times.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    times.add_argument("--json", type=Path, metavar="OUT", help="write every figure here")
    again = commands.add_parser(
        "replan", help="a plan made anew after something happened, beside one made from nothing"
    )
    again.add_argument("--lines", type=_whole, default=1_000, metavar="N", help="default 1000")
    again.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    again.add_argument("--event", choices=sorted(EVENTS), required=True)
    again.add_argument("--seconds", type=_seconds, default=1.0, metavar="S", help="wall seconds to search; default 1")
    again.add_argument("--json", type=Path, metavar="OUT", help="write every figure here")
    trips = commands.add_parser("plans", help="the routes of plans, beside other engines on the same goods")
    trips.add_argument("--lines", type=_numbers, default=[20, 100, 300, 1_000], metavar="20,100")
    trips.add_argument("--files", type=Path, nargs="+", default=[], metavar="FILE", help="public files planned instead")
    trips.add_argument("--format", choices=sorted(FORMATS), help="default: the name of the file's folder")
    trips.add_argument(
        "--engines", type=_engines, default=["solve", *CARRIERS], metavar="solve,plan", help="default all"
    )
    trips.add_argument("--seeds", type=_numbers, default=[1], metavar="1,2", help="default 1")
    trips.add_argument("--seconds", type=_seconds, default=5.0, metavar="S", help="processor seconds; default 5")
    trips.add_argument(
        "--waiting-fen", type=int, default=100, metavar="N", help="price of an hour a person waits; default 100"
    )
    trips.add_argument("--json", type=Path, metavar="OUT", help="write every figure here")
    crews = commands.add_parser("teams", help="which team goes to which task")
    crews.add_argument("--tasks", type=_whole, default=100, metavar="N", help="default 100")
    crews.add_argument("--teams", type=_whole, default=80, metavar="N", help="default 80")
    crews.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    crews.add_argument("--seconds", type=_seconds, default=10.0, metavar="S", help="processor seconds; default 10")
    crews.add_argument("--json", type=Path, metavar="OUT", help="write every figure here")
    return parser


def _whole(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 5_000_000:
        raise argparse.ArgumentTypeError("from 1 to 5000000")
    return value


COMMANDS = {
    "plans": _plans,
    "route": _route,
    "allocate": _allocate,
    "matrix": _matrix,
    "replan": _replan,
    "teams": _teams,
}


if __name__ == "__main__":
    sys.exit(main())
