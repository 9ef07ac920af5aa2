"""Measure from the command line.

python -m optimizer.bench route FILE... --seconds S [--seeds 1,2] [--engine supplyops|pyvrp|vroom|ortools] [--format NAME] --json OUT

Exit codes: 0 measured; 1 an answer was missing or broke a rule; 2 a file or an option cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from optimizer.bench.instances import FORMATS, UnreadableInstance
from optimizer.bench.peers import ENGINES, CannotSay
from optimizer.bench.route import measure


def main(words: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    options = _parser().parse_args(words)
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


def _seeds(text: str) -> list[int]:
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
    one.add_argument("--seeds", type=_seeds, default=[1], metavar="1,2", help="default 1")
    one.add_argument("--engine", choices=sorted(ENGINES), default="supplyops")
    one.add_argument("--format", choices=sorted(FORMATS), help="default: the name of the file's folder")
    one.add_argument("--json", type=Path, metavar="OUT", help="write every figure and route here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
