"""Why a plan does not serve a need: one sentence for every reason, with its figures in braces."""

from __future__ import annotations

WHY: dict[str, str] = {
    # reasons of the optimizer
    "no_stock": "指挥体系内没有可用的{items}。",
    "all_given": "能按时送到的{items}已全部给了这条需求,没有更多。",
    "expired": "{where}共 {amount},在送到之前就会过期。",
    "restricted": "{where}共 {amount},是定向物资,不能用于此处。",
    "floor": "{where}还有 {amount},属储备底线,须由物权单位的批准人释放后才能动用。",
    "no_road": "{where}共 {amount},但没有通往接收点的可用道路。",
    "road_limit": "{where}共 {amount},但沿途道路、桥梁或接收点限行,没有能够通过的车辆。",
    "deadline": "{where}共 {amount},最早 {earliest} 才能送到,晚于要求的 {due}。",
    "contract_ramp": "{where}可供 {amount},最早 {earliest} 才能交货,晚于要求的 {due}。",
    "contract_minimum": "{where}:需要的数量低于合同最小起订量。",
    "higher_class": "{where}的 {amount} 已用于类别更靠前的需求{lines}。",
    "same_class": "{where}的 {amount} 已在同类需求之间分摊{lines}。",
    "minimum_fill": "能按时送到的数量低于这条需求的最低量 {minimum_fill} {unit},送少了没有用处。",
    "packs": "{where}剩下 {amount},少于能用的最小数量{pack}(整包装,或代用品折算所需),不能动用。",
    "store_busy": "{where}有 {amount},但该处能装车发出的数量已安排满。",
    "place_full": "{where}有 {amount},但接收点已没有地方存放。",
    "vehicles": "{where}有 {amount},但 {due} 前没有空闲的合适车辆。",
    "equipment": "{where}有 {amount},但没有空闲的冷藏、保温或牵引车辆。",
    "locked": "指挥员锁定:{where}{mode}{wanted},方案给了 {given} {unit}。",
    # goods that were left out of the plan
    "outside_chain": "{owner}({site})有{item} {amount},在指挥体系以外,须先发协调函并取得同意。",
    "quarantine": "{site}有{item} {amount} 在待检隔离区,检验合格后才能动用。",
    "expired_stock": "{site}有{item} {amount} 已过有效期,不能动用。",
    "held_lot": "{site}有{item} {amount} 已封存,解除封存后才能动用。",
    "owner_refused": "{owner}没有批准动用{site}的{item} {amount}。",
    "recalled_lot": "{site}有{item} {amount} 已被召回,不能动用。",
    "damaged_lot": "{site}有{item} {amount} 已记破损,不能动用。",
    "restricted_lot": "{site}有{item} {amount} 是定向物资,不能用于这些接收点。",
    "no_vehicle_type": "合同 {contract} 可供{item} {amount},但系统中没有任何车型,无法判断能否送达;请先导入车型。",
    "contract_no_site": "合同 {contract} 可供{item} {amount},但没有登记供货地点,无法计算到货时间。",
    "at_place": "{site}本地就有{item} {amount},请就地发放,不必调运。",
}
