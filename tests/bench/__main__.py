"""Benchmarks in one run: `python3 run.py bench [NAME...]`. Ends with 1 when a stated limit is missed, 2 when a measure broke down."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.bench import books, lists, memory, pages, story, sweep
from tests.bench.report import Measure

MEASURES: dict[str, Callable[[Path], list[Measure]]] = {
    "ledger": books.ledger_speed,
    "ledger-postgresql": books.ledger_speed_on_postgres,
    "writers": books.writers_together,
    "verify": pages.a_million,
    "page": books.stock_page,
    "lists": lists.lists,
    "sweep": sweep.sweep,
    "import": books.import_speed,
    "memory": memory.memory,
    "demo": story.demo,
}


def main() -> int:
    """Measure, print, judge."""
    wanted = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in wanted if name not in MEASURES]
    if unknown:
        print(f"no measure named {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    code = 0
    # On the project's own disk: a folder in memory would make every commit free.
    Path("var").mkdir(exist_ok=True)
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="bench-", dir="var") as folder:
            try:
                measures = MEASURES[name](Path(folder))
            except Exception:
                traceback.print_exc()
                code = 2
                continue
        for measure in measures:
            print(measure, flush=True)
            code = code or int(not measure.is_met)
    return code


if __name__ == "__main__":
    sys.exit(main())
