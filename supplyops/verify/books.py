"""Verifying a whole database."""

from __future__ import annotations

from supplyops.database.engine import Database
from supplyops.verify import chains, ledger, orders
from supplyops.verify.report import Finding, Invariant, run
from supplyops.verify.rows import Books

INVARIANTS = (
    Invariant("I1", "守恒:每批次进出净额等于各处结存", ("stock_move",), ledger.conservation),
    Invariant("I2", "任何时刻结存不为负", ("stock_move",), ledger.replay),
    Invariant("I3", "预留等于未结预留单之和且不超过结存", ("stock_balance", "reservation"), ledger.reservations),
    Invariant("I4", "在途等于装车减签收、损失、退回", ("consignment",), ledger.on_the_road),
    Invariant("I6", "库存流水链完整、连续、时间不倒退", ("stock_move",), chains.move_chain),
    Invariant("I7", "操作日志链完整、连续、时间不倒退", ("journal_entry",), chains.journal_chain),
    Invariant("I8", "每笔流水有经手人、原因和凭证", ("stock_move",), ledger.provenance),
    Invariant("I9", "每个请求键对应一次结果", ("request_key",), orders.keys),
    Invariant("I10", "单据内容与签发时一致,同号只有一个有效版本", ("paper",), chains.papers),
    Invariant("I12", "装车不超批准,签收不超装车", ("consignment_line",), orders.quantities),
    Invariant("I13", "受保护记录与日志一致,无增删改", ("journal_entry",), chains.sealed_rows),
    Invariant("I14", "过期物资未发出", (), ledger.no_expired_goods_out),
    Invariant("I15", "冲销与原记账对应且仅一次", ("stock_move",), ledger.reversals),
    Invariant("I16", "结存缓存等于流水合计", ("stock_move",), ledger.balances),
    Invariant("I17", "编制与批准分离,管理员不经手库存", ("release_instruction",), orders.approvals),
    Invariant("I18", "需求兑现数等于各单据合计", ("supply_request_line",), orders.fulfilment),
    Invariant("I19", "合同启用数等于通知合计且不超保底", ("contract_line",), orders.contracts),
    Invariant("I20", "没有悬空引用", ("stock_move",), orders.references),
)


def verify(database: Database) -> list[Finding]:
    """Check every invariant on one snapshot. Reads rows only, changes nothing."""
    with database.reader.connect() as connection, connection.begin():
        return list(run(INVARIANTS, Books(connection)))
