"""Background work over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supplyops.jobs import commands, queries
from supplyops.jobs.queries import JobRow
from web import view
from web.api.base import answers, authenticated, noun, run, writes

blueprint = noun("jobs", "后台任务:进度、停止")


@blueprint.get("/")
@answers(blueprint, JobRow, many=True)
@authenticated
def jobs() -> Any:
    """可见的后台任务,新的在前。"""
    return view.read(queries.jobs)


@blueprint.get("/<uuid:job_id>")
@answers(blueprint, JobRow)
@authenticated
def job(job_id: UUID) -> Any:
    """一个后台任务。"""
    return view.read(queries.job, job_id)


@blueprint.post("/<uuid:job_id>/cancel")
@writes(blueprint)
@answers(blueprint, JobRow)
@authenticated
def cancel(job_id: UUID) -> Any:
    """请求停止。"""
    run(commands.cancel, job_id)
    return view.read(queries.job, job_id)
