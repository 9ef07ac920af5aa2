"""Files of numbered units and of how often they are worked on."""

from __future__ import annotations

from supplyops.assets import commands, queries
from supplyops.assets.rules import AssetInput, AssetPlanInput
from supplyops.exchange.columns import column, make_kind

ASSETS = make_kind(
    "assets",
    "资产",
    AssetInput,
    (
        column("物资编码", "sku", "C01007", "逐件编号的物资"),
        column("序列号", "serial_number", "SN-20230001"),
        column("批次号", "lot_number", "C01007-230510-001"),
        column("库位代码", "location_code", "wh-city-d", "资产现在所在的库位"),
        column("出厂编号", "maker_number", ""),
        column("启用日期", "in_service_on", "2023-06-19", "保养、检定从这一天起算"),
        column("保修期至", "warranty_until", "2026-06-18"),
        column("运行小时", "meter_hours", "0"),
        column("备注", "note", ""),
    ),
    key=("sku", "serial_number"),
    save=commands.save_assets,
    read=queries.asset_inputs,
    see=queries.asset_inputs,
)

ASSET_PLANS = make_kind(
    "asset-plans",
    "资产维护计划",
    AssetPlanInput,
    (
        column("物资编码", "sku", "C01001", "逐件编号的物资"),
        column("工作类别", "kind", "保养", "保养、检定、检查"),
        column("计划名称", "name", "更换机油"),
        column("每几个月", "every_months", "6", "与“每运行几小时”至少填一项"),
        column("每运行几小时", "every_hours", "100"),
        column("做法", "instructions", "换机油和机油滤芯,清洁空气滤清器"),
        column("来源标记", "source_mark", "A"),
    ),
    key=("sku", "kind", "name"),
    save=commands.save_asset_plans,
    read=queries.asset_plan_inputs,
    see=queries.asset_plan_inputs,
)
