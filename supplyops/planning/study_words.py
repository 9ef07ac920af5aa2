"""The tables of a plan's studies in words, as they are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from supplyops.kernel.clock import beijing
from supplyops.papers.contents import PlanStudyRow
from supplyops.planning.alternatives import PlanAlternativesRow
from supplyops.planning.changes import Gains, GoodsChange, PlanChanges
from supplyops.planning.comparing import LineFareRow
from supplyops.planning.insertions import OfferRow, PieceRow, PlanInsertionsRow
from supplyops.wording.labels import LABELS, label
from supplyops.wording.measures import measure_rows
from supplyops.wording.offers import delayed_stops, late_word

QUIET = {"frozen", "kept"}
"""Assignments that nobody has to be told of."""


@dataclass(frozen=True, slots=True)
class Study:
    """What a paper says."""

    title: str
    plan: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[PlanStudyRow, ...]
    note: str


def of_alternatives(row: PlanAlternativesRow) -> Study:
    """Every measure of the plan and its variants, then every line that fares differently in one of them."""
    shown = [each for each in row.variants if each.figures is not None]
    lines = [
        PlanStudyRow(
            (f"{each.prefix}{each.label}", each.base, *(f"{cell.text} {cell.delta}".strip() for cell in each.cells))
        )
        for each in measure_rows(row.base, [each.figures for each in shown])
    ]
    fares: dict[tuple[str, int], tuple[LineFareRow, dict[int, int]]] = {}
    for place, each in enumerate(shown):
        assert each.figures is not None
        for fare in each.figures.lines:
            if fare.before != fare.after:
                known = fares.setdefault((fare.request_number, fare.request_line_no), (fare, {}))
                known[1][place] = fare.after
    for fare, after in fares.values():
        told = (f"{after.get(place, fare.before):,}" for place in range(len(shown)))
        name = f"{fare.delivery_site_name} {fare.item_name}（{fare.unit}）按时"
        lines.append(PlanStudyRow((name, f"{fare.before:,}", *told)))
    facts = ["同一份问题按三种侧重求解，类别先后、到达期限和安全规则不变，全部经独立校核。"]
    if row.all_equal:
        facts.append("三个备选方案与本方案各项指标全部相同。")
    facts += [f"{label(each.origin)}已采用为 {each.adopted_as}。" for each in row.variants if each.adopted_as]
    return Study(
        "备选方案比较表", row.plan.number, tuple(facts), ("指标", "本方案", *(label(each.origin) for each in shown)), tuple(lines),
        "差值为与本方案相比。采用任一方案后成为新的待审批方案，原方案不再审批。",
    )  # fmt: skip


def of_changes(row: PlanChanges) -> Study:
    """What is other than in the plan before."""
    told = f"原方案 {row.assignments} 项，改动 {row.changed} 项（{row.changed_permille / 10:.1f}%）"
    if row.forced is not None:
        told += f"，其中 {row.forced} 项不得不改，{row.chosen} 项主动调整"
    counts = "、".join(f"{LABELS['Change'][what]} {count}" for what, count in row.counts.items() if count)
    facts = [f"{told}。{counts}。"]
    if row.gains is not None:
        facts.append(f"调整和新增换来：{_gained(row.gains)}。")
    if row.issued:
        facts.append(f"已下达指令、继续执行的部分：{'、'.join(row.issued)}。")
    lines = tuple(_change(each, is_told=row.forced is not None) for each in row.goods if each.what.value not in QUIET)
    return Study(
        "方案变更对照表", f"{row.before.number} → {row.after.number}", tuple(facts),
        ("变化", "需求", "物资", "从", "到", "原安排", "新安排"), lines, "未变和已锁定的安排没有列出。",
    )  # fmt: skip


def of_late(row: PlanInsertionsRow) -> Study:
    """The ways to take a line along, the best first."""
    line = row.line
    fact = (
        f"追加 {line.request_number} 第{line.request_line_no}行：{line.delivery_site_name} {line.item_name} {line.asked:,} {line.unit}，"
        f"方案已安排 {line.served:,}，最晚 {_moment(line.latest_arrival_at)} 前到达。"
    )
    return Study(
        "追加需求办法表", row.plan.number, (fact,),
        ("号", "办法", "从", "物资", "出发", "到达", "对其他接收点的影响", "多行公里", "运费变化（元）", "独立校核"),
        tuple(_offer(place, each) for place, each in enumerate(row.offers, start=1)),
        "好的在前；其他物资、车次不变；分几批的，各批依次以分号隔开，逐批拼成，不一定是最好的。独立校核通过的办法采用后成为新的待审批方案。",
    )  # fmt: skip


def _gained(gains: Gains) -> str:
    served = [f"{rank} 类按时满足 {change / 10:+.1f} 个百分点" for rank, change in gains.served_permille.items()]
    return "，".join([*served, f"等待 {gains.waiting_person_h:+,} 人·小时", f"运费 {gains.cost_fen / 100:+,.2f} 元"])


def _change(row: GoodsChange, *, is_told: bool) -> PlanStudyRow:
    why = ""
    if is_told and row.what.value in {"moved", "changed", "dropped"}:
        why = "（不得不改）" if row.is_forced else "（主动调整）"
    before = _arranged(row.quantity_before, row.unit, row.plate_before, row.arrives_before)
    after = _arranged(row.quantity_after, row.unit, row.plate_after, row.arrives_after)
    request = f"{row.request_number} 第{row.request_line_no}行"
    cells = (label(row.what) + why, request, row.item_name, row.origin_site_name, row.delivery_site_name, before, after)
    return PlanStudyRow(cells, is_bad=row.what.value == "dropped")


def _arranged(quantity: int, unit: str, plate: str, arrives_at: datetime | None) -> str:
    if not quantity:
        return "—"
    return f"{quantity:,} {unit} {plate or '供方送货'} {_moment(arrives_at)}".strip()


def _offer(place: int, row: OfferRow) -> PlanStudyRow:
    stops = (
        f"{stop.site_name} 晚到 {stop.wait}（{stop.items}）{'，超过最晚到达时间' if stop.is_late else ''}"
        for stop in delayed_stops(row.delays)
    )
    return PlanStudyRow(
        (
            str(place), _each(row, _way), _each(row, lambda piece: piece.origin_site_name),
            _each(row, lambda piece: f"{piece.item_name} {piece.quantity:,} {piece.unit}"),
            _each(row, lambda piece: _moment(piece.departs_at) or "—"),
            _each(row, lambda piece: f"{_moment(piece.arrives_at)} {late_word(piece.late_s)}"),
            "；".join(stops) or "不影响其他接收点",
            f"{row.more_m / 1000:+.1f}", f"{row.more_fen / 100:+,.2f}",
            "通过" if row.is_feasible else f"{len(row.violations)} 处不符",
        ),
        is_bad=bool(row.late_s) or not row.is_feasible,
    )  # fmt: skip


def _each(row: OfferRow, say: Callable[[PieceRow], str]) -> str:
    return "；".join(map(say, row.pieces))


def _way(piece: PieceRow) -> str:
    way = [label(piece.way), f"第{piece.detour_of}车次" if piece.detour_of else "", piece.plate]
    way.append(f"合同 {piece.contract_number}{' 自提' if piece.plate else ''}" if piece.contract_number else "")
    return " ".join(part for part in way if part)


def _moment(at: datetime | None) -> str:
    return f"{beijing(at):%m-%d %H:%M}" if at is not None else ""
