"""Files of what goods are had with and brought by: vehicles, contracts, teams."""

from __future__ import annotations

from supplyops.contracts import commands as contracts
from supplyops.contracts import queries as contract_queries
from supplyops.contracts.rules import ContractInput, ContractLineInput
from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import RAMPS
from supplyops.fleet import commands as fleet
from supplyops.fleet import queries as fleet_queries
from supplyops.fleet.rules import VehicleInput, VehicleTypeInput
from supplyops.runtime import Context
from supplyops.teams import commands as teams
from supplyops.teams import queries as team_queries
from supplyops.teams.rules import TeamInput

VEHICLE_TYPES = make_kind(
    "vehicle-types",
    "车型",
    VehicleTypeInput,
    (
        column("车型代码", "code", "V4"),
        column("车型名称", "name", "6.8米厢货"),
        column("车型级别", "size_class", "5", "1 至 9,与道路和场所的限制比较"),
        column("载重(kg)", "payload_g", "9000"),
        column("容积(m³)", "volume_cm3", "38"),
        column("总质量(kg)", "gross_mass_kg", "16000", "满载时,与桥梁限重比较"),
        column("城区时速(km/h)", "speed_urban_kmh", "40"),
        column("平原时速(km/h)", "speed_plain_kmh", "70"),
        column("山区时速(km/h)", "speed_mountain_kmh", "45"),
        column("冰雪时速(km/h)", "speed_snow_kmh", "30"),
        column("雪地车辆", "is_snow_capable", "否"),
        column("车高(cm)", "height_cm", "", "0 或不填为不受限高影响"),
        column("可涉水", "can_ford", "否"),
        column("冷藏", "is_refrigerated", "否"),
        column("保温", "is_heated", "否"),
        column("牵引能力(kg)", "tow_capacity_g", "0"),
        column("出车费(元)", "fixed_cost_fen", "200"),
        column("每公里费用(元)", "cost_per_km_fen", "3.2"),
        column("每小时费用(元)", "cost_per_hour_fen", "60"),
        column("来源标记", "source_mark", "U"),
        column("备注", "note", ""),
    ),
    key=("code",),
    save=fleet.save_vehicle_types,
    read=lambda ctx: [rebuilt(VehicleTypeInput, row) for row in fleet_queries.vehicle_types(ctx)],
    see=fleet_queries.vehicle_types,
)

VEHICLES = make_kind(
    "vehicles",
    "车辆",
    VehicleInput,
    (
        column("车牌号", "plate", "新F12345"),
        column("车型代码", "type_code", "V4"),
        column("所属单位代码", "organisation_code", "654004-yj"),
        column("驻地场所代码", "base_site_code", "city-store"),
        column("驾驶员", "driver", "马志强"),
        column("驾驶员电话", "driver_phone", "13900000000"),
        column("第二驾驶员", "second_driver", ""),
        column("车辆状态", "state", "待命"),
        column("出车准备(分钟)", "ready_minutes", "30"),
        column("合同编号", "contract_number", "", "社会车辆的运输合同"),
        column("备注", "note", ""),
    ),
    key=("plate",),
    save=fleet.save_vehicles,
    read=lambda ctx: [rebuilt(VehicleInput, row) for row in fleet_queries.vehicles(ctx)],
    see=fleet_queries.vehicles,
)

CONTRACTS = make_kind(
    "contracts",
    "预签合同",
    ContractInput,
    (
        column("合同编号", "number", "HEGS-2025-C1-01"),
        column("合同名称", "title", "瓶装饮用水预签合同"),
        column("合同类型", "type", "预签合同", "C1 至 C5,填代码或名称"),
        column("供方单位代码", "supplier_code", "gs-water"),
        column("需方单位代码", "buyer_code", "654004-yj"),
        column("生效日期", "valid_from", "2025-07-01"),
        column("截止日期", "valid_to", "2026-06-30"),
        column("签订日期", "signed_on", "2025-06-20"),
        column("确认时限(分钟)", "confirm_minutes", "30"),
        column("供货时限(小时)", "lead_time_hours", "24"),
        column("运输方式", "carrier", "供方送货"),
        column("供货场所代码", "supply_site_code", "gs-water-store"),
        column("联系人", "contact", "张经理"),
        column("值班电话", "duty_phone", "13700000000"),
        column("备用联系人", "second_contact", ""),
        column("验收期限(天)", "acceptance_days", "5"),
        column("逾期违约金", "late_penalty_permille", "0.5%", "每日占合同额的比例"),
        column("核验日期", "verified_on", "2025-12-01"),
        column("条款", "terms", ""),
        column("来源标记", "source_mark", "A"),
        column("演练", "is_exercise", "否"),
    ),
    key=("number",),
    save=contracts.save_contracts,
    read=lambda ctx: [rebuilt(ContractInput, row) for row in contract_queries.contracts(ctx)],
    see=contract_queries.contracts,
)


