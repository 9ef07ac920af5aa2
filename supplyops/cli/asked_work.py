"""How a worker does what somebody asked for: read, work outside any transaction, save in one, say why nothing came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from supplyops.cli.worker import Cancelled, Handler, Task
from supplyops.config import Settings
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import SupplyError
from supplyops.planning.asked import WORK_ID
from supplyops.planning.solving import Stopped
from supplyops.runtime import Command, Query, Runtime

Work = Callable[[Runtime, Settings, Task, UUID, Any], tuple[Any, ...]]
"""From the order to what is to be saved. Raises Stopped, or whatever went wrong."""


def asked_handler(
    order: Query[[UUID], Any | None],
    work: Work,
    save: Command[..., bool],
    fail: Command[[UUID, UUID, int, dict[str, Any]], bool],
) -> Handler:
    """A handler for work of `planning.asked`. `order` gives None when nobody waits any more; a result that comes too late changes
    nothing; whatever goes wrong is kept with the work, so that who watches is told."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        work_id = UUID(task.payload[WORK_ID])
        wanted = runtime.read(order, SYSTEM, work_id)
        if wanted is None:
            return {WORK_ID: str(work_id)}
        try:
            found = work(runtime, settings, task, work_id, wanted)
        except Stopped:
            raise Cancelled from None
        except Exception as error:
            runtime.run(fail, SYSTEM, work_id, task.job_id, task.attempt, reason_of(error))
            raise
        if not runtime.run(save, SYSTEM, work_id, task.job_id, task.attempt, *found):
            raise Cancelled
        return {WORK_ID: str(work_id)}

    return handle


def reason_of(error: Exception) -> dict[str, Any]:
    """Why nothing came out, as it is kept and put into words."""
    if isinstance(error, SupplyError):
        return {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
    return {"code": "plan_broken", "params": {"kind": type(error).__name__}}
