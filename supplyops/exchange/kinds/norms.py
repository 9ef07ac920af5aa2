"""Files of norms and parameters."""

from __future__ import annotations

from typing import Any

from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import RATIO, Choice, ListOf, choice
from supplyops.incidents.rules import Hazard
from supplyops.norms import commands, queries
from supplyops.norms.rules import NeedNormInput, ParameterInput, ReserveNormInput, ThresholdInput
from supplyops.recoveries import commands as recoveries
from supplyops.recoveries import queries as recovery_queries
from supplyops.recoveries.rules import RecoveryLimitInput
from supplyops.wording.labels import CRITERIA, LABELS

_AMOUNT = ("amount_numerator", "amount_denominator")
_PLAIN = tuple(name for name in NeedNormInput.__dataclass_fields__ if name not in _AMOUNT)


def _make_need_norm(values: dict[str, Any]) -> NeedNormInput:
    numerator, denominator = values.pop("amount")
    return NeedNormInput(amount_numerator=numerator, amount_denominator=denominator, **values)


def _show_need_norm(norm: NeedNormInput) -> dict[str, Any]:
    return {name: getattr(norm, name) for name in _PLAIN} | {"amount": (norm.amount_numerator, norm.amount_denominator)}


NEED_NORMS = make_kind(
    "need-norms",
    "需求标准",
    NeedNormInput,
    (
        column("标准代码", "code", "tent-winter"),
        column("物资编码", "sku", "A01002"),
        column("季节", "season", "冬季"),
        column("测算依据", "driver", "集中安置人数", "需求随什么增长"),
        column(
            "每单位用量",
            "amount",
            "1/5",
            "每一个依据单位需要多少;数字或分数。有内含量的物资按含量单位(如 ml)",
            parser=RATIO,
            required=True,
            covers=_AMOUNT,
        ),
        column("天数规则", "day_rule", "一次"),
        column("适用灾种", "hazards", "地震、洪涝", "不填为全部", parser=ListOf(choice(Hazard))),
        column("最低数量", "minimum", "0", "计量单位数"),
        column("最低海拔(m)", "elevation_min_m", "", "只用于此海拔以上的地点"),
        column("来源标记", "source_mark", "A", required=True),
        column("生效日期", "valid_from", ""),
        column("截止日期", "valid_to", ""),
        column("备注", "note", "每 5 人一顶"),
    ),
    key=("code",),
    save=commands.save_need_norms,
    read=lambda ctx: [rebuilt(NeedNormInput, row) for row in queries.need_norms(ctx)],
    see=queries.need_norms,
    make=_make_need_norm,
    show=_show_need_norm,
)

RESERVE_NORMS = make_kind(
    "reserve-norms",
    "储备标准",
    ReserveNormInput,
    (
        column("标准代码", "code", "quilt-city"),
        column("物资编码", "sku", "A02003"),
        column("层级", "level", "市"),
        column("每千人储备数量", "quantity_per_thousand", "40"),
        column("储备底线", "floor_permille", "20%", "方案不得动用的比例,例如 20%"),
        column("测算方法", "method", "", "不填时按该层级的方法(参数 reserve.method.…)"),
        column("固定数量", "fixed_quantity", "", "只用于“固定数量”方法"),
        column("夏季系数", "summer_permille", "100%", "夏季目标为标准的百分之几"),
        column("冬季系数", "winter_permille", "100%", "冬季目标为标准的百分之几"),
        column("来源标记", "source_mark", "A", required=True),
        column("备注", "note", ""),
    ),
    key=("code",),
    save=commands.save_reserve_norms,
    read=lambda ctx: [rebuilt(ReserveNormInput, row) for row in queries.reserve_norms(ctx)],
    see=queries.reserve_norms,
)

THRESHOLDS = make_kind(
    "thresholds",
    "响应启动条件",
    ThresholdInput,
    (
        column("响应级别", "response_level", "2", "1 最高,4 最低"),
        column("条件", "criterion", "紧急转移安置或需救助人数", parser=Choice(CRITERIA)),
        column("下限(含)", "minimum", "1000"),
        column("来源标记", "source_mark", "H", required=True),
    ),
    key=("response_level", "criterion"),
    save=commands.save_thresholds,
    read=lambda ctx: [rebuilt(ThresholdInput, row) for row in queries.thresholds(ctx)],
    see=queries.thresholds,
)

PARAMETERS = make_kind(
    "parameters",
    "参数",
    ParameterInput,
    (
        column("参数", "key", "oral.paper_hours"),
        column("名称", "name", "口头批准补签时限"),
        column("数值", "value", "24"),
        column("单位", "unit", "小时", "没有单位时不填", required=False),
        column("来源标记", "source_mark", "A"),
        column("生效日期", "effective_from", "2026-01-01"),
        column("可修改角色", "editable_by", "业务员", parser=Choice(LABELS["Role"])),
        column("备注", "note", ""),
    ),
    key=("key", "effective_from"),
    save=commands.save_parameters,
    read=lambda ctx: [rebuilt(ParameterInput, row) for row in queries.parameter_versions(ctx)],
    see=queries.parameters,
)

RECOVERY_LIMITS = make_kind(
    "recovery-limits",
    "回收期限",
    RecoveryLimitInput,
    (
        column("物资编码", "sku", "A01001", "回收类物资"),
        column("期限(月)", "months", "6", "发出后几个月内收回;没有列出的物资按参数 recovery.months"),
        column("生效日期", "effective_from", "2026-01-01", "这一天以后发出的按此期限"),
        column("来源标记", "source_mark", "P14"),
        column("备注", "note", "使用不足6个月的单帐篷回收"),
    ),
    key=("sku", "effective_from"),
    save=recoveries.save_limits,
    read=recovery_queries.limit_inputs,
    see=recovery_queries.limit_inputs,
)
