"""States of a job."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
ATTEMPTS_MAX = 2


class JobState(StrEnum):
    """A job waits, runs, and ends in one of four ways."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)
