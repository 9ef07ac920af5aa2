"""Invariants of rescue tasks: what is said to be for a task is, and what has ended says why."""

from __future__ import annotations

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def tasks(books: Books, finding: Finding) -> None:
    """A task belongs to the body that commands its incident; one that has ended says when and why, one that is open does not;
    the missions counted for it were ordered for its incident."""
    commanding = {row.id: row.organisation_id for row in books.rows("incident", "id", "organisation_id")}
    homes = {}
    for task in books.rows("rescue_task"):
        homes[task.id] = (task.incident_id, task.code)
        same = commanding.get(task.incident_id) == task.organisation_id
        finding.see(same, f"救援任务 {task.code}:指挥单位与事件不符")
        ended = task.ended_at is not None and bool(task.ended_because)
        finding.see(ended == (task.state != "open"), f"救援任务 {task.code}({task.state}):终止时间、原因与状态不符")
    missions = {row.id: row for row in books.rows("mission", "id", "number", "incident_id")}
    for link in books.rows("rescue_task_mission"):
        incident_id, code = homes.get(link.task_id, (None, ""))
        mission = missions.get(link.mission_id)
        belongs = mission is not None and mission.incident_id == incident_id
        finding.see(belongs, f"救援任务 {code}:计入的调动命令不属于同一事件")
