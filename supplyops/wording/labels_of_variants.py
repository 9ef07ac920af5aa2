"""Words for codes of plans laid side by side; `labels` puts them with the others."""

from __future__ import annotations

VARIANT_LABELS: dict[str, dict[str, str]] = {
    "Rung": {
        "own": "本级",
        "delegated": "上级代储",
        "neighbour": "调剂",
        "prefecture": "自治州",
        "region": "自治区",
        "contract": "合同",
        "social": "社会力量",
    },
    "VariantOrigin": {"fast": "快速", "fair": "均衡", "frugal": "节约", "edited": "手工修改", "late": "追加需求"},
    "StudyKind": {"alternatives": "备选方案", "changes": "变更对照", "late": "追加需求"},
    "Way": {"detour": "顺路绕行", "new_trip": "加开车次", "supplier": "供方送货", "pieces": "分批送达"},
    "Measure": {
        "class_served": "类按时满足率 %",
        "class_poorest": "类最低一行 %",
        "served_persons": "按时得到物资(人次)",
        "lines_full": "全部满足的需求行",
        "late_lines": "有迟到的需求行",
        "poorest_place": "满足最差的接收点 %",
        "mean_arrival": "平均到达(差值 时:分)",
        "last_arrival": "最晚到达(差值 时:分)",
        "vehicles": "用车(辆)",
        "trips": "车次",
        "distance": "行驶(公里)",
        "cost": "运费(元)",
        "goods": "物资价值(元)",
        "order_of_use": "动用顺序",
        "floors": "降到底线的储备(处)",
    },
}
