"""Verifying a whole database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from supplyops.database.engine import Database
from supplyops.database.snapshot import snapshot
from supplyops.verify import (
    assets,
    chains,
    counts,
    custody,
    deployments,
    documents,
    endings,
    fetching,
    keeping,
    kits,
    ledger,
    orders,
    receiving,
    reserves,
    seals,
    tasks,
    totals,
    transfers,
    variants,
    witnessed,
)
from supplyops.verify.anchors import Given, given_anchor
from supplyops.verify.report import Finding, Invariant, run
from supplyops.verify.rows import Books, Mark

INVARIANTS = (
    Invariant(
        "I1",
        "守恒:每批次各处净额为零,进出净额等于各处结存",
        ("stock_move",),
        ledger.conservation,
        in_tail=True,
        of_moves=True,
    ),
    Invariant("I2", "任何时刻结存不为负", ("stock_move",), ledger.never_below, in_tail=True, of_moves=True),
    Invariant(
        "I3", "预留等于未结预留单之和且不超过结存", ("stock_balance", "reservation"), ledger.reservations, in_tail=True
    ),
    Invariant("I4", "在途等于装车减签收、损失、退回,在途货物都有单据", ("consignment",), ledger.on_the_road),
    Invariant("I5", "超时未装车、未到达的调拨单都有告警", ("consignment",), orders.overdue),
    Invariant(
        "I6",
        "流水和日志只增不改,编号连续,时间不倒退",
        ("stock_move", "journal_entry"),
        chains.append_only,
        in_tail=True,
        of_moves=True,
    ),
    Invariant(
        "I7",
        "流水链和日志链逐环相符,末环与链头、签名锚一致",
        ("stock_move", "journal_entry"),
        chains.hashes,
        in_tail=True,
        of_moves=True,
    ),
    Invariant(
        "I8", "每笔流水有经手人、原因和账簿中的凭证", ("stock_move",), custody.provenance, in_tail=True, of_moves=True
    ),
    Invariant("I9", "每个请求键只生效一次,答复在册", ("request_key",), orders.keys),
    Invariant("I10", "单据内容与签发时一致,批准人当时有权", ("paper", "release_instruction"), orders.papers),
    Invariant("I11", "同号只有一个有效版本,作废的单据没有发货", ("paper", "consignment"), orders.versions),
    Invariant("I12", "发出不超批准,签收不超装车", ("consignment_line",), orders.quantities),
    Invariant("I13", "批次建立后属性不变,流水所记与批次一致", ("lot",), seals.lots, in_tail=True),
    Invariant("I14", "过期或待检物资未发出", (), ledger.no_bad_goods_out, in_tail=True, of_moves=True),
    Invariant(
        "I15",
        "流水物权与批次一致,跨保管单位移动有经批准的凭证",
        ("stock_move",),
        custody.crossings,
        in_tail=True,
        of_moves=True,
    ),
    Invariant("I16", "结存缓存等于流水合计", ("stock_move",), ledger.balances, in_tail=True),
    Invariant(
        "I34", "结存行所记的物资、物权、有效期与批次一致", ("stock_balance",), totals.copies_of_lots, in_tail=True
    ),
    Invariant("I35", "库存合计等于流水和未结预留之和", ("stock_move",), totals.totals),
    Invariant("I17", "编制与批准、批准与装车分离,管理员不经手库存", ("release_instruction",), orders.approvals),
    Invariant("I18", "方案依据当时的账簿;批准的逐行下达,未批准的不下达", ("plan_line",), documents.approved_lines),
    Invariant("I19", "导入的行数与写入一致,被拒绝的操作没有写入", ("journal_entry",), custody.imports, in_tail=True),
    Invariant("I37", "导入过的文件、恢复件的确认与日志一致", ("import_file",), witnessed.files_and_copies),
    Invariant("I20", "没有悬空引用,数据库版本与程序一致", ("stock_move",), orders.references),
    Invariant("I21", "受保护记录与日志一致,无增删改", ("journal_entry",), seals.sealed_rows, in_tail=True),
    Invariant("I22", "编号连续,发出的号都有单据", ("number_series",), documents.numbers),
    Invariant("I23", "冲销与原记账对应且仅一次", ("stock_move",), ledger.reversals, in_tail=True, of_moves=True),
    Invariant("I24", "需求兑现数等于各单据合计", ("supply_request_line",), orders.fulfilment),
    Invariant("I25", "合同启用数等于通知合计且不超保底", ("contract_line",), orders.contracts),
    Invariant("I26", "出入库单与流水一致", ("stock_document",), documents.stock_notes),
    Invariant("I36", "自提:启用通知与提货的调拨单逐行相符,出供方的流水等于提取数", ("consignment",), fetching.fetched),
    Invariant("I27", "预留单与调拨单一致,单据办结即释放", ("consignment_line",), documents.holds),
    Invariant("I28", "报告版本连续,响应级别与最后决定一致", ("incident",), documents.responses),
    Invariant("I50", "调剂调拨:收货合计等于装车,审批与起草分离,预留随发运了结", ("transfer",), transfers.transfers),
    Invariant("I51", "归还义务:结清不超过所欠,依据和归还凭证属实", ("obligation",), transfers.obligations),
    Invariant("I52", "回收不超发放,收回和修复与流水一致", ("recovery",), endings.recoveries),
    Invariant("I53", "报废四方同意、公示后才出账,出账前一直预留", ("scrap",), endings.scraps),
    Invariant("I29", "任务状态与回报一致,队伍不重复出动", ("rescue_team", "mission"), documents.missions),
    Invariant("I31", "每张入库单两人签字,签字之后才报告", ("acceptance",), receiving.acceptances),
    Invariant("I40", "盘点过账等于盈亏,审批人未参与盘点,差异都有原因", ("stock_count",), counts.counts),
    Invariant("I41", "库位冻结与盘点一致", ("stock_count",), counts.freezes),
    Invariant("I32", "到货逐车逐行对应入库单", ("arrival_load",), receiving.deliveries),
    Invariant("I33", "同一分区储存条件一致,收货区是存放库位", ("location",), receiving.zones),
    Invariant("I61", "封存、召回、破损的批次在此期间未发出", ("lot_status",), keeping.kept_back, in_tail=True),
    Invariant("I62", "按发生时间,任何时刻结存不为负", ("stock_move",), keeping.course, in_tail=True),
    Invariant("I63", "接管的占用与记录一致,只由更紧急的接管", ("take_over",), keeping.taken_over),
    Invariant("I72", "采购计划由他人批准,与测算不同的有原因", ("purchase_plan",), reserves.plans),
    Invariant("I70", "组拆单与流水一致,冲销的已冲回", ("kit_work",), kits.works),
    Invariant("I71", "成套批次的物权、资金来源、有效期与组成物资一致", ("kit_content",), kits.contents),
    Invariant("I80", "登记的资产不多于结存,所在与流水一致", ("asset",), assets.units),
    Invariant("I90", "救援任务与事件、调动命令相符,结束的写明原因", ("rescue_task",), tasks.tasks),
    Invariant("I91", "派遣建议与结果、调动命令、任务相符", ("deployment",), deployments.deployments),
    Invariant("I92", "备选和追加的方案答的是本方案的问题,采用的就是所成的草案", ("plan_variant",), variants.variants),
    Invariant("I93", "储备建议与结果相符,不超预算", ("reserve_advice",), reserves.advices),
    Invariant("I81", "领用单与资产状态、预留一致", ("asset",), assets.loans),
)
"""I1 to I20 are the twenty that the system promises; what the rooms add comes behind them.

