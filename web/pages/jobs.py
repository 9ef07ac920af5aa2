"""Work in the background: what runs, how far it is, and stopping it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from supplyops.jobs import commands, queries
from supplyops.jobs.rules import OPEN_STATES
from supplyops.wording.errors import sentence
from web import view
from web.forms import Form
from web.lists.registers import JOBS
from web.view import signed_in

REFRESH_S = 3


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/jobs", view_func=jobs)
    pages.add_url_rule("/jobs/<uuid:job_id>", view_func=jobs_job)
    pages.add_url_rule("/jobs/<uuid:job_id>/cancel", view_func=cancel_job, methods=["POST"])


@signed_in
def jobs() -> Any:
    """Jobs, newest first."""
    rows = view.read(queries.jobs)
    if file := JOBS.file_of(rows):
        return file
    return view.page("jobs/list.html", rows=rows)


@signed_in
def jobs_job(job_id: UUID) -> Response:
    """One job; the page looks again by itself while it runs."""
    row = view.read(queries.job, job_id)
    response = Form().page("jobs/job.html", row=row, is_open=row.state in OPEN_STATES, told=_told(row))
    if row.state in OPEN_STATES:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


def _told(row: queries.JobRow) -> str:
    """Why it failed, in words."""
    return sentence(str(row.error["code"]), row.error.get("params")) if row.error else ""


@signed_in
def cancel_job(job_id: UUID) -> Response:
    """Ask a job to stop."""
    view.run(commands.cancel, job_id)
    return view.back("pages.jobs_job", "已请求停止", job_id=job_id)
