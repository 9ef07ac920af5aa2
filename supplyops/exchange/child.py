"""The process that reads a file: limits itself, reads what comes in, ends when it has said all.

Started as `python -m supplyops.exchange.child`. One JSON line comes in, and after it the bytes of the file; lines go out: a list
for each row, then one object with the rest, or with why the file was refused.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from supplyops.exchange.limits import CHILD_ADDRESSES_MB, CHILD_SECONDS
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.sheets import Wanted, stream_sheet


def main() -> None:
    """Read what comes in."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit()
    order = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()

    def take(number: int, cells: list[str], kinds: str) -> None:
        answers.write(json.dumps([number, cells, kinds]) + "\n")

    try:
        sheet = stream_sheet(order["file"], data, Wanted(*order["wanted"]), frozenset(order["known"]), take)
    except FileRefused as refused:
        said: dict[str, Any] = {"refused": [_problem(each) for each in refused.problems]}
    except MemoryError:
        said = {"refused": [{"code": "file_too_costly"}]}
    else:
        said = {
            "encoding": sheet.encoding,
            "sheet": sheet.sheet,
            "sheets": sheet.sheets,
            "notes": [(note.text, note.row, note.header) for note in sheet.notes],
            "formulas": sorted(sheet.formulas),
            "errors": sorted(sheet.errors),
        }
    answers.write(json.dumps(said) + "\n")
    answers.close()


def _limit() -> None:
    """What the process forbids itself; whoever started it watches from outside."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_ADDRESSES_MB * 1_048_576,) * 2)
    seconds = round(CHILD_SECONDS) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "row": problem.row,
        "header": problem.header,
        "value": problem.value[:1000],
        "params": dict(problem.params),
    }


if __name__ == "__main__":
    main()
