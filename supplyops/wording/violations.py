"""What the independent checker finds wrong with a plan, in words; the figures stand behind it."""

from __future__ import annotations

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


def violation_words(violation: dict[str, Any]) -> str:
    """One thing that is wrong, where, and its figures: `{code, where, params}` as a verdict is kept."""
    code = str(violation["code"])
    figures = "、".join(f"{name} {value}" for name, value in (violation.get("params") or {}).items())
    where = str(violation.get("where", ""))
    return f"{VIOLATIONS.get(code, code)}({where}{':' if figures else ''}{figures})"
