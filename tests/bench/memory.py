"""What a server holds in memory while people work with it for some minutes: it must not grow with what it has answered."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

from supplyops.cli.compose import metadata
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.kernel.access import ANONYMOUS, Role
from supplyops.people import commands as people
from supplyops.people.secret import token, token_digest
from tests.bench.report import Measure
from tests.crash.test_kill import Server, stocked
from tests.house import CITY, CITY_STORE, TENT, House

SECONDS = 300
WARM_UP_S = 40
"""After these each page has been made once in each thread, and what is kept for the next time is kept."""
READS_A_SECOND, WRITES_A_SECOND = 16, 3
READERS = 4
GROWTH = 1.1
COOKIES = ("supplyops", "__Host-supplyops")
"""The session under either of its names: which one a site takes depends on its address."""
READ = (
    "/", "/stock", "/stock/lots", "/stock/moves", "/stock/documents", "/search?text=zp", "/search/suggest?text=A0",
    "/orders/consignments", "/notices", "/api/v1/stock/rows", "/stock/reservations",
)  # fmt: skip


def memory(folder: Path, seconds: float = SECONDS) -> list[Measure]:
    """The resident memory of a real server process at the beginning, in the middle and at the end of a steady load."""
    url = f"sqlite:///{folder / 'memory.db'}"
    database = Database(url)
    metadata()
    schema.upgrade(database)
    house, program = stocked(database)
    person = {"Cookie": "; ".join(f"{name}={_session(house)}" for name in COOKIES)}
    database.dispose()
    server = Server(url, folder)
    server.start()
    try:
        load = _Load(server, program, person)
        sizes = load.run(seconds)
    finally:
        server.kill()
    start, middle, end = (statistics.median(part) for part in (sizes[:5], sizes[len(sizes) // 2 - 2 :][:5], sizes[-5:]))
    said = f"server over {seconds:.0f} s, {load.reads:,} pages and {load.writes:,} issues answered"
    return [
        Measure(f"{said}: resident at the beginning", start, "MB"),
        Measure(f"{said}: resident in the middle", middle, "MB"),
        Measure(f"{said}: resident at the end", end, "MB", maximum=start * GROWTH),
        Measure("answers that were refused or failed", float(load.failed), "", maximum=0),
    ]


def _session(house: House) -> str:
    """A session as signing in begins it."""
    actor = house.actor(Role.KEEPER)
    assert actor.user_id is not None
    fresh = token()
    house.runtime.run(people.open_session, ANONYMOUS, actor.user_id, token_digest(fresh), token(), "")
    return fresh


class _Load:
    """So many requests a second from a few threads; a slow answer delays the next one of its thread only."""

    def __init__(self, server: Server, program: dict[str, str], person: dict[str, str]) -> None:
        self._server, self._program, self._person = server, program, person
        self._lock, self._stop = threading.Lock(), threading.Event()
        self.reads = self.writes = self.failed = 0

    def run(self, seconds: float) -> list[float]:
        """Works for so long; gives the resident memory in MB once a second after the warming up."""
        threads = [
            threading.Thread(target=self._work, args=(self._read, READS_A_SECOND / READERS, n)) for n in range(READERS)
        ]
        threads.append(threading.Thread(target=self._work, args=(self._write, WRITES_A_SECOND, 0)))
        for thread in threads:
            thread.start()
        sizes = []
        until = time.monotonic() + WARM_UP_S + seconds
        try:
            while time.monotonic() < until:
                time.sleep(1)
                if time.monotonic() > until - seconds:
                    sizes.append(resident_mb(self._server.pid))
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        return sizes

    def _work(self, do: Callable[[int], bool], a_second: float, number: int) -> None:
        turn = number
        while not self._stop.is_set():
            start = time.monotonic()
            turn += 1
            try:
                is_answered = do(turn)
            except (OSError, http.client.HTTPException):
                is_answered = False
            with self._lock:
                self.failed += not is_answered
            self._stop.wait(max(0.0, 1 / a_second - (time.monotonic() - start)))

    def _read(self, turn: int) -> bool:
        path = READ[turn % len(READ)]
        headers = self._program if path.startswith("/api") else self._person
        status, _ = self._server.ask("GET", path, headers, None)
        with self._lock:
            self.reads += 1
        return status == 200

    def _write(self, turn: int) -> bool:
        body = {
            "kind": "distribution", "site_code": CITY_STORE, "owner_code": CITY, "recipient": "受灾群众", "purpose": "安置",
            "lines": [{"sku": TENT, "quantity": 1}],
        }  # fmt: skip
        headers = {**self._program, "Idempotency-Key": f"memory-{turn}"}
        status, _ = self._server.ask("POST", "/api/v1/stock-documents/issues", headers, body)
        with self._lock:
            self.writes += 1
        return status == 201


def resident_mb(pid: int) -> float:
    """What a process holds in memory now."""
    said = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(said.split("VmRSS:")[1].split()[0]) / 1024
