"""Verification in a process that has loaded nothing else, so that its size is its own: `python -m tests.bench.alone URL`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from supplyops.cli.compose import metadata
from supplyops.database.engine import Database
from supplyops.verify.books import verify


def largest_kb() -> int:
    """The largest size of this process so far; what getrusage says counts that of whoever started it as well."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])


def main(url: str) -> None:
    """Print seconds, seconds of the processor, things checked, largest size in MB."""
    metadata()
    database = Database(url)
    start, cpu = time.perf_counter(), time.process_time()
    findings = verify(database)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    wrong = [finding for finding in findings if not finding.is_clean]
    if wrong:
        raise SystemExit(f"the books do not verify: {wrong}")
    size_mb = largest_kb() / 1024
    print(json.dumps([seconds, cpu_s, sum(each.checked for each in findings), size_mb]))


if __name__ == "__main__":
    main(sys.argv[1])
