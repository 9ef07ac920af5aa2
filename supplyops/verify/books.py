"""Verifying a whole database."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.database.engine import Database
from supplyops.database.snapshot import snapshot
from supplyops.verify import chains, documents, ledger, orders
from supplyops.verify.report import Finding, Invariant, run
from supplyops.verify.rows import Books, Mark

INVARIANTS = (
    Invariant("I1", "守恒:每批次进出净额等于各处结存", ("stock_move",), ledger.conservation, in_tail=True),
    Invariant("I2", "任何时刻结存不为负", ("stock_move",), ledger.replay, in_tail=True),
    Invariant(
        "I3", "预留等于未结预留单之和且不超过结存", ("stock_balance", "reservation"), ledger.reservations, in_tail=True
    ),
    Invariant("I4", "在途等于装车减签收、损失、退回", ("consignment",), ledger.on_the_road),
    Invariant("I5", "编号连续,发出的号都有单据", ("number_series",), documents.numbers),
    Invariant("I6", "库存流水链完整、连续、时间不倒退", ("stock_move",), chains.move_chain, in_tail=True),
    Invariant("I7", "操作日志链完整、连续、时间不倒退", ("journal_entry",), chains.journal_chain, in_tail=True),
    Invariant("I8", "每笔流水有经手人、原因和凭证", ("stock_move",), ledger.provenance, in_tail=True),
    Invariant("I9", "每个请求键对应一次结果", ("request_key",), orders.keys),
    Invariant("I10", "单据内容与签发时一致,同号只有一个有效版本", ("paper",), chains.papers),
    Invariant("I11", "批准的方案逐行下达,未批准的不下达", ("plan_line",), documents.approved_lines),
    Invariant("I12", "装车不超批准,签收不超装车", ("consignment_line",), orders.quantities),
    Invariant("I13", "受保护记录与日志一致,无增删改", ("journal_entry",), chains.sealed_rows, in_tail=True),
    Invariant("I14", "过期物资未发出", (), ledger.no_expired_goods_out, in_tail=True),
    Invariant("I15", "冲销与原记账对应且仅一次", ("stock_move",), ledger.reversals, in_tail=True),
    Invariant("I16", "结存缓存等于流水合计", ("stock_move",), ledger.balances, in_tail=True),
    Invariant("I17", "编制与批准分离,管理员不经手库存", ("release_instruction",), orders.approvals),
    Invariant("I18", "需求兑现数等于各单据合计", ("supply_request_line",), orders.fulfilment),
    Invariant("I19", "合同启用数等于通知合计且不超保底", ("contract_line",), orders.contracts),
    Invariant("I20", "没有悬空引用", ("stock_move",), orders.references),
    Invariant("I21", "出入库单与流水一致", ("stock_document",), documents.stock_notes),
    Invariant("I22", "预留单与调拨单一致,单据办结即释放", ("consignment_line",), documents.holds),
    Invariant("I23", "报告版本连续,响应级别与最后决定一致", ("incident",), documents.responses),
    Invariant("I24", "任务状态与回报一致,队伍不重复出动", ("rescue_team", "mission"), documents.missions),
)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and up to where the books went at that moment."""

    findings: tuple[Finding, ...]
    mark: Mark

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong."""
        return all(finding.is_clean for finding in self.findings)


def examine(database: Database, since: Mark | None = None) -> Verification:
    """Check every invariant on one snapshot, or, since the mark of an earlier clean check, what is new.

    Reads rows only, changes nothing. The tail is: new links of the chains, all moves and holds of the lots they concern,
    and the sealed rows that new journal entries name.
    """
    with snapshot(database) as connection:
        books = Books(connection, since)
        return Verification(tuple(run(INVARIANTS, books)), chains.mark(books))


def verify(database: Database) -> list[Finding]:
    """Everything, checked."""
    return list(examine(database).findings)
