"""Advice on a reserve on paper, under its own number."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import NeedClass
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import ReserveAdviceCase, ReserveAdviceLine, ReserveAdvicePaper, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.planning.reserve_advising import ReserveAdviceRow, reserve_advice
from supplyops.planning.reserve_answers import ReserveAnswer
from supplyops.planning.rules import AdviceState
from supplyops.planning.tables import ReserveAdvice
from supplyops.runtime import Context, command

FORM = "reserve_advice"


@command(Permission.PAPERS_PRINT)
def issue_reserve_advice(ctx: Context, reference: str) -> UUID:
    """Issue what was advised; issued again it is a new version of the same paper. Raises NotFound, and WrongState for advice
    that has come to nothing."""
    row = reserve_advice(ctx, reference)
    if row.answer is None:
        raise WrongState("reserve_advice", row.state.value, AdviceState.DONE.value)
    body = ctx.session.get_one(Organisation, ctx.session.get_one(ReserveAdvice, row.id).organisation_id)
    ctx.require(Permission.PAPERS_PRINT, body.id)
    made = issue(
        ctx,
        PaperInput(
            form=FORM,
            number=row.number,
            title=f"{row.organisation_name} 储备建议",
            content=to_plain(_content(ctx, row, row.answer)),
            subject=DocumentRef(FORM, row.id, row.number),
            organisation_id=body.id,
        ),
    )
    ctx.about("reserve_advice", row.id, row.number)
    return made


def _class_name(ctx: Context, code: str) -> str:
    return ctx.session.scalar(select(NeedClass.name).where(NeedClass.code == code)) or code


def _content(ctx: Context, row: ReserveAdviceRow, answer: ReserveAnswer) -> ReserveAdvicePaper:
    rounds = f"车辆往返 {row.options.rounds} 次" if row.options.rounds else "不计车辆"
    proof = "整包装最优已证明" if answer.is_whole_proven else f"整包装取整，与下限差 {answer.gap_permille / 10:.1f}%"
    limits = [f"{name}库容已满，再多 1 m³ 可再减少 {worth / 1e6:.2f}" for name, worth in answer.rooms]
    limits += [
        f"{each.site_name}再多 1 辆{each.vehicle_type}可再减少 {each.worth_e6 / 1e6:.1f}" for each in answer.vehicles
    ]
    return ReserveAdvicePaper(
        organisation=row.organisation_name,
        budget_fen=row.options.budget_fen,
        cost_fen=answer.cost_fen,
        today_e6=answer.today_e6,
        norm_e6=answer.norm_e6,
        norm_cost_fen=answer.norm_cost_fen,
        advised_e6=answer.unmet_e6,
        mean_e6=answer.mean_e6,
        bound_e6=answer.bound_e6,
        next_10k_yuan_e6=answer.next_10k_yuan_e6,
        proof=proof,
        scope=f"{_class_name(ctx, row.options.need_class) or '全部需求类别'}，{rounds}",
        cases=tuple(
            ReserveAdviceCase(one.name, one.share_permille, one.persons, one.today_e6, one.norm_e6, one.advised_e6)
            for one in answer.outcomes
        ),
        lines=tuple(
            ReserveAdviceLine(
                line.site_name, line.item_name, line.unit, line.today, line.more, line.norm, line.cost_fen, line.next_unit_e6,
                line.sku,
            )
            for line in answer.lines
        ),
        contracts="；".join(f"{one.number} {one.item_name} {one.quantity:,}/{one.most:,} {one.unit}" for one in answer.contracts),
        limits="；".join(limits),
        prepared=Signed(row.created_by, row.finished_at or ctx.now),
    )  # fmt: skip
