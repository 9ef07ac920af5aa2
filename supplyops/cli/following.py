"""Doing a job here unless a worker took it first, and saying how it goes until it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import UUID

import click

from supplyops.cli.app import App
from supplyops.cli.solving import HANDLERS
from supplyops.cli.worker import Worker

LOOK_EVERY_S = 0.5
FAILED, STOPPED = 1, 130
"""Exit codes: nothing came out; somebody stopped it."""


def follow(app: App, job_id: UUID | None, look: Callable[[], tuple[bool, str]], *, quiet: bool) -> None:
    """Work until `look` says that it is over; what it says besides is shown once, on the error stream. `look` is asked twice
    a second, so it should cost little."""
    here = threading.Thread(target=Worker(app.runtime, app.settings, HANDLERS).work_one, args=(job_id,), daemon=True)
    here.start()
    said = ""
    is_over, text = look()
    while not is_over:
        time.sleep(LOOK_EVERY_S)
        is_over, text = look()
        if text and text != said and not quiet:
            click.echo(text, err=True)
            said = text
    here.join()
