"""Invariants of proposals for teams: what was ordered from one is what it proposed, and counts for its tasks."""

from __future__ import annotations

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def deployments(books: Books, finding: Finding) -> None:
    """A proposal has an answer exactly when it is done, and rows only then. A row that was ordered points at a mission of its
    team, for the proposal's incident, that is counted for its task."""
    numbers = {}
    for row in books.rows("deployment"):
        numbers[row.id] = (row.number, row.state, row.incident_id)
        answered = bool(row.answer) and row.starts_at is not None and row.finished_at is not None
        finding.see(answered == (row.state == "done"), f"派遣建议 {row.number}({row.state}):结果与状态不符")
    missions = {row.id: row for row in books.rows("mission", "id", "number", "team_id", "incident_id")}
    counted = {(row.task_id, row.mission_id) for row in books.rows("rescue_task_mission", "task_id", "mission_id")}
    for duty in books.rows("deployment_duty"):
        number, state, incident_id = numbers.get(duty.deployment_id, ("", "", None))
        where = f"派遣建议 {number} 第 {duty.row_no} 行"
        in_turn = duty.leaves_at <= duty.arrives_at <= duty.released_at
        finding.see(state == "done" and in_turn, f"{where}:没有结果的建议有派遣,或时间先后不对")
        if duty.mission_id is None:
            continue
        mission = missions.get(duty.mission_id)
        same = mission is not None and (mission.team_id, mission.incident_id) == (duty.team_id, incident_id)
        finding.see(same, f"{where}:调动命令不是这支队伍、这个事件的")
        finding.see((duty.task_id, duty.mission_id) in counted, f"{where}:调动命令没有计入任务")