def _contract_lines(ctx: Context) -> list[ContractLineInput]:
    return [
        rebuilt(ContractLineInput, line, contract_number=contract.number)
        for contract in contract_queries.contracts(ctx)
        for line in contract.lines
    ]


CONTRACT_LINES = make_kind(
    "contract-lines",
    "合同明细",
    ContractLineInput,
    (
        column("合同编号", "contract_number", "HEGS-2025-C1-01"),
        column("行号", "line_no", "1"),
        column("物资编码", "sku", "B01001", "与“车型代码”只填一项"),
        column("车型代码", "vehicle_type", "", "运输合同填车型代码,数量为车数"),
        column("规格型号", "spec", "550ml×24"),
        column("保证数量", "guaranteed_quantity", "5000", "按物资的计量单位"),
        column("最小起订量", "minimum_order", "100"),
        column("单价(元)", "unit_price_fen", "28"),
        column("最高限价(元)", "price_cap_fen", "0"),
        column(
            "供应进度",
            "ramp",
            "24h:20%、48h:50%、72h:100%",
            "启用后各小时累计到货比例;不填为供货时限到全部到货",
            parser=RAMPS,
        ),
    ),
    key=("contract_number", "line_no"),
    save=contracts.save_contract_lines,
    read=_contract_lines,
    see=contract_queries.contracts,
)

TEAMS = make_kind(
    "teams",
    "救援队伍",
    TeamInput,
    (
        column("队伍代码", "code", "T10-yiche"),
        column("队伍名称", "name", "伊车嘎善乡综合应急救援队"),
        column("队伍类别", "type", "乡镇街道社区综合应急队伍", "T01 至 T12,填代码或名称"),
        column("用人方式", "employment", "兼职"),
        column("所属单位代码", "organisation_code", "654004200"),
        column("区划代码", "area_code", "654004200"),
        column("驻地场所代码", "base_site_code", ""),
        column("共建单位", "other_owners", ""),
        column("队长", "leader", "努尔兰"),
        column("副队长", "deputy", ""),
        column("值班电话", "duty_phone", "0999-8790000"),
        column("编制人数", "strength_authorised", "30"),
        column("在位人数", "strength_present", "26"),
        column("能力", "capabilities", "人员搜索、物资搬运分发"),
        column("专长", "specialities", ""),
        column("装备", "equipment", "破拆工具 2 套、发电机 1 台"),
        column("车辆", "vehicles", "皮卡 1 辆"),
        column("集结时限(分钟)", "ready_minutes", "60"),
        column("非工作时间集结时限(分钟)", "ready_minutes_off_hours", "120"),
        column("自我保障(小时)", "self_sufficient_hours", "24"),
        column("最长连续作业(小时)", "continuous_hours_max", "12"),
        column("救援分级", "usar_class", "无", "国际搜救分级"),
        column("可夜间作业", "works_at_night", "是", "不填即未登记"),
        column("可零下30度作业", "works_at_minus_30", "否", "不填即未登记"),
        column("协议", "agreement", ""),
        column("协议有效期至", "agreement_valid_to", ""),
        column("保险公司", "insurer", "人保财险"),
        column("保单号", "insurance_policy", ""),
        column("保险有效期至", "insurance_valid_to", "2026-12-31"),
        column("最近演练日期", "last_exercise_on", ""),
        column("考核得分", "assessment_score", ""),
        column("考核日期", "assessed_on", ""),
        column("来源标记", "source_mark", "A"),
    ),
    key=("code",),
    save=teams.save_teams,
    read=lambda ctx: [rebuilt(TeamInput, row) for row in team_queries.teams(ctx)],
    see=team_queries.teams,
)
