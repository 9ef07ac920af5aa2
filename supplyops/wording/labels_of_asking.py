"""Words for the codes of numbered units and of asking the books; `labels` puts them with the others."""

from __future__ import annotations

from supplyops.wording.helps import ADVICE

ASSETS: dict[str, dict[str, str]] = {
    "AssetState": {"ready": "可用", "lent": "已领用", "out_of_order": "停用"},
    "AssetEventKind": {
        "registered": "登记",
        "changed": "更正",
        "picked": "备货",
        "moved": "移动",
        "handed_out": "领用",
        "handed_back": "归还",
        "maintenance": "保养",
        "calibration": "检定",
        "inspection": "检查",
        "repair": "维修",
        "out_of_order": "停用",
        "back_in_service": "恢复使用",
    },
    "AssetWorkKind": {"maintenance": "保养", "calibration": "检定", "inspection": "检查", "repair": "维修"},
    "AssetCondition": {"good": "完好", "worn": "有磨损", "damaged": "损坏", "lost": "丢失"},
    "AssetDueKind": {
        "loan": "待归还",
        "maintenance": "保养",
        "calibration": "检定",
        "inspection": "检查",
        "repair": "待维修",
    },
}

ASKING: dict[str, dict[str, str]] = {
    "Change": {
        "frozen": "锁定不动",
        "kept": "未变",
        "moved": "换车或改时",
        "changed": "改数量",
        "more": "加量",
        "added": "新增",
        "dropped": "取消",
    },
    **ADVICE,
    "StockClock": {"recorded": "按记账时间", "occurred": "按发生时间"},
    "SearchKind": {
        "item": "物资",
        "lot": "批次",
        "asset": "资产",
        "site": "场所",
        "location": "库位",
        "stock_document": "出入库单",
        "consignment": "调拨单",
        "instruction": "动用指令",
        "request": "需求申请单",
        "letter": "协调函",
        "incident": "突发事件",
        "mission": "调动命令",
        "call_off": "启用通知",
        "contract": "合同",
        "asset_loan": "领用单",
        "transfer": "调剂调拨单",
        "arrival": "到货通知",
        "count": "盘点单",
        "recovery": "回收登记表",
        "scrap": "报废申请",
        "rotation": "轮换单",
        "kit_work": "组拆单",
        "obligation": "归还义务",
        "team": "救援队伍",
        "person": "人员",
    },
}