To add one: a function in a module of this room that takes the books and a finding, reads rows (`books.rows` for thousands,
`books.plain` for what may be millions), says `finding.see(holds, sentence in Chinese that names the row)` for each thing it
looks at; a line here with the next free number, the words for it, and the tables that must not be there in vain; a planted
violation in tests/verify that nothing but the new invariant finds. `in_tail`: it can be told of what is new (a table narrowed
to the lots that have moved). `of_moves`: it can be told of the moves up to any sequence alone.
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and up to where the books went at that moment."""

    findings: tuple[Finding, ...]
    mark: Mark

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong."""
        return all(finding.is_clean for finding in self.findings)


def examine(
    database: Database,
    since: Mark | None = None,
    until: int | None = None,
    keys: Mapping[str, str] | None = None,
    given: Given | None = None,
) -> Verification:
    """Check every invariant on one snapshot; or, since the mark of an earlier clean check, what is new; or the moves up to a sequence.

    Reads rows only, changes nothing. The tail is: new links of the chains, all moves and holds of the lots they concern,
    and the sealed rows that new journal entries name. `given` is an anchor that was kept elsewhere.
    """
    with snapshot(database) as connection:
        return examine_on(connection, since, until, keys, given)


def examine_on(
    connection: Connection,
    since: Mark | None = None,
    until: int | None = None,
    keys: Mapping[str, str] | None = None,
    given: Given | None = None,
) -> Verification:
    """The same on a connection that sees one moment."""
    books = Books(connection, since, until, keys)
    findings = tuple(run(INVARIANTS, books))
    if given is not None:
        given_anchor(books, next(each for each in findings if each.id == "I7"), given)
    return Verification(findings, chains.mark(books))


def verify(database: Database) -> list[Finding]:
    """Everything, checked."""
    return list(examine(database).findings)
