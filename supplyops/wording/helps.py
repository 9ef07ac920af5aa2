"""What would help a plan: one sentence for every change, with its figures in braces."""

from __future__ import annotations

HELPS: dict[str, str] = {
    "lift_lock": "解除指挥员对{source}的锁定",
    "accept_less": "这条需求接受 {minimum_fill} {unit}(原要求至少 {was} {unit})",
    "unpack": "允许{item}拆包发放",
    "move_deadline": "{site}的送达时限({due})放宽 {time}",
    "second_driver": "为 {vehicle} 增配一名驾驶员",
    "add_bays": "{site}增开 {amount} 个装车位",
    "add_crews": "为{site}加派装卸力量,多发出 {amount} 千克",
    "add_room": "为{site}腾出场地,多接收 {amount} 升",
    "lower_floor": "将{site}的{item}储备底线下调 {amount} {unit}(由{owner}批准)",
    "order_minimum": "按合同 {contract} 的最小起订量调用{item} {quantity} {unit}",
    "add_vehicle": "在{site}增加 {amount} 辆{type}",
    "lift_restriction": "商请捐赠方同意将{site}的定向{item} {quantity} {unit}用于此处",
    "bring_forward": "请合同 {contract} 的供方提前 {time}交货(用到{item} {quantity} {unit})",
    "open_roads": "打通或放宽限行:{roads}",
    "add_stock": "在{site}另行筹措{item} {amount} {unit}",
    # goods outside the plan, by what keeps them out
    "take_offer.outside_chain": "向{owner}商借{site}的{item} {amount} {unit}",
    "take_offer.quarantine": "尽快检验{site}待检的{item},放行 {amount} {unit}",
    "take_offer.owner_refused": "再次商请{owner}批准动用{site}的{item} {amount} {unit}",
    "take_offer.held_lot": "解除{site}封存的{item} {amount} {unit}",
}


ADVICE: dict[str, dict[str, str]] = {
    "AdviceState": {"running": "试算中", "done": "已完成", "failed": "没有得出", "cancelled": "已取消"},
    "RemedyProof": {"proven": "已证实", "no_gain": "试算无效", "unproven": "未及试算"},
    "ReasonStanding": {"holds": "已核实", "no_effect": "单独解除无效", "untried": "未及核实"},
}


def span(seconds: int) -> str:
    """A length of time as people say it."""
    minutes = -(-seconds // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分钟"
    return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"
