"""Invariants of documents: numbers without gaps, orders as approved, notes as posted, missions and responses as reported."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import String

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

SLIP = re.compile(r"^([A-Z]{2})-(.+)-(\d{8})-(\d+)$")
OPEN_ORDER = {"ordered", "accepted"}


def numbers(books: Books, finding: Finding) -> None:
    """Every number that a series has given is on a document, and no document has a number that its series has not given."""
    used = {number for name in books.names for number in _numbers_in(books, name)}
    given: dict[tuple[str, str, str], int] = {}
    for row in books.rows("number_series"):
        given[row.series, row.scope, row.period] = row.last
        shape = _shape(row.series, row.scope, row.period)
        finding.see(
            bool(shape) and row.last > 0, f"编号序列 {row.series}/{row.scope}/{row.period}:不是系统所用的,或没有发过号"
        )
        for sequence in range(1, row.last + 1) if shape else ():
            number = shape.format(sequence)
            finding.see(number in used, f"编号 {number} 已发出,但没有对应的单据")
    for number in used:
        parts = SLIP.match(number)
        if parts and int(parts[4]) > given.get((parts[1], parts[2], parts[3]), 0):
            finding.fail(f"编号 {number} 不是编号序列发出的")


def _numbers_in(books: Books, name: str) -> Iterator[str]:
    kinds = {column.name: column.type for column in books.table(name).c}
    columns = [column for column in ("number", "document_number") if isinstance(kinds.get(column), String)]
    if columns and name != "stock_move":
        for row in books.plain(name, *columns, everything=True):
            yield from filter(None, row)


def _shape(series: str, scope: str, period: str) -> str:
    """How a number of the series is written; empty for one that is not written down as such."""
    if series == "document":
        return f"{scope}〔{period}〕{{}}号"
    if series == "lot":
        return f"{scope}-{period[2:]}-{{:03d}}"
    if series == "opening":
        return f"QC-{scope}-{{:04d}}"
    if series == "YK":
        return f"YK-{scope}-{{:05d}}"
    return f"{series}-{scope}-{period}-{{:04d}}" if re.fullmatch(r"[A-Z]{2}", series) and len(period) == 8 else ""


def approved_lines(books: Books, finding: Finding) -> None:
    """I18: plan lines name lots that there were when the plan was made, on books as they were then; each line of an
    approved part became exactly one order line, a refused or undecided part none."""
    _plans_knew(books, finding)
    approved = {
        (row.plan_id, row.owner_id)
        for row in books.rows("plan_part", "plan_id", "owner_id", "state")
        if row.state == "approved"
    }
    ordered = Counter(row.plan_line_id for row in books.rows("consignment_line", "plan_line_id"))
    instructions = {
        row.id: (row.plan_id, row.owner_id) for row in books.rows("release_instruction", "id", "plan_id", "owner_id")
    }
    for part in approved ^ set(instructions.values()):
        finding.fail(f"方案 {part[0]} 物权单位 {part[1]}:批准与动用指令不对应")
    called: Counter[tuple[Any, ...]] = Counter()
    causes = {
        row.id: instructions.get(row.cause_id)
        for row in books.rows("call_off", "id", "cause_kind", "cause_id")
        if row.cause_kind == "release_instruction"
    }
    for row in books.rows("call_off_item"):
        if row.call_off_id in causes:
            called[causes[row.call_off_id], row.contract_line_id, row.request_line_id, row.quantity] += 1
    for row in books.rows("plan_line"):
        part = (row.plan_id, row.owner_id)
        if row.source_kind == "lot" or row.trip_no is not None:
            found = ordered[row.id]
        else:
            key = (part, row.contract_line_id, row.request_line_id, row.quantity)
            found = 1 if called[key] else 0
            called[key] -= found
        finding.see(
            found == (part in approved), f"方案明细 {row.id}:{'已' if part in approved else '未'}批准,下达 {found} 次"
        )


def _plans_knew(books: Books, finding: Finding) -> None:
    made = {row.id: row.created_at for row in books.rows("lot", "id", "created_at")}
    plans = {row.id: row for row in books.rows("plan", "id", "number", "created_at", "heads")}
    for row in books.rows("plan_line", "id", "plan_id", "lot_id"):
        if row.lot_id is not None:
            known = made.get(row.lot_id)
            right = known is not None and known <= plans[row.plan_id].created_at
            finding.see(right, f"方案明细 {row.id}:批次 {row.lot_id} 在编制方案时还不存在")
    for plan in plans.values():
        for shard, then in plan.heads.items():
            if then["seq"]:
                same = list(books.raw("stock_move", "hash", where={"shard": shard, "shard_seq": then["seq"]}))
                right = bool(same) and same[0].hash == then["hash"]
                finding.see(right, f"方案 {plan.number}:所依据的链 {shard} 第 {then['seq']} 环与现在的不同")


def stock_notes(books: Books, finding: Finding) -> None:
    """What a store's note says came or went is what was posted under it; a reversed note was posted back."""
    moved: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    for document, quantity, reverses in books.plain("stock_move", "document_id", "quantity", "reverses_id"):
        (moved if reverses is None else back)[document] += quantity
    said: dict[str, int] = defaultdict(int)
    for document, actual, rejected in books.plain("stock_document_line", "document_id", "actual", "rejected"):
        said[document] += actual + rejected
    for document, number, kind, state in books.plain("stock_document", "id", "number", "kind", "state"):
        came, noted = moved.get(document, 0), said.get(document, 0)
        finding.see(kind == "opening" or came == noted, f"{number}:单上合计 {noted},流水合计 {came}")
        returned = came if state == "reversed" else 0
        finding.see(
            back.get(document, 0) == returned, f"{number}({state}):冲回 {back.get(document, 0)},应为 {returned}"
        )


