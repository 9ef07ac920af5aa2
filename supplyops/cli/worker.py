"""The worker: takes jobs from the table, does them as the person who asked, and wakes the timers."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from supplyops.cli.anchoring import seal_when_due
from supplyops.config import Settings
from supplyops.dispatch import watching
from supplyops.jobs import commands as jobs
from supplyops.jobs import queries
from supplyops.jobs.rules import JobState
from supplyops.kernel.access import SYSTEM, Actor
from supplyops.kernel.errors import SupplyError
from supplyops.reservations import commands as reservations
from supplyops.runtime import Runtime

POLL_S = 1.0
BEAT_S = 1.0
EXPIRE_EVERY_S = 60.0
SEAL_EVERY_S = 15.0
"""So often a worker asks whether an anchor is due."""
BEAT_FILE = "worker.beat"
"""A file in the data directory that a worker touches while it lives; `doctor` looks at its age."""
BEAT_STALE_S = 30.0

log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Task:
    """A job in hand: its payload, who asked, and how to report on it. `attempt` fences its result."""

    job_id: UUID
    attempt: int
    payload: dict[str, Any]
    actor: Actor
    report: Callable[[dict[str, Any] | None], bool]
    """Say how far it is (or only that it goes on); False means: stop, it was cancelled."""


class Cancelled(Exception):
    """The job was cancelled while it ran."""


Handler = Callable[[Runtime, Settings, Task], dict[str, Any]]


class Worker:
    """One worker. Any number may run, on any machine that reaches the database."""

    def __init__(self, runtime: Runtime, settings: Settings, handlers: dict[str, Handler]) -> None:
        self._runtime = runtime
        self._settings = settings
        self._handlers = handlers
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self, stop: threading.Event, *, once: bool = False) -> None:
        """Take jobs until told to stop, or until none waits."""
        expired_at = sealed_at = 0.0
        while not stop.is_set():
            self._beat()
            if self._runtime.is_copy():
                stop.wait(POLL_S)
                if once:
                    return
                continue
            if time.monotonic() - expired_at > EXPIRE_EVERY_S:
                self._runtime.run(reservations.expire, SYSTEM)
                self._runtime.run(watching.raise_alerts, SYSTEM)
                expired_at = time.monotonic()
            if time.monotonic() - sealed_at > SEAL_EVERY_S:
                seal_when_due(self._runtime, self._settings)
                sealed_at = time.monotonic()
            if not self.work_one():
                if once:
                    return
                stop.wait(POLL_S)

    def _beat(self) -> None:
        (self._settings.data_dir / BEAT_FILE).touch()

    def work_one(self, job_id: UUID | None = None) -> bool:
        """Do one job; False when none waits."""
        taken = self._runtime.run(jobs.take, SYSTEM, self._name, job_id)
        if taken is None:
            return False
        self._do(*taken)
        return True

    def _do(self, job_id: UUID, attempt: int) -> None:
        row = self._runtime.read(queries.job, SYSTEM, job_id)
        actor = Actor(row.actor_id, is_system=row.actor_id is None, via="job")
        task = Task(job_id, attempt, row.payload, actor, self._reporter(job_id, attempt))
        try:
            result = self._handlers[row.kind](self._runtime, self._settings, task)
        except Cancelled:
            self._runtime.run(jobs.finish, SYSTEM, job_id, attempt, JobState.CANCELLED)
        except SupplyError as error:
            self._runtime.run(
                jobs.finish,
                SYSTEM,
                job_id,
                attempt,
                JobState.FAILED,
                None,
                {"code": error.code, "params": error.params},
            )
        except Exception as error:
            log.exception("job failed", job_id=str(job_id), kind=row.kind)
            self._runtime.run(
                jobs.finish,
                SYSTEM,
                job_id,
                attempt,
                JobState.FAILED,
                None,
                {"code": "internal", "kind": type(error).__name__},
            )
        else:
            self._runtime.run(jobs.finish, SYSTEM, job_id, attempt, JobState.DONE, result)

    def _reporter(self, job_id: UUID, attempt: int) -> Callable[[dict[str, Any] | None], bool]:
        """Progress is written at most once a second; in between the last answer holds."""
        last = {"at": 0.0, "goes_on": True}

        def report(progress: dict[str, Any] | None) -> bool:
            if time.monotonic() - float(last["at"]) >= BEAT_S:
                self._beat()
                last["goes_on"] = self._runtime.run(jobs.beat, SYSTEM, job_id, attempt, progress)
                last["at"] = time.monotonic()
            return bool(last["goes_on"])

        return report
