"""Reading a file in a process of its own, watched from outside: time, processor, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from supplyops.exchange.limits import CHILD_MEMORY_MB, CHILD_SECONDS
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.sheet import Note, Row, Sheet
from supplyops.exchange.sheets import Wanted

LOOK_EVERY_S = 0.05
STARVED_TIMES = 3
"""A child that did not get the processor is given so many times its wall limit before it is ended all the same."""
ROOT = Path(__file__).parents[2]


def read_apart(file: str, data: bytes, wanted: Wanted, known: frozenset[str]) -> Sheet:
    """The rows of a file, read by a child. Raises FileRefused, also when the child had to be ended."""
    order = {"file": file, "known": sorted(known), "wanted": [wanted.encoding, wanted.sheet, wanted.header_row]}
    paths = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    with subprocess.Popen(
        [sys.executable, "-m", "supplyops.exchange.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
    ) as child:
        watching = threading.Event()
        threading.Thread(target=_watch, args=(child, watching), daemon=True).start()
        threading.Thread(target=_hand_over, args=(child, order, data), daemon=True).start()
        try:
            answer, rows, types = _listen(child)
        finally:
            watching.set()
            child.kill()
    if answer is None:
        raise FileRefused(file, [Problem("file_too_costly")])
    if "refused" in answer:
        raise FileRefused(file, [Problem(**each) for each in answer["refused"]])
    return Sheet(
        file,
        rows,
        answer["encoding"],
        answer["sheet"],
        tuple(answer["sheets"]),
        [Note(*each) for each in answer["notes"]],
        frozenset((row, place) for row, place in answer["formulas"]),
        frozenset((row, place) for row, place in answer["errors"]),
        types,
    )


def _hand_over(child: subprocess.Popen[bytes], order: dict[str, Any], data: bytes) -> None:
    assert child.stdin is not None
    with suppress(ValueError, OSError):  # a child that was ended reads no more
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.write(data)
        child.stdin.close()


def _listen(child: subprocess.Popen[bytes]) -> tuple[dict[str, Any] | None, list[Row], dict[int, str]]:
    """The child's last word, None when it died without one, and the rows it gave before."""
    rows: list[Row] = []
    types: dict[int, str] = {}
    assert child.stdout is not None
    with suppress(ValueError, OSError):
        for line in child.stdout:
            said = json.loads(line)
            if isinstance(said, dict):
                return said, rows, types
            number, cells, kinds = said
            rows.append((number, cells))
            if kinds:
                types[number] = kinds
    return None, rows, types


def _watch(child: subprocess.Popen[bytes], done: threading.Event) -> None:
    """End a child that takes too much of anything."""
    started = time.monotonic()
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        process = psutil.Process(child.pid)
        while not done.wait(LOOK_EVERY_S):
            wall = time.monotonic() - started
            times = process.cpu_times()
            worked = times.user + times.system
            is_late = worked > CHILD_SECONDS or wall > CHILD_SECONDS * STARVED_TIMES
            if is_late or process.memory_info().rss > CHILD_MEMORY_MB * 1_048_576:
                child.kill()
                return