def holds(books: Books, finding: Finding) -> None:
    """The hold behind an order line was used for exactly what was loaded, and ends with the order.

    A hold that ran out before loading was used for nothing: the goods came from what was free. One that a count has cut
    was used for no more than was left of it.
    """
    orders = {row.id: row for row in books.rows("consignment", "id", "state", "loaded_at")}
    reservations = {row.id: row for row in books.rows("reservation")}
    cut: Counter[UUID] = Counter()
    for row in books.rows("stock_count_hit", "reservation_id", "quantity"):
        cut[row.reservation_id] += row.quantity
    for row in books.rows("consignment_line"):
        if row.call_off_item_id is not None:
            finding.see(row.reservation_id is None, f"调拨明细 {row.id}:到供方自提,不应有预留单")
            continue
        hold = reservations.get(row.reservation_id)
        if hold is None:
            finding.see(False, f"调拨明细 {row.id}:没有预留单")
            continue
        order = orders[row.consignment_id]
        ran_out = bool(order.loaded_at and hold.closed_at and hold.expires_at <= hold.closed_at <= order.loaded_at)
        expected = 0 if ran_out else min(row.loaded, hold.quantity - cut[hold.id])
        finding.see(hold.fulfilled == expected, f"调拨明细 {row.id}:装车 {row.loaded},预留单兑现 {hold.fulfilled}")
        most = hold.quantity - hold.taken
        finding.see(row.loaded <= most, f"调拨明细 {row.id}:装车 {row.loaded},预留未被接管的只有 {most}")
        is_over = order.state not in OPEN_ORDER
        finding.see(not is_over or hold.closed_at is not None, f"调拨明细 {row.id}:单据已过装车,预留仍在")


def responses(books: Books, finding: Finding) -> None:
    """Reports of an incident count 1, 2, 3; its level is the one decided last; a closed one has none."""
    versions: dict[UUID, list[int]] = defaultdict(list)
    for row in books.rows("incident_report", "incident_id", "version", order=("incident_id", "version")):
        versions[row.incident_id].append(row.version)
    level = {
        row.incident_id: row.level for row in books.rows("incident_response", "incident_id", "level", order=("seq",))
    }
    for row in books.rows("incident", "id", "number", "state", "response_level"):
        finding.see(versions[row.id] == list(range(1, len(versions[row.id]) + 1)), f"{row.number}:报告版本有缺")
        right = row.response_level == level.get(row.id) and not (
            row.state == "closed" and row.response_level is not None
        )
        finding.see(right, f"{row.number}:响应级别 {row.response_level},最后决定 {level.get(row.id)}")


def missions(books: Books, finding: Finding) -> None:
    """A mission stands where it was last reported; a team is out exactly while it has a mission that goes on."""
    last = {row.mission_id: row.state for row in books.rows("mission_step", "mission_id", "state", order=("seq",))}
    out = set()
    for row in books.rows("mission", "id", "number", "team_id", "state"):
        finding.see(row.state == last.get(row.id), f"任务 {row.number}:状态 {row.state},最后回报 {last.get(row.id)}")
        if row.state not in {"returned", "declined", "cancelled"}:
            finding.see(row.team_id not in out, f"任务 {row.number}:队伍同时有两项任务")
            out.add(row.team_id)
    for row in books.rows("rescue_team", "id", "code", "state"):
        finding.see((row.state == "mobilised") == (row.id in out), f"队伍 {row.code}:状态 {row.state} 与任务不符")
