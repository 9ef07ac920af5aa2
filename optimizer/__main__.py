"""Solve and check from the command line.

python -m optimizer solve PROBLEM.json -o SOLUTION.json [--seconds S | --iterations N] [--seed N] [--emphasis WORD] [--progress]
python -m optimizer insert PROBLEM.json SOLUTION.json LINE.json [--json]
python -m optimizer compare PROBLEM.json BEFORE.json AFTER.json [--json]
python -m optimizer replan PROBLEM.json PREVIOUS.json -o SOLUTION.json [--frozen-problem FILE] [--lock-s S] [--shift-s S] [--json]
python -m optimizer check PROBLEM.json SOLUTION.json
python -m optimizer why PROBLEM.json SOLUTION.json [--offers OFFERS.json] [--seconds S | --trials N] [--seed N] [--json]
python -m optimizer schema problem|solution|advice

Exit codes: 0 solved, or feasible with every stated figure right; 1 the plan is wrong; 2 a file or an option cannot be used.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from optimizer.allocate import open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget, Progress
from optimizer.check import check
from optimizer.codec import from_json, offers_from_json, plain, to_json
from optimizer.comparison import difference, reached
from optimizer.emphasis import Emphasis
from optimizer.explain import gaps
from optimizer.insertions import insertions
from optimizer.model import DemandLine, Problem, ProblemError
from optimizer.remedies import advise
from optimizer.remedy import Advice, Proof
from optimizer.replan import Stability, freeze, replan
from optimizer.schema import schema
from optimizer.solution import Solution
from optimizer.solve import solve
from optimizer.travel import Roads

SECONDS_DEFAULT = 8.0
WHY_SECONDS_DEFAULT = 60.0
REPLAN_SECONDS_DEFAULT = 1.0
COMPARED = (
    "served_persons", "lines_full", "late_lines", "mean_arrival_at", "last_arrival_at", "poorest_permille", "distance_m",
    "vehicles_used", "trips", "cost_fen", "goods_fen", "floors_reached",
)  # fmt: skip


def main(words: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    options = _parser().parse_args(words)
    try:
        if options.command == "solve":
            return _solve(options)
        if options.command == "replan":
            return _replan(options)
        if options.command == "check":
            return _check(options)
        if options.command == "insert":
            return _insert(options)
        if options.command == "compare":
            return _compare(options)
        if options.command == "why":
            return _why(options)
        kinds = {"problem": Problem, "solution": Solution, "advice": Advice}
        print(json.dumps(schema(kinds[options.kind]), indent=2))
        return 0
    except ProblemError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m optimizer", description="Who gets what, from where, by which road."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("solve", help="make a plan for a problem")
    one.add_argument("problem", type=Path, metavar="PROBLEM.json")
    one.add_argument("-o", "--output", type=Path, required=True, metavar="SOLUTION.json")
    limit = one.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, help=f"wall seconds to search (default {SECONDS_DEFAULT:g})")
    limit.add_argument("--iterations", type=int, help="search steps; the same number gives the same plan")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--progress", action="store_true", help="a line of JSON on standard output for each report")
    one.add_argument("--emphasis", choices=[each.value for each in Emphasis], default="usual", help="what is stressed")
    six = commands.add_parser("insert", help="ways to take a late request along with the plan that stands")
    for name in ("problem", "solution", "line"):
        six.add_argument(name, type=Path, metavar=f"{name.upper()}.json")
    six.add_argument("--json", action="store_true", help="the ways as JSON")
    five = commands.add_parser("compare", help="what two plans reach, and who gains or loses by the second")
    for name in ("problem", "before", "after"):
        five.add_argument(name, type=Path, metavar=f"{name.upper()}.json")
    five.add_argument("--json", action="store_true", help="the comparison as JSON")
    _add_replan(commands)
    two = commands.add_parser("check", help="judge a plan independently of how it was found")
    two.add_argument("problem", type=Path, metavar="PROBLEM.json")
    two.add_argument("solution", type=Path, metavar="SOLUTION.json")
    two.add_argument("--json", action="store_true", help="the verdict as JSON")
    three = commands.add_parser("schema", help="the JSON schema of a problem or a solution")
    three.add_argument("kind", choices=["problem", "solution", "advice"])
    four = commands.add_parser("why", help="what would help the lines that are short, proven by solving again")
    four.add_argument("problem", type=Path, metavar="PROBLEM.json")
    four.add_argument("solution", type=Path, metavar="SOLUTION.json")
    four.add_argument("--offers", type=Path, metavar="OFFERS.json", help="goods that exist and are not in the problem")
    most = four.add_mutually_exclusive_group()
    most.add_argument("--seconds", type=float, help=f"wall seconds (default {WHY_SECONDS_DEFAULT:g})")
    most.add_argument("--trials", type=int, help="how often to solve again; the same number gives the same answer")
    four.add_argument("--seed", type=int, default=0)
    four.add_argument("--json", action="store_true", help="the advice as JSON")
    four.add_argument("--progress", action="store_true", help="a line of JSON on standard error for each report")
    return parser


def _add_replan(commands: Any) -> None:
    four = commands.add_parser("replan", help="plan anew from an older plan: what leaves soon stands, few changes")
    four.add_argument("problem", type=Path, metavar="PROBLEM.json")
    four.add_argument("previous", type=Path, metavar="PREVIOUS.json")
    four.add_argument("-o", "--output", type=Path, required=True, metavar="SOLUTION.json")
    four.add_argument(
        "--frozen-problem", type=Path, metavar="FILE", help="write the problem with what stands: check asks for it"
    )
    limit = four.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, help=f"wall seconds to search (default {REPLAN_SECONDS_DEFAULT:g})")
    limit.add_argument("--iterations", type=int, help="search steps; the same number gives the same plan")
    four.add_argument("--seed", type=int, default=0)
    usual = Stability()
    four.add_argument(
        "--lock-s", type=int, default=usual.lock_s, help="what leaves within this stands (default %(default)s)"
    )
    four.add_argument("--shift-s", type=int, default=0, help="so much later the new problem begins (default 0)")
    four.add_argument("--loaded", default="", metavar="1,2", help="trips of the older plan that are loaded already")
    four.add_argument(
        "--change-person-s",
        type=int,
        default=usual.change_person_s,
        help="what a change has to save (default %(default)s)",
    )
    four.add_argument(
        "--changes-permille-max",
        type=int,
        default=usual.changes_permille_max,
        help="most that may change (default %(default)s)",
    )
    four.add_argument(
        "--free-steps", type=int, default=0, help="look so many steps for what calm costs (default 0: not)"
    )
    four.add_argument("--json", action="store_true", help="what changed, as JSON")


def _read(path: Path) -> Any:
    """What is in a file; a mark of byte order before it is passed over."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_each_once)
    except RecursionError:
        raise ValueError(f"{path}: not JSON that can be read: brackets within brackets too many times") from None
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that is in it twice would silently mean the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is twice in one object")
    return found


