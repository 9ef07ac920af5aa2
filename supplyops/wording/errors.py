"""The Chinese sentence for every error code. Parameters in braces; nothing internal ever shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplyops.kernel.errors import FieldError, InvalidInput, SupplyError
from supplyops.kernel.money import figures
from supplyops.wording.errors_of_fields import FIELD_SENTENCES
from supplyops.wording.errors_of_files import FILE_SENTENCES
from supplyops.wording.errors_of_plans import PLAN_SENTENCES
from supplyops.wording.errors_of_roads import ROAD_SENTENCES
from supplyops.wording.labels import LABELS

NOUNS: dict[str, str] = {
    "app_user": "用户",
    "user": "用户",
    "role_held": "角色",
    "api_token": "令牌",
    "organisation": "单位",
    "site": "场所",
    "location": "库位",
    "item": "物资",
    "lot": "批次",
    "recall": "召回单",
    "late_permit": "补录申请",
    "notice": "提醒",
    "take_over": "接管",
    "rotation": "轮换单",
    "posting": "记账",
    "reservation": "预留",
    "stock_balance": "结存",
    "stock_total": "库存合计",
    "asset": "资产",
    "asset_loan": "领用单",
    "stock_document": "库存单据",
    "acceptance": "验收记录",
    "arrival": "到货通知",
    "stock_count": "盘点单",
    "upkeep_interval": "养护间隔",
    "upkeep_round": "养护记录",
    "upkeep_finding": "待整改问题",
    "duty_handover": "值班交接",
    "transfer": "调剂调拨单",
    "obligation": "归还义务",
    "recovery": "回收登记表",
    "scrap": "报废申请",
    "paper": "单据",
    "restored_copy": "待确认的恢复副本",
    "job": "后台任务",
    "parameter": "参数",
    "contract": "合同",
    "call_off": "合同启用通知",
    "call_off_item": "合同启用明细",
    "rescue_team": "救援队伍",
    "mission": "调动命令",
    "rescue_task": "救援任务",
    "deployment": "队伍派遣建议",
    "reserve_advice": "储备建议",
    "vehicle": "车辆",
    "road": "道路",
    "road_file": "地图文件",
    "incident": "突发事件",
    "incident_report": "灾情报告",
    "response": "应急响应",
    "supply_request": "需求申请单",
    "supply_request_line": "需求明细",
    "coordination_letter": "协调函",
    "plan": "分配方案",
    "plan_advice": "补救办法的试算",
    "plan_alternatives": "备选方案(只有已得出结果的方案才有)",
    "plan_study": "方案研判表",
    "plan_insertions": "追加办法(查找到办法后才有)",
    "plan_variant": "备选或手工修改的方案",
    "plan_changes": "变更对照(只有以旧方案为底编制且已得出结果的方案才有)",
    "plan_part": "方案中该单位的部分",
    "release_instruction": "动用指令",
    "consignment": "调拨单",
    "shipment": "运输任务",
    "scenario": "演示情景",
    "area": "区划",
    "journal_entry": "操作日志",
    "norm": "标准",
    "list": "清单",
    "import_session": "导入会话",
    "import_file": "导入的文件",
    "import_mapping": "列的对应",
    "reserve_place": "储备单位",
    "purchase_plan": "采购计划",
    "reserve_scenario": "储备情景",
    "kit_work": "组拆单",
    "noun": "对象",
}

SENTENCES: dict[str, str] = {
    # whole operations
    "invalid_input": "填写内容有误,请按提示修改。",
    "not_found": "没有找到该{noun},或您无权查看。",
    "key_reused": "同一请求键已用于其他内容,本次未执行;请换新的请求键。",
    "key_malformed": "请求键不合规:1 至 255 个可见字符。",
    "key_missing": "缺少请求键(Idempotency-Key)。",
    "response_running": "“{incident}”的应急响应还在进行;请先终止应急响应,再结束突发事件。",
    "wrong_step": "{noun}当前状态为“{state}”,不能变为“{becomes}”。",
    "wrong_state": "{noun}当前状态为“{state}”,不能执行此步骤(需要“{wanted}”)。",
    "stale": "{noun}已被他人修改,请刷新后重新操作。",
    "version_missing": "缺少版本号,无法确认您看到的是最新内容;请刷新后重试。",
    "too_many_races": "操作繁忙,请稍后重试;本次没有任何改动。",
    "read_only": "本系统是从备份恢复的副本,尚未确认启用,只能查看。请管理员核对账簿后执行 supplyops restore --confirm。",
    "sign_in_required": "请先登录。",
    "sign_in_failed": "用户名或密码不正确,或一次性密码已失效。",
    "account_locked": "密码输错次数过多,账号已临时锁定,请稍后再试。",
    "account_ended": "账号已停用。",
    "not_permitted": "您没有此项操作的权限。",
    "not_permitted_here": "您在“{organisation}”没有此项操作的权限。",
    "not_owner": "该物资只能由物权单位自己的批准人批准,请转给对方办理。",
    "not_approver_of_transfer": "该调剂调拨应由物权单位批准;平级调剂由双方共同的上级批准。",
    "not_that_body": "您不能代表“{organisation}”以该身份签署:储备单位由申请单位自己签署,其余由本级政府的部门签署。",
    "decided_before": "该方、该单位或本人已签署过({by}),四方须由不同的单位和人各签署一次。",
    "still_public": "公示到 {until} 为止,期满后才能处置。",
    "keeper_never_approves": "库管员、保管员不能审批,请由批准人办理。",
    "not_told_to_you": "此提醒发给其他单位,须由该单位人员确认。",
    "own_document": "不能审批自己编制或提交的单据,请由另一位批准人办理。",
    "password_change_required": "请先修改一次性密码。",
    "person_required": "此操作必须由具体人员执行。",
    "event_class_restricted": "您无权办理此类事件。",
    "form_expired": "页面已过期,请刷新后重新提交;内容没有丢失。",
    "assets_not_named": "{location}的批次 {lot} 有 {registered} 件已登记序列号,本次要动 {quantity} 件:"
    "请先在“资产”中把随行的 {missing} 件选为“备货”,再办理。",
    "calibration_overdue": "资产 {asset} 的检定已于 {day} 到期;确需领用的,请写明原因。",
    "unit_spoken_for": "资产 {asset} 所在批次的库存已全部预留给其他单据,不能领用;请先释放预留。",
    "insufficient_stock": "{location}的批次 {lot} 可用量不足:需要 {requested},可用 {available}。请减少数量,或改用其他批次、库位。",
    "place_frozen": "{location}正在盘点({document}),库存已冻结,本次未记账。确需紧急动用的,请填写紧急放行原因后再次提交。",
    "already_mended": "该问题已登记整改。",
    "handover_waits": "{number} 正在等待{person}接班,请先接班或撤回。",
    "not_the_incoming": "只有{person}本人可以接班。",
    "being_counted": "{location}正在盘点({number}),同一库位不能同时盘点两次。",
    "lines_left": "还有 {count} 行没有填写实盘数:第 {lines} 行;盘到没有的填 0。",
    "witness_missing": "监盘人{person}尚未确认在场;请监盘人登录后在盘点单上确认。",
    "witness_enters": "监盘人不能填写实盘数:监盘人与盘点人必须是两个人。",
    "recount_by_another": "第 {line} 行由{person}盘点,复盘必须换一个人。",
    "not_the_witness": "只有监盘人{person}本人可以确认。",
    "keeper_approves": "库管员、保管员不能审批盘点差异,请由审核人或批准人办理。",
    "too_large_to_approve": "差异 {share} 超过 {limit},应由局长一级审批。",
    "unexplained": "第 {lines} 行有差异而没有说明原因,请盘点人先填写原因。",
    "books_moved": "提交之后又补记了盘点以前发生的出入库,第 {lines} 行账面数已变;请退回复盘后重新提交。",
    "orders_hit": "盘亏后不足以保证已预留的单据:{orders}。确认削减这些预留的,请勾选后再次批准。",
    "hold_not_for_use": "{document} 占用的物资已领用、停用或待报废,不能接管。",
    "not_outranked": "{document} 的紧急程度不低于此需求(按响应级别、需求类别、批准单位层级比较),不能接管。",
    "hold_over": "{document} 的占用已结束,请刷新后重试。",
    "other_goods": "该需求要的不是这种物资。",
    "undo_not_yours": "只有记账人本人可以撤销;其他人请用冲销。",
    "undo_too_late": "已超过 {minutes} 分钟,不能撤销;请由有权人员冲销。",
    "undo_loaded": "批次 {lot} 已由{who}在 {document} 装车,不能撤销。",
    "undo_used": "批次 {lot} 已由{who}在 {document} 动用,不能撤销;请先撤销或冲销 {document}。",
    "undo_reserved": "批次 {lot} 已被 {document} 占用,不能撤销。",
    "undo_call_off": "此单是合同启用 {document} 的到货,不能撤销;请与合同管理人员核对后冲销。",
    "issue_recovered": "{number} 发出的物资已有收回(回收登记 {document}),不能再撤销或冲销,否则同一批物资会入账两次。",
    "recovery_taken_back": "回收登记 {number} 已撤销或冲销。",
    "recovery_repaired": "回收登记 {number} 的物资已登记修复,不能再撤销或冲销;数量不对的用盘点更正。",
    "recovery_scrapped": "回收登记 {number} 的报废部分已进入鉴定、审批({document}),请先撤回 {document} 再撤销或冲销。",
    "counted_since": "批次 {lot} 在此单之后已由盘点 {document} 调整账面,再冲销会重复更正;实物有变动的,请另办入库、出库或移库。",
    "late_needs_permit": "发生时间 {at} 距今超过 {days} 天,须先申请补录并经批准。",
    "would_have_been_negative": "{location}的批次 {lot} 在 {at} 只有 {was},补记减少 {requested} 会使当时结存为负,未记账。",
    "owed_less_by_now": "{number} 归还 {quantity},现在只欠 {left}(起草后已另行结清或归还),不能批准;请取消后按尚欠数量重新起草。",
    "lot_blocked": "批次 {lot} 已{state}({because}),不能动用;解除后再办理,或改用其他批次。",
    "not_enough_usable": "{goods}可调库存不足:需要 {requested},可调 {available};"
    "另有停用、召回的 {blocked},到货前过期的 {expired},盘点冻结的 {frozen},不能调出。请减少数量,或换调出场所。",
    "not_enough_to_pick": "{goods}可用库存不足:需要 {requested},可用 {available}。请核对物权单位和库房,减少数量,或先入库、调入再办。",
    "posting_conflict": "同一记账编号已有不同内容,未重复记账。",
    "already_reversed": "该笔记账已经冲销过。",
    "lot_exists": "批次号 {lot}{value} 已被占用。",
    "unit_frozen": "物资 {sku} {name} 已有出入库流水,计量单位、包装数量和内含量不能再改(原为 {was})。",
    "purchase_plan_exists": "{year}年已有采购计划 {number};请在其上修改,或先作废。",
    "purchase_plan_empty": "{number} 没有要采购的物资,不能提交。",
    "keeper_decides": "库管员、保管员不能批准采购计划。",
    "kit_parts_missing": "资金来源“{fund}”的组成物资不足(可用/需要):{parts}。",
    "username_taken": "用户名 {username} 已被使用,且不会再分配给他人。",
    "roles_clash": "系统管理、安全管理、审计管理三权分立,不能与其他角色兼任({username} {role})。",
    "document_number_taken": "文号 {number} 已被使用。",
    "own_stock_first": "向上级申请前应先动用本级物资;如未动用,请在“本级物资情况”中说明原因。",
    "team_uninsured": "{team}没有有效的人身保险;确需出动请填写原因。",
    "contract_used_up": "合同 {contract} 第 {line_no} 行剩余 {remaining},不足 {requested}。",
    "order_fetches": "调拨单 {number} 到供方自提,没有占用库存,不能换批次或减少数量:"
    "供方答复时按承诺数量,装车时按实装数量,余下的自动退回合同。",
    "answered_by_supplier": "调拨单 {number} 到供方自提:供方确认启用通知即为接单,请在启用通知上登记供方答复。",
    "not_all_loaded": "以下调拨单尚未装车,请先装车或取消:{numbers}。",
    "already_received": "{number} 已有到货,不能取消;余下部分不再到货的,请办结并写明原因。",
    "stale_plan": "方案编制后情况有变,未批准任何内容。有变化的明细:{lines}",
    "nothing_to_sign": "没有待补签的书面手续。",
    "reason_required": "请填写原因。",
    **PLAN_SENTENCES,
    "pdf_engine_missing": "本机缺少打印组件 Pango,无法生成 PDF。请管理员执行:{command}",
    "glyphs_missing": "没有字体能显示这些字,未打印:{characters}。请把含有这些字的字体放入本单位字体文件夹。",
    "paper_data_missing": "单据内容不完整,无法打印。",
    "fonts_missing": "缺少打印字体,无法生成 PDF。",
    "too_large_upload": "文件或表单过大。",
    "not_acceptable_origin": "请求来源不明,已拒绝。",
    "internal": "系统出现异常,请记录请求号 {request_id} 并联系管理员。",
    "method_not_allowed": "不支持的请求方式。",
    "unsupported_media": "请求内容应为 JSON。",
    "malformed_json": "请求内容不是有效的 JSON。",
    "too_many_requests": "请求过于频繁,请稍后再试。",
    **FIELD_SENTENCES,
    **ROAD_SENTENCES,
    **FILE_SENTENCES,
}

CHANGED: dict[str, str] = {
    "stock": "库存不足",
    "expired": "到货前过期",
    "blocked": "批次已封存、召回或破损",
    "floor": "触及储备底线",
    "request_met": "需求已被满足",
    "request_ended": "需求已终止",
    "contract": "合同余量不足",
    "contract_ended": "合同不在有效期",
    "vehicle_out": "车辆停用",
    "vehicle_busy": "车辆另有任务",
    "trip_over": "该车次已发车或已取消",
    "road": "道路情况变化",
}
"""Why a plan line no longer holds."""


STATES: dict[str, str] = {
    "supply_request": "RequestState",
    "consignment": "ConsignmentState",
    "shipment": "ShipmentState",
    "plan": "PlanState",
    "plan_part": "PartState",
    "call_off": "CallOffState",
    "mission": "MissionState",
    "rescue_task": "TaskState",
    "deployment": "AdviceState",
    "reserve_advice": "AdviceState",
    "rescue_team": "TeamState",
    "vehicle": "VehicleState",
    "incident": "IncidentState",
    "coordination_letter": "LetterState",
    "stock_document": "StockDocumentState",
    "arrival": "ArrivalState",
    "stock_count": "CountState",
    "duty_handover": "DutyState",
    "transfer": "TransferState",
    "scrap": "ScrapState",
    "lot": "LotState",
    "recall": "RecallState",
    "rotation": "RotationState",
    "late_permit": "LatePermitState",
    "kit_work": "KitWorkState",
    "purchase_plan": "PurchasePlanState",
    "response": "ResponseStanding",
    "contract": "Situation",
    "posting": "PostingStanding",
    "asset": "AssetState",
    "import_session": "SessionState",
    "road_file": "RoadFileState",
}
"""Whose words a document's states have: "accepted" is 已受理 of a request and 拣货中 of an order."""


