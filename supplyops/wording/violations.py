"""What the independent checker finds wrong with a plan, in words: what it is about, what is wrong, and the figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

VIOLATIONS: dict[str, str] = {
    # what a plan is made for
    "other_problem": "方案不是按这份问题编制的",
    "unknown_source": "来源不存在",
    "unknown_line": "需求行不存在",
    "unknown_trip": "车次不存在",
    "unknown_vehicle": "车辆不存在",
    "unknown_site": "场所不存在",
    "unknown_edge": "道路不存在",
    "unknown_allocation": "装卸的明细不存在",
    "trip_number_twice": "两个车次用了同一编号",
    "trip_without_stops": "车次没有停靠点",
    # goods
    "wrong_item": "物资与来源不符",
    "item_not_wanted": "需求行不要这种物资,也不能代用",
    "not_positive": "数量必须大于零",
    "broken_pack": "拆了不能拆的包装",
    "wrong_serves": "折算的满足数量不对",
    "wrong_lateness": "是否迟到标错了",
    "too_late": "到得太晚,已没有用处",
    "lot_without_trip": "库存物资没有安排车次",
    "restricted": "定向物资用到了别处",
    "expired": "送到时已过有效期",
    "wrong_carriage": "供方送货与自提标错了",
    "oversold": "用量超过现有数量",
    "below_floor": "动用后低于储备底线",
    "below_minimum_order": "低于合同最小起订量",
    "before_contract_gives": "早于合同能供货的时间,或超过届时的供货量",
    "supplier_cannot_drive_there": "供方车辆到不了接收点",
    "overserved": "给的比要的多",
    "below_minimum_fill": "少于最低需要,送了没有用处",
    "lock_broken": "没有照指挥员的锁定安排",
    "store_overloaded": "超过该处能装车发出的数量",
    "place_overloaded": "超过接收点能存放的容积",
    "before_window_opens": "早于接收点可以接收的时间卸货",
    # what is missing
    "gap_missing": "有缺口没有写明",
    "gap_of_served_line": "已满足的需求写成了缺口",
    "gap_twice": "同一需求写了两个缺口",
    "gap_without_reason": "缺口没有原因",
    "wrong_gap": "缺口数量不对",
    "wrong_late": "迟到数量不对",
    # trips
    "not_from_base": "没有从车辆驻地出发",
    "not_back_to_base": "没有回到车辆驻地",
    "loads_at_the_end": "收车时还在装卸",
    "wrong_departure": "出发时间不对",
    "wrong_return": "返回时间不对",
    "wrong_distance": "里程不对",
    "vehicle_not_there_yet": "车辆那时还不可用",
    "vehicle_not_free": "超出车辆可用时间",
    "two_trips_at_once": "一辆车同时跑两趟",
    "handling_too_short": "装卸时间不够",
    "site_off_the_road": "场所不在路网上",
    "closed_road": "走了封闭的道路",
    "too_large_for_road": "车型超过道路限制",
    "too_heavy_for_bridge": "车辆超过桥梁限重",
    "too_high_for_road": "车辆超过道路限高",
    "cannot_ford": "车辆不能涉水,走了涉水路段",
    "towing_barred": "带挂车辆走了禁止牵引的道路",
    "not_in_convoy": "没有编队,走了只许车队通行的道路",
    "not_for_snow": "积雪路段须用防滑或越野车辆",
    "roads_do_not_join": "路线不相连",
    "faster_than_the_road": "行驶时间比道路允许的短",
    "drives_too_long": "驾驶时间超过规定",
    "empty_trip": "车次没有装货",
    "wanders_before_loading": "装货前绕行",
    "unloads_before_loading": "没装先卸",
    "loads_twice": "一个车次装了两处",
    "site_twice": "一个车次两次到同一接收点",
    "stop_without_work": "停靠点没有装卸",
    "loaded_elsewhere": "装货地点不是货物所在地",
    "delivered_elsewhere": "卸货地点不是需求的接收点",
    "too_large_for_site": "车型进不了场地",
    "too_large_for_request": "车型超过申请单写明的限制",
    "not_refrigerated": "冷藏物资没有用冷藏车",
    "not_heated": "保温物资没有用保温车",
    "overloaded": "超载",
    "does_not_fit": "装不下",
    "cannot_tow": "超过牵引能力",
    "incompatible_load": "不能混装的物资装在一起",
    "loaded_without_trip": "没有车次的明细写了装卸",
    "wrong_loading": "装车与明细不符",
    "wrong_unloading": "卸车与明细不符",
    "loaded_before_available": "货物可用之前就装车",
    "too_many_at_the_bays": "同时装货的车多于装卸台",
    "standing_trip_changed": "已定的车次被改动",
    # the order of classes
    "higher_class_passed_over": "能给更优先需求的物资给了靠后的需求",
    "higher_class_left_behind": "车上装了靠后的物资,更优先的留在库里",
    "room_left_unused": "车上还有地方,能按时送到的物资没有装",
    # figures
    "wrong_figure": "汇总数字不对",
    "bound_below_plan": "上限低于方案本身",
}


SUBJECTS: dict[str, str] = {
    "solution": "整个方案",
    "gaps": "缺口说明",
    "line": "需求 {number} 第{line_no}行({site} {item})",
    "lot": "{site}的{item}(批号 {lot})",
    "contract": "合同 {contract} 的{item}",
    "goods": "{source} {amount},给{line}",
    "row": "第 {place} 条明细",
    "trip": "第 {no} 车次({plate})",
    "leg": "第 {no} 车次({plate})开往{site}的路上",
    "unloading": "第 {no} 车次({plate})在{site}",
    "stop": "第 {no} 车次({plate})第 {stop} 站({site})",
    "vehicle": "车辆 {plate}",
    "floor": "{site}的{item}",
    "lock": "{source}与{line}",
    "class": "{rank} {name}",
    "standing": "{plate} {at} 装车的车次",
}
"""What a finding is about."""

FIGURES: dict[str, str] = {
    "classes": "各类满足情况",
    "late_lines": "迟到的需求",
    "vehicles_used": "用车辆数",
    "trips": "车次数",
    "distance_m": "里程",
    "drive_s": "驾驶时间",
    "cost_fen": "运费",
    "goods_fen": "货款",
    "last_arrival_at": "最后到达时间",
    "by_precedence": "各级货源的用量",
}
"""What the figures of a plan are called."""

DETAILS: dict[str, str] = {
    "unknown_site": "{site}",
    "wrong_item": "写的是{item}",
    "item_not_wanted": "{item}",
    "not_positive": "数量 {quantity},折算 {serves}",
    "broken_pack": "数量 {quantity},一个包装 {pack}",
    "wrong_serves": "写的是 {serves},最多 {most}",
    "wrong_lateness": "最晚 {due_at},到达 {arrives_at}",
    "too_late": "到达 {arrives_at}",
    "expired": "有效到 {expires_at}",
    "wrong_carriage": "合同约定{carriage}",
    "oversold": "用了 {taken},只有 {there}",
    "below_floor": "剩 {stays},底线 {floor}",
    "below_minimum_order": "调用 {taken},最小起订量 {minimum}",
    "before_contract_gives": "到 {at} 共要 {come},届时能供 {given}",
    "supplier_cannot_drive_there": "{site}",
    "overserved": "给了 {serves},要 {asked}",
    "below_minimum_fill": "按时送到 {served}",
    "lock_broken": "给了 {given},锁定 {lock}",
    "store_overloaded": "要发出 {sent_g},最多 {limit_g}",
    "place_overloaded": "要接收 {come_cm3},能存放 {room_cm3}",
    "before_window_opens": "{opens_at} 起才能接收",
    "gap_missing": "缺 {quantity}",
    "wrong_gap": "写的是 {stated},应为 {found}",
    "wrong_late": "写的是 {stated},应为 {found}",
    "not_from_base": "从{site}出发",
    "not_back_to_base": "回到{site}",
    "wrong_departure": "写的是 {stated}",
    "wrong_return": "写的是 {stated}",
    "wrong_distance": "写的是 {stated},应为 {found}",
    "vehicle_not_there_yet": "{at} 起可用",
    "vehicle_not_free": "可用到 {until},{back} 才返回",
    "two_trips_at_once": "第 {trips} 车次",
    "handling_too_short": "至少要 {needs}",
    "closed_road": "{edge}",
    "too_large_for_road": "{edge}",
    "too_heavy_for_bridge": "{edge}",
    "too_high_for_road": "{edge}",
    "cannot_ford": "{edge}",
    "towing_barred": "{edge}",
    "not_in_convoy": "{edge}",
    "not_for_snow": "{edge}",
    "roads_do_not_join": "断在{at}",
    "faster_than_the_road": "用 {takes},至少要 {needs}",
    "drives_too_long": "驾驶 {driving},最多 {limit}",
    "loads_twice": "{site}",
    "loaded_elsewhere": "货物在{origin},装货在{site}",
    "delivered_elsewhere": "{line},卸在{site}",
    "too_large_for_site": "{site}",
    "too_large_for_request": "{line}",
    "not_refrigerated": "{item}",
    "not_heated": "{item}",
    "overloaded": "货物 {mass_g},载重 {payload_g}",
    "does_not_fit": "货物 {volume_cm3},车厢 {space_cm3}",
    "cannot_tow": "牵引 {towed_g},能力 {capacity_g}",
    "incompatible_load": "{groups}",
    "loaded_before_available": "{at} 就装车",
    "too_many_at_the_bays": "同时 {busy} 辆,装车位 {bays} 个",
    "higher_class_passed_over": "{quantity}给了{served_line}",
    "higher_class_left_behind": "第 {trip} 车次可以装{lot} {quantity}",
    "room_left_unused": "第 {trip} 车次可以装{lot} {quantity}",
    "wrong_figure": "写的是 {stated},应为 {found}",
    "bound_below_plan": "上限 {bound}",
}
"""The figures of a finding; one that lacks some of them is told without."""

FRAMES: dict[str, str] = {"where": "{where}:{what}", "detail": "{where}:{what}({detail})"}
"""How the parts of a finding are put together."""
UNKNOWN = {"text": "(不明)"}

_GAP = re.compile(r"{(\w+)}")


def violation_words(finding: Any, say: Callable[[str], str] = str) -> str:
    """One thing that is wrong, where, and its figures, with names. `say` turns each Chinese text into another language."""
    parts = {
        "where": filled(finding.subject, say),
        "what": say(VIOLATIONS.get(finding.code, finding.code)),
        "detail": _detail(finding.code, finding.values, say),
    }
    return say(FRAMES["detail" if parts["detail"] else "where"]).format(**parts)


def _detail(code: str, values: Mapping[str, Any], say: Callable[[str], str]) -> str:
    text = DETAILS.get(code, "")
    known = bool(text) and all(name in values for name in _GAP.findall(text))
    return filled({**values, "text": text}, say) if known else ""


def filled(value: Any, say: Callable[[str], str] = str) -> str:
    """A value as it is read: a text with gaps, whose fillings may have gaps of their own, or several of them."""
    if isinstance(value, Mapping):
        text = say(value["text"])
        return _GAP.sub(lambda gap: filled(value.get(gap[1], UNKNOWN), say), text)
    if isinstance(value, list | tuple):
        return say("、").join(filled(each, say) for each in value)
    return str(value)
