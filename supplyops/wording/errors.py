"""The Chinese sentence for every error code. Parameters in braces; nothing internal ever shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplyops.kernel.errors import FieldError, InvalidInput, SupplyError
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
    "posting": "记账",
    "reservation": "预留",
    "stock_balance": "结存",
    "stock_document": "库存单据",
    "acceptance": "验收记录",
    "arrival": "到货通知",
    "stock_count": "盘点单",
    "upkeep_interval": "养护间隔",
    "upkeep_round": "养护记录",
    "upkeep_finding": "待整改问题",
    "duty_handover": "值班交接",
    "paper": "单据",
    "job": "后台任务",
    "parameter": "参数",
    "contract": "合同",
    "call_off": "合同启用通知",
    "call_off_item": "合同启用明细",
    "rescue_team": "救援队伍",
    "mission": "调动命令",
    "vehicle": "车辆",
    "road": "道路",
    "incident": "突发事件",
    "incident_report": "灾情报告",
    "response": "应急响应",
    "supply_request": "需求申请单",
    "supply_request_line": "需求明细",
    "coordination_letter": "协调函",
    "plan": "分配方案",
    "plan_part": "方案部分",
    "release_instruction": "动用指令",
    "consignment": "调拨单",
    "shipment": "运输任务",
    "scenario": "演示情景",
    "area": "区划",
    "journal_entry": "操作日志",
    "norm": "标准",
    "list": "清单",
    "noun": "对象",
}

SENTENCES: dict[str, str] = {
    # whole operations
    "invalid_input": "填写内容有误,请按提示修改。",
    "not_found": "没有找到该{noun},或您无权查看。",
    "key_reused": "同一请求键已用于其他内容,本次未执行;请换新的请求键。",
    "key_malformed": "请求键不合规:1 至 255 个可见字符。",
    "key_missing": "缺少请求键(Idempotency-Key)。",
    "wrong_step": "{noun}当前状态为“{state}”,不能变为“{becomes}”。",
    "wrong_state": "{noun}当前状态为“{state}”,不能执行此步骤(需要“{wanted}”)。",
    "stale": "{noun}已被他人修改,请刷新后重新操作。",
    "version_missing": "缺少版本号,无法确认您看到的是最新内容;请刷新后重试。",
    "too_many_races": "操作繁忙,请稍后重试;本次没有任何改动。",
    "sign_in_required": "请先登录。",
    "sign_in_failed": "用户名或密码不正确,或一次性密码已失效。",
    "account_locked": "密码输错次数过多,账号已临时锁定,请稍后再试。",
    "account_ended": "账号已停用。",
    "not_permitted": "您没有此项操作的权限。",
    "not_permitted_here": "您在“{organisation}”没有此项操作的权限。",
    "not_owner": "该物资只能由物权单位自己的批准人批准。",
    "own_document": "不能审批自己编制或提交的单据。",
    "password_change_required": "请先修改一次性密码。",
    "person_required": "此操作必须由具体人员执行。",
    "event_class_restricted": "您无权办理此类事件。",
    "form_expired": "页面已过期,请刷新后重新提交;内容没有丢失。",
    "insufficient_stock": "{location}的批次 {lot} 可用量不足:需要 {requested},可用 {available}。",
    "place_frozen": "{location}正在盘点({document}),库存已冻结,本次未记账。确需紧急动用的,请填写紧急放行原因后再次提交。",
    "already_mended": "该问题已登记整改。",
    "handover_waits": "{number} 正在等待{person}接班,请先接班或撤回。",
    "not_the_incoming": "只有{person}本人可以接班。",
    "being_counted": "{location}正在盘点({number}),同一库位不能同时盘点两次。",
    "lines_left": "还有 {count} 行没有填写实盘数:第 {lines} 行。",
    "witness_missing": "监盘人{person}尚未确认在场;请监盘人登录后在盘点单上确认。",
    "witness_enters": "监盘人不能填写实盘数:监盘人与盘点人必须是两个人。",
    "recount_by_another": "第 {line} 行由{person}盘点,复盘必须换一个人。",
    "not_the_witness": "只有监盘人{person}本人可以确认。",
    "keeper_approves": "库管员、保管员不能审批盘点差异。",
    "too_large_to_approve": "差异 {share} 超过 {limit},应由局长一级审批。",
    "unexplained": "第 {lines} 行有差异而没有说明原因,请盘点人先填写原因。",
    "books_moved": "提交之后又补记了盘点以前发生的出入库,第 {lines} 行账面数已变;请退回复盘后重新提交。",
    "orders_hit": "盘亏后不足以保证已预留的单据:{orders}。确认削减这些预留的,请勾选后再次批准。",
    "not_enough_to_pick": "可用库存不足:需要 {requested},可用 {available}。",
    "posting_conflict": "同一记账编号已有不同内容,未重复记账。",
    "already_reversed": "该笔记账已经冲销过。",
    "lot_exists": "批次号 {lot}{value} 已被占用。",
    "unit_frozen": "物资 {sku} {name} 已在册,计量单位不能修改。",
    "username_taken": "用户名 {username} 已被使用,且不会再分配给他人。",
    "roles_clash": "系统管理、安全管理、审计管理三权分立,不能与其他角色兼任({username} {role})。",
    "document_number_taken": "文号 {number} 已被使用。",
    "own_stock_first": "向上级申请前应先动用本级物资;如未动用,请在“本级物资情况”中说明原因。",
    "team_uninsured": "{team}没有有效的人身保险;确需出动请填写原因。",
    "contract_used_up": "合同 {contract} 第 {line_no} 行剩余 {remaining},不足 {requested}。",
    "not_all_loaded": "以下调拨单尚未装车,请先装车或取消:{numbers}。",
    "already_received": "{number} 已有到货,不能取消;余下部分不再到货的,请办结并写明原因。",
    "stale_plan": "方案编制后情况有变,未批准任何内容。有变化的明细:{lines}",
    "nothing_to_sign": "没有待补签的书面手续。",
    "reason_required": "请填写原因。",
    "no_lines_to_plan": "没有已受理而尚未满足的需求,无需编制方案。",
    "plan_not_ready": "方案尚未完成。",
    "plan_running": "方案 {number} 正在求解,请等待完成或先取消。",
    "unknown_parameter": "没有“{value}”这个参数;可用的有:{alike}。",
    "parameter_value": "“{value}”不能用于这个参数,应为:{allowed}。",
    "bad_parameter": "参数 {key} 的值“{value}”无法使用,请在参数表中改正。",
    "worker_lost": "后台任务中断,没有得出方案;请重新编制。",
    "checker": "求解结果未通过独立校核({violations} 处不符),已作废,不能审批;请重新编制,并把方案编号告知管理员。",
    "solver_time": "求解超过 {seconds} 秒仍未结束,已强制停止,没有得出方案;请缩短求解时间后重试。",
    "solver_memory": "求解占用内存超过 {limit_mb} MB,已强制停止,没有得出方案;请减少需求行或提高内存上限后重试。",
    "solver_crash": "求解程序异常退出(退出码 {exit_code}),没有得出方案;请重新编制,并把方案编号告知管理员。",
    "plan_broken": "编制过程出现异常({kind}),没有得出方案;请重新编制,并把方案编号告知管理员。",
    "solver_refused": "数据不成立,无法求解:{faults}",
    "no_second_plan": "该事件只有一个方案,没有可比较的方案。",
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
    # single fields
    "required": "必填。",
    "too_long": "过长:{length} 个字符,最多 {length_max} 个。",
    "hidden_character": "含有不可见字符({codepoint}),请删除后重新输入。",
    "not_whole": "“{value}”不是整数。",
    "not_positive": "应为大于 0 的整数。",
    "too_small": "不能小于 {minimum}。",
    "too_large": "不能大于 {maximum}。",
    "too_many": "数量过多:{count},最多 {maximum}。",
    "no_time_zone": "时间缺少时区。",
    "ends_before_start": "结束不能早于开始。",
    "expires_before_made": "有效期({later})早于生产日期({earlier})。",
    "stored_before_made": "入库日期({later})早于生产日期({earlier})。",
    "unknown_choice": "“{value}”不在可选范围内。",
    "unknown_reference": "“{value}”不存在。",
    "unknown_field": "不认识的字段。",
    "repeated": "“{value}”重复出现。",
    "already_used": "“{value}”已被使用。",
    "bad_code": "代码“{value}”不合规:字母、数字、短横线,最多 40 位。",
    "bad_username": "用户名“{value}”不合规:小写字母开头,3 至 40 位小写字母、数字、点或短横线。",
    "bad_credit_code": "统一社会信用代码“{value}”校验不通过。",
    "bad_sku": "物资编码“{value}”不合规:一个大写字母加五位数字。",
    "bad_gb_code": "国标代码“{value}”不合规(GB/T 38565 七位代码)。",
    "gb_major_differs": "国标代码首位与国标大类不一致。",
    "bad_plate": "车牌号“{value}”不合规,例如 新F12345。",
    "bad_month": "月份应为 1 至 12。",
    "bad_ramp": "产能爬坡应按小时递增、比例递增,例如 24:20%;48:50%;72:100%。",
    "own_parent": "上级不能是自己。",
    "parents_in_circle": "上级关系成环。",
    "organisation_moved": "单位的上级不能通过导入改变。",
    "location_moved": "库位不能改到其他场所。",
    "own_substitute": "不能以自己替代自己。",
    "own_target": "来源与去向不能相同。",
    "own_end": "道路起点与终点不能相同。",
    "half_a_point": "经度和纬度应同时填写。",
    "off_the_earth": "坐标 {value} 超出范围。",
    "shorter_than_straight": "里程短于两点直线距离 {minimum} {unit}。",
    "limit_only_when_limited": "只有状态为“限”时才填写限行条件,且必须填写。",
    "carries_nothing": "载重为 0 且不能牵引。",
    "item_or_vehicle": "物资编码与车型只填一项。",
    "below_called": "不能小于已启用数量 {minimum}。",
    "below_minimum_order": "低于合同最小起订量 {minimum}。",
    "in_the_future": "时间不能晚于现在。",
    "before_last_step": "时间早于上一步({last})。",
    "inside_chain": "{value}在指挥体系内,请用需求申请单。",
    "outside_chain": "{value}不在指挥体系内,请发协调函。",
    "no_delivery_point": "{value}没有指定接收点,请在灾情报告中填写。",
    "cannot_change": "不能修改。",
    "more_than_announced": "{item}本次合格 {value},多于待收的 {maximum};确实多到的,请在短少破损处理中说明。",
    "same_signer": "质检和库管须由两人分别签字,{name}不能签两次。",
    "signed_already": "{number} 已由{name}质检签字。",
    "unsigned": "{number} 尚无质检签字,不能报告验收结果。",
    "reported_already": "{number} 的验收结果已报告{to}。",
    "nothing_received": "实收数量为 0。",
    "difference_unexplained": "明细第 {line} 条应收与实收不符或有不合格品,请填写短少破损处理。",
    "no_quarantine": "该场所没有待检隔离库位,无法接收不合格品。",
    "no_real_place": "没有涉及任何实际库位。",
    "wrong_direction": "“{reason}”不能从“{source}”到“{target}”。",
    "exercise_mixed": "演练物资与实际物资不能在同一笔中。",
    "hold_not_matched": "预留与出库明细不对应。",
    "finding_without_result": "写了问题,结果应选“有问题”。",
    "lots_of_round": "倒垛、抽检要写明批次和库位,其他事项不写。",
    "not_that_much_here": "批次 {value} 在该库位只有 {on_hand}。",
    "own_handover": "交班人与接班人必须是两个人。",
    "not_on_duty": "按记录当班的是{person};本人不在班而交班的,请在说明中写明原因。",
    "full_count_narrowed": "季度、年终盘点是全面盘点,不能只选部分库位或物资;请改用日常或专项盘点。",
    "witness_counts": "监盘人与盘点人必须是两个人。",
    "nothing_to_count": "所选范围内没有库位。",
    "before_base": "时间早于基准时间。",
    "no_recount_needed": "第 {line} 行不需要复盘。",
    "no_difference": "第 {value} 行没有差异,不用说明原因。",
    "on_the_sheet": "该批次在盘点表第 {line} 行,请直接填写实盘数。",
    "out_of_turn": "应先出先到期的批次;指定其他批次请填写原因。",
    "other_site": "库位 {value} 不在该场所。",
    "nothing_loaded": "没有装车数量。",
    "more_than_loaded": "签收合计 {value} 超过装车数 {maximum}。",
    "lock_line_not_open": "锁定的需求明细已满足、已终止或不属于本事件。",
    "lock_source_not_free": "锁定的来源没有可用数量,或已在接收点,无需调运。",
    "lock_other_item": "锁定的来源不是该需求明细可用的物资。",
    "lock_too_much": "锁定数量 {quantity} 超过来源可用量 {available}。",
    "above_floor": "释放数量 {value} 超过尚受底线保护的数量 {maximum}。",
    "seconds_or_iterations": "求解时间和迭代次数只填一项。",
    "password_short": "密码至少 {length_min} 位。",
    "password_common": "密码过于简单或常见。",
    "password_has_name": "密码不能包含用户名。",
    "password_same": "新密码不能与旧密码相同。",
    "wrong_password": "原密码不正确。",
    "not_a_date": "“{value}”不是日期,例如 2026-01-12。",
    # cells and files
    "not_a_number": "“{value}”不是数字。",
    "not_a_ratio": "“{value}”不是数字或分数。",
    "too_fine": "“{value}”过细:单位{unit},最多 {places} 位小数。",
    "percent_unclear": "“{value}”没有百分号,分不清是比例还是百分数。",
    "not_yes_no": "“{value}”既不是“是”也不是“否”。",
    "choose_one": "“{value}”不在可选范围内:{choices}。",
    "no_such_day": "“{value}”不是实际存在的日期。",
    "unknown_kind": "没有“{value}”这种文件。可用的种类:{kinds}。",
    "file_refused": "文件有 {count} 处问题,没有导入任何内容。",
    "file_too_large": "文件 {size_mb} MB,超过上限 {maximum_mb} MB。",
    "file_unreadable": "文件无法读取:{reason}。",
    "not_a_spreadsheet": "文件不是有效的 XLSX 工作簿。",
    "unpacks_too_large": "工作簿解压后过大,已拒绝。",
    "list_too_long": "共 {rows} 行,超过一个文件能放的 {maximum} 行,没有导出;请加筛选条件分几次导出。",
    "too_many_rows": "数据超过 {maximum} 行。",
    "too_many_columns": "第 {value} 列有内容,超过 {maximum} 列。",
    "nothing_in_file": "文件里没有数据。",
    "unknown_format": "不认识的文件类型“{value}”。",
    "unknown_encoding": "不认识的编码“{value}”。",
    "encoding_undecidable": "无法判断文件编码(UTF-8 与 GB18030 都说得通,或都说不通)。",
    "encoding_wrong": "文件不是 {value} 编码。",
    "csv_broken": "CSV 格式有误,例如引号没有配对。",
    "unknown_column": "不认识的列“{value}”。",
    "missing_column": "缺少列“{value}”。",
    "duplicate_column": "列“{value}”出现了两次。",
    "extra_cells": "这一行的单元格比表头多:“{value}”。",
    "formula": "“{value}”是公式,不接受公式。",
    "error_cell": "单元格是错误值“{value}”。",
    "cell_too_long": "过长:{length} 个字符,最多 {length_max} 个。",
    "digits_lost": "“{value}”位数过多,电子表格可能已丢失末尾数字。",
    "row_repeated": "“{value}”与第 {first} 行重复。",
    "scenario_invalid": "情景文件 {file} 有误,没有执行任何步骤。",
    "not_json": "不是合法的 JSON,请检查此行此列附近的逗号、引号和括号。",
    "unreadable": "无法识别:{value}。",
    "not_a_moment": "“{value}”不是时间,例如 2026-01-12 08:30。",
}

CHANGED: dict[str, str] = {
    "stock": "库存不足",
    "expired": "到货前过期",
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
    "call_off": "CallOffState",
    "mission": "MissionState",
    "rescue_team": "TeamState",
    "vehicle": "VehicleState",
    "incident": "IncidentState",
    "coordination_letter": "LetterState",
    "stock_document": "StockDocumentState",
    "arrival": "ArrivalState",
    "stock_count": "CountState",
    "duty_handover": "DutyState",
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
    if name in {"state", "wanted", "becomes", "reason", "source", "target", "role"}:
        return next((words[str(value)] for words in (own, *LABELS.values()) if str(value) in words), str(value))
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
    """What to tell the user of one field."""
    return sentence(error.code, error.params)