def _solve(options: argparse.Namespace) -> int:
    problem = from_json(Problem, _read(options.problem))
    asked_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    seconds = options.seconds if options.iterations is None else None
    if options.iterations is None and seconds is None:
        seconds = SECONDS_DEFAULT
    budget = Budget(
        seconds,
        options.iterations,
        keep_going=lambda: not asked_to_stop,
        on_progress=_say if options.progress else lambda _: None,
    )
    _write(options.output, to_json(solve(problem, budget, seed=options.seed, emphasis=Emphasis(options.emphasis))))
    return 0


def _write(path: Path, value: Any) -> None:
    """A reader never sees half a plan."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(path)


def _replan(options: argparse.Namespace) -> int:
    previous = from_json(Solution, _read(options.previous))
    _refuse_strange_loads(previous)
    loaded = _loaded(options.loaded, previous)
    stability = Stability(
        options.lock_s, options.shift_s, loaded, options.change_person_s, options.changes_permille_max
    )
    problem = freeze(from_json(Problem, _read(options.problem)), previous, stability)
    seconds = options.seconds if options.iterations is None else None
    if options.iterations is None and seconds is None:
        seconds = REPLAN_SECONDS_DEFAULT
    budget = Budget(seconds, options.iterations)
    found = replan(problem, previous, budget, stability, seed=options.seed, free_steps=options.free_steps)
    _write(options.output, to_json(found.solution))
    if options.frozen_problem:
        _write(options.frozen_problem, to_json(problem))
    if options.json:
        said = {
            name: plain(getattr(found, name))
            for name in ("delta", "incumbent", "stable", "free", "free_changed_permille")
        }
        said["delta"]["chosen"] = found.delta.chosen
        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        rows = found.delta.allocations
        kinds = {row.what: sum(other.what is row.what for other in rows) for row in rows}
        print(", ".join(f"{count} {what.value}" for what, count in sorted(kinds.items())))
        print(
            f"{found.delta.changed} of {found.delta.assignments} assignments changed: {found.delta.forced} had to,"
            f" {found.delta.chosen} by choice; {len(problem.standing)} trips stand"
        )
    return 0


def _refuse_strange_loads(plan: Solution) -> None:
    """An older plan is of an older problem, so the checker cannot judge it; what is aboard has to be known all the same."""
    known = range(len(plan.allocations))
    strange = [
        f"trip {trip.no} of the older plan: there is no allocation {load.allocation}"
        for trip in plan.trips
        for stop in trip.stops
        for load in stop.loads
        if load.allocation not in known
    ]
    if strange:
        raise ProblemError(strange)


def _loaded(text: str, previous: Solution) -> tuple[int, ...]:
    """Trips of the older plan, by number."""
    known = {str(trip.no): trip.no for trip in previous.trips}
    words = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := [word for word in words if word not in known]:
        raise ProblemError([f"--loaded: the older plan has no trip {word!r}" for word in unknown])
    return tuple(known[word] for word in words)


def _say(progress: Progress) -> None:
    print(json.dumps(asdict(progress)), flush=True)


def _check(options: argparse.Namespace) -> int:
    problem = from_json(Problem, _read(options.problem))
    verdict = check(problem, from_json(Solution, _read(options.solution)))
    if options.json:
        print(json.dumps(to_json(verdict), ensure_ascii=False, indent=1))
    else:
        for violation in verdict.violations:
            print(f"{violation.code} in {violation.where}: {json.dumps(violation.params, ensure_ascii=False)}")
        print(f"{sum(verdict.checked.values())} checks, {len(verdict.violations)} violations")
    return 0 if verdict.is_feasible else 1


def _insert(options: argparse.Namespace) -> int:
    problem, plan = from_json(Problem, _read(options.problem)), from_json(Solution, _read(options.solution))
    if not check(problem, plan).is_feasible:
        raise ProblemError(["the plan is wrong: see check"])
    line = from_json(DemandLine, _read(options.line))
    found = insertions(problem, plan, line)
    if options.json:
        print(json.dumps([plain(one) for one in found], ensure_ascii=False, indent=1))
        return 0
    for one in found:
        offer = one.offer
        clean = "clean" if not one.violations else ", ".join(sorted({each.code for each in one.violations}))
        waits = ", ".join(f"{each.line_id} +{each.seconds} s" for each in offer.delays) or "nobody waits"
        print(f"{offer.way.value}: {offer.serves} at {offer.arrives_at}; {waits}; +{offer.more_fen} fen; {clean}")
        for piece in offer.pieces:
            who = piece.vehicle_id or "the supplier"
            print(f"  {piece.way.value} {who}: {piece.serves} from {piece.source_id} at {piece.arrives_at}")
    print(f"{len(found)} ways")
    return 0


def _compare(options: argparse.Namespace) -> int:
    problem = from_json(Problem, _read(options.problem))
    plans = [from_json(Solution, _read(path)) for path in (options.before, options.after)]
    for plan in plans:
        wrong = [each for each in check(problem, plan).violations if each.code.startswith("unknown_")]
        if wrong:
            raise ProblemError([f"{each.where}: {each.code}" for each in wrong])
    before, after = (reached(problem, plan) for plan in plans)
    found = difference(problem, *plans)
    if options.json:
        said = {"before": plain(before), "after": plain(after), "difference": plain(found)}
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return 0
    for name in COMPARED:
        was, now = getattr(before, name), getattr(after, name)
        print(
            f"{name}: {was} -> {now}" + (f" ({now - was:+d})" if isinstance(was, int) and isinstance(now, int) else "")
        )
    for line in found.lines:
        print(
            f"line {line.line_id}: {line.before} -> {line.after} in time, by {line.arrives_before} -> {line.arrives_after}"
        )
    print("the same plan" if found.is_same else "equal in every figure" if found.is_equal else "different plans")
    return 0


def _why(options: argparse.Namespace) -> int:
    problem = from_json(Problem, _read(options.problem))
    solution = from_json(Solution, _read(options.solution))
    if not check(problem, solution).is_feasible:
        raise ProblemError(["the plan is wrong: see check"])
    net = open_network(problem, Roads(problem))
    # whatever the file says: the checker does not judge reasons
    solution = replace(solution, gaps=gaps(net, Draft(solution.allocations, solution.trips)))
    offers = offers_from_json(_read(options.offers)) if options.offers else ()
    asked_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    seconds = options.seconds if options.trials is None else None
    if options.trials is None and seconds is None:
        seconds = WHY_SECONDS_DEFAULT
    budget = Budget(
        seconds,
        options.trials,
        keep_going=lambda: not asked_to_stop,
        on_progress=_say_aside if options.progress else lambda _: None,
    )
    advice = advise(problem, solution, budget, offers=offers, seed=options.seed)
    if options.json:
        print(json.dumps(to_json(advice), ensure_ascii=False, indent=1))
        return 0
    for remedy in advice.remedies:
        more = ", ".join(f"{effect.line_id} +{effect.more}" for effect in remedy.effects if effect.more > 0)
        less = ", ".join(f"{effect.line_id} {effect.more}" for effect in remedy.losses)
        least = " (least)" if remedy.is_least else ""
        said = f": {more}{f'; but {less}' if less else ''}" if remedy.proof is Proof.PROVEN else ""
        params = json.dumps(remedy.params, ensure_ascii=False)
        print(f"{remedy.proof.value} {remedy.code.value} {params} x {remedy.amount}{least}{said}")
    for check_ in advice.reasons:
        print(f"{check_.line_id} {check_.code.value}: {check_.standing.value}")
    print(f"{advice.trials} trials, ended by {advice.run.stopped_by}")
    return 0


def _say_aside(progress: Progress) -> None:
    print(json.dumps(asdict(progress)), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