class _Gaps(dict[str, Any]):
    """Parameters a sentence may name without having been given."""

    def __missing__(self, key: str) -> str:
        return ""


def sentence(code: str, params: Mapping[str, object] | None = None) -> str:
    """The sentence for a code. An unknown code gives the code itself, so that nothing is hidden."""
    given = params or {}
    words = LABELS.get(STATES.get(str(given.get("noun", "")), ""), {})
    shown = _Gaps({name: _shown(name, value, words) for name, value in given.items()})
    if code == "wrong_state" and "becomes" in given:
        code = "wrong_step"
    return SENTENCES.get(code, code).format_map(shown)


def _shown(name: str, value: object, own: Mapping[str, str]) -> str:
    if name == "noun":
        return NOUNS.get(str(value), str(value))
    if name in {"state", "wanted", "becomes", "reason", "source", "target", "role", "kept", "offered"}:
        return next((words[str(value)] for words in (own, *LABELS.values()) if str(value) in words), str(value))
    if name == "conditions" and isinstance(value, list):
        return "、".join(LABELS["WorkCondition"][each] for each in value)
    if name == "lines" and isinstance(value, list):
        return ";".join(
            f"第 {line['line_no']} 行 {line['item']}"
            f"({CHANGED.get(line['code'], line['code'])},需 {line['wanted']},可用 {line['available']})"
            for line in value
        )
    return str(value)


def message(error: SupplyError) -> str:
    """What to tell the user of an error as a whole."""
    if isinstance(error, InvalidInput) and error.fields and error.code == "invalid_input":
        return SENTENCES["invalid_input"]
    return sentence(error.code, error.params)


def field_message(error: FieldError) -> str:
    """What to tell the user of one field; amounts are said in yuan, as people write them."""
    if error.told:
        return error.told
    if error.field.endswith("_fen"):
        shown = {name: figures(each) if isinstance(each, int) else each for name, each in error.params.items()}
        return sentence(error.code, shown)
    return sentence(error.code, error.params)
