"""kill -9 of the real server while programs write: whatever was answered is there, whatever was not is there once or not at all.

Each writer sends the same request with the same key again until it is answered, as a phone on a bad network does.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from supplyops.database.engine import Database
from supplyops.kernel.access import Role
from supplyops.people import commands as people_commands
from supplyops.people import queries as people
from supplyops.people.secret import token, token_digest
from supplyops.runtime import Runtime
from supplyops.stock.tables import StockDocument
from supplyops.verify.books import verify
from tests.house import CITY, CITY_STORE, TENT, House, build_house

pytestmark = pytest.mark.slow
WRITERS = 3
KILLS = 2
KILLS_LONG = 60
PIECES = 1_000_000
PATIENCE_S = 60


class Server:
    """The site as operators start it, in a process that can be killed."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._environ = {**os.environ, "SUPPLYOPS_DATA_DIR": str(folder), "SUPPLYOPS_DATABASE_URL": url}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "supplyops", "serve", "--no-worker", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, env=self._environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                if self.ask("GET", "/healthz", {}, None)[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def ask(self, method: str, path: str, headers: dict[str, str], body: object) -> tuple[int, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content[:1] in b"{[" else content
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from None
        finally:
            connection.close()


class Writer(threading.Thread):
    """Issues one piece after the other; a request that was not answered is sent again with its key."""

    def __init__(self, server: Server, number: int, headers: dict[str, str]) -> None:
        super().__init__()
        self.number, self._server, self._headers = number, server, headers
        self.stop = threading.Event()
        self.answered: dict[str, str] = {}
        self.sent_again = 0
        self.refused: list[object] = []

    def run(self) -> None:
        body = {
            "kind": "distribution", "site_code": CITY_STORE, "owner_code": CITY, "recipient": "受灾群众", "purpose": "安置",
            "lines": [{"sku": TENT, "quantity": 1}],
        }  # fmt: skip
        turn = 0
        while not self.stop.is_set():
            turn += 1
            key = f"writer-{self.number}-{turn}"
            while key not in self.answered and not self.refused:
                try:
                    status, answer = self._server.ask(
                        "POST", "/api/v1/stock-documents/issues", {**self._headers, "Idempotency-Key": key}, body
                    )
                except OSError:
                    self.sent_again += 1
                    time.sleep(0.1)
                    continue
                if status == 201:
                    assert isinstance(answer, dict)
                    self.answered[key] = answer["number"]
                elif status != 503:
                    self.refused.append(answer)


def stocked(database: Database) -> tuple[House, dict[str, str]]:
    """A house whose clock is the server's, and the headers of a keeper's program."""
    house = build_house(Runtime(database, people.principal))
    house.stock(house.lot(), PIECES)
    fresh = token()
    house.runtime.run(people_commands.issue_token, house.actor(Role.KEEPER), "test", token_digest(fresh), 30)
    return house, {"Authorization": f"Bearer {fresh}"}


def kill_again_and_again(database: Database, url: str, folder: Path, kills: int) -> None:
    house, headers = stocked(database)
    server = Server(url, folder)
    server.start()
    writers = [Writer(server, number, headers) for number in range(WRITERS)]
    chance = random.Random(11)
    for writer in writers:
        writer.start()
    try:
        for _ in range(kills):
            before = sum(len(writer.answered) for writer in writers)
            until = time.monotonic() + PATIENCE_S
            while sum(len(writer.answered) for writer in writers) < before + 2 * WRITERS and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.4))
            server.kill()
            server.start()
    finally:
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join(PATIENCE_S)
        server.kill()
    assert not any(writer.is_alive() for writer in writers)
    assert [writer.refused for writer in writers] == [[]] * WRITERS
    assert sum(writer.sent_again for writer in writers) >= kills, "requests were cut off"
    numbers = [number for writer in writers for number in writer.answered.values()]
    assert len(set(numbers)) == len(numbers) > kills
    with database.read() as session:
        kept = set(session.scalars(select(StockDocument.number).where(StockDocument.kind == "issue")))
        issued = session.scalar(select(func.count()).select_from(StockDocument).where(StockDocument.kind == "issue"))
    assert kept == set(numbers), "answered and kept are the same: nothing lost, nothing twice"
    assert issued == len(numbers)
    assert house.actor(Role.KEEPER)
    assert [finding for finding in verify(database) if not finding.is_clean] == []


def test_what_was_answered_before_a_kill_is_there_and_nothing_is_there_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    kill_again_and_again(database, database_url, tmp_path, KILLS)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_very_many_kills(database: Database, database_url: str, tmp_path: Path) -> None:
    kill_again_and_again(database, database_url, tmp_path, KILLS_LONG)
