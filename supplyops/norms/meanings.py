"""What each parameter means as text: a figure that no rule could read is refused when it is written, not at 3 a.m. when it is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from supplyops.kernel.calendar import days_of
from supplyops.people.rules import Level


@dataclass(frozen=True, slots=True)
class Meaning:
    """The values a parameter may have: a number inside its limits, or text of a shape; `says` shows one."""

    minimum: Fraction | None = None
    maximum: Fraction | None = None
    is_whole: bool = True
    shape: re.Pattern[str] | None = None
    says: str = ""
    reads: Callable[[str], object] | None = None
    """Reads text of the shape; raises ValueError for a day or span that does not exist."""

    def allows(self, value: str) -> bool:
        """Can the rule that uses the parameter read this?"""
        if self.shape is not None:
            return self.shape.fullmatch(value.strip()) is not None and self._is_readable(value)
        if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6}|/[0-9]{1,9})?", value) is None or value.endswith("/0"):
            return False
        number = Fraction(value)
        return (
            (not self.is_whole or number.denominator == 1)
            and (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
        )

    def _is_readable(self, value: str) -> bool:
        try:
            if self.reads is not None:
                self.reads(value)
        except ValueError:
            return False
        return True

    @property
    def allowed(self) -> str:
        """What may stand there, in words for the person who writes it."""
        if self.shape is not None:
            return self.says
        return f"{'整数' if self.is_whole else '数字'} {_plain(self.minimum)} 至 {_plain(self.maximum)}"


def _plain(number: Fraction | None) -> str:
    return "" if number is None else f"{float(number):g}"


def _number(minimum: str, maximum: int, *, whole: bool = False) -> Meaning:
    return Meaning(Fraction(minimum), Fraction(maximum), whole)


def _whole(minimum: int, maximum: int) -> Meaning:
    return _number(str(minimum), maximum, whole=True)


def _text(shape: str, says: str) -> Meaning:
    return Meaning(shape=re.compile(shape), says=says)


_PERMILLE = _whole(0, 1000)
_PERSONS = _whole(0, 100_000_000)
_HOURS = _whole(1, 8760)
_GROUP = r"(general|food|chemical|fuel)"
_MONTH = r"(1[0-2]|[1-9])"
_DAY = r"\d{4}-\d{2}-\d{2}"
_DAYS = Meaning(
    shape=re.compile(rf"none|{_DAY}(\.\.{_DAY})?( *, *{_DAY}(\.\.{_DAY})?)*"),
    says="日期或起止日期,用逗号分开,例如 2026-10-01..2026-10-07,2026-05-01;没有填 none",
    reads=days_of,
)
_UPKEEP = (
    "inspection", "ventilation", "damp", "rodents", "fire_check", "fire_training", "fire_drill", "restack", "sampling",
)  # fmt: skip

MEANINGS: dict[str, Meaning] = {
    "persons_per_tent": _number("0.5", 1000),
    "household_size": _number("0.5", 100),
    "infant_permille": _PERMILLE,
    "elderly_permille": _PERMILLE,
    "women_permille": _PERMILLE,
    "first_report_hours": _HOURS,
    "first_batch_hours": _HOURS,
    "oral.paper_hours": _HOURS,
    "load_hours": _HOURS,
    "hold.hours": _HOURS,
    "acceptance.report_working_days": _whole(1, 60),
    "warehouse.turnover_days": _whole(1, 3650),
    "calendar.holidays": _DAYS,
    "calendar.made_up_days": _DAYS,
    "obligation.days": _whole(1, 3650),
    "recovery.months": _whole(1, 600),
    "scrap.hold_days": _whole(1, 3650),
    "scrap.experts_min": _whole(1, 100),
    "scrap.publicity_days": _whole(1, 365),
    "scrap.deadline": _text(r"(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])", "月-日,例如 10-31"),
    "expiry.band_days": _text(r"[1-9][0-9]{0,3}( *, *[1-9][0-9]{0,3})*", "天数,用逗号分开,例如 30,90,180"),
    "undo.minutes": _whole(0, 1440),
    "backdate.days": _whole(0, 3650),
    "backdate.grace_minutes": _whole(1, 1440),
    "takeover.order": _text(
        r"(response|class|level)( *, *(response|class|level)){0,2}",
        "response、class、level 各至多一次,用逗号分先后,例如 response,class,level",
    ),
    "takeover.hours": _HOURS,
    "rotation.days": _whole(1, 3650),
    "asset.due_days": _whole(0, 1000),
    "asset.due_hours": _whole(0, 1000),
    "urgency.raise.most_urgent": _whole(0, 9),
    "urgency.raise.urgent": _whole(0, 9),
    "urgency.raise.normal": _whole(0, 9),
    **{f"reserve.persons.{level.value}": _PERSONS for level in Level},
    "count.tolerance": _text(
        r"{0}( *, *{0})*".format(r"[a-z_0-9-]{1,20} *= *[0-9]{1,9}(‰|permille)?"),
        "需求类别代码=数量或千分数,用逗号分开,例如 default=0,food=5‰,household=2;default 是其余各类",
    ),
    "count.approval_permille": _PERMILLE,
    "count.approval_basis": _text(r"item|total", "item(差异最大的一种物资的比例)或 total(全部盘点物资的金额比例)"),
    "count.value_classes": _text(
        r"([1-9][0-9]{0,2}|1000) *, *([1-9][0-9]{0,2}|1000)", "两个千分数,例如 700,900:A 类累计到 70%,B 类到 90%"
    ),
    "count.cycle_months": _whole(1, 120),
    "count.cycle_goods": _text(
        r"{0}( *, *{0})*".format(r"((load_group|need_class):[a-z_0-9-]{1,20}|sku:[A-Z][0-9]{0,5})"),
        "每月盘点的物资:load_group:装载类别、need_class:需求类别、sku:编码开头,用逗号分开",
    ),
    "count.full_months": _whole(1, 120),
    "count.annual_month": _whole(1, 12),
    **{f"upkeep.{name}_days": _whole(0, 3660) for name in _UPKEEP},
    "upkeep.sampling_age_days": _whole(1, 36_500),
    "morning.expiry_days": _whole(0, 3660),
    **{f"reserve.moved.{level.value}": _PERSONS for level in Level},
    **{
        f"reserve.method.{level.value}": _text(
            "set|moved|share|response", "set 设定人数、moved 建标121转移安置人口、share 人口比例、response 响应级别"
        )
        for level in Level
    },
    "reserve.share_permille": _PERMILLE,
    "reserve.response_level": _whole(1, 4),
    "reserve.winter_months": _text(
        rf"none|{_MONTH}( *, *{_MONTH})*", "月份,用逗号分开,例如 10,11,12,1,2,3,4;不分季节填 none"
    ),
    "reserve.horizon_days": _whole(0, 3660),
    "reserve.contract_hours": _HOURS,
    "reserve.contract_permille": _PERMILLE,
    "reserve.social_permille": _PERMILLE,
    "reserve.green_permille": _whole(1, 10_000),
    "reserve.amber_permille": _whole(0, 10_000),
    "reserve.pallet_cm3": _whole(1, 100_000_000),
    "plan.approval_minutes": _number("0", 10_000),
    "plan.stop_minutes": _number("0", 1440),
    "plan.packs_per_minute": _whole(1, 100_000),
    "plan.drive_hours_single": _number("0.5", 24),
    "plan.drive_hours_double": _number("0.5", 24),
    "plan.horizon_days": _number("0.5", 60),
    "plan.late_hours": _number("0", 1440),
    "plan.overdue_hours": _number("0", 1440),
    "plan.freezing_below_c": _whole(-60, 60),
    "teams.rest_hours": _number("0", 72),
    "teams.night_from": _whole(0, 23),
    "teams.night_to": _whole(0, 23),
    "teams.frost_below_c": _whole(-60, 60),
    "plan.snow_months": _text(
        rf"none|{_MONTH}( *, *{_MONTH})*", "月份,用逗号分开,例如 11,12,1,2,3;没有冰雪月份填 none"
    ),
    "plan.incompatible_groups": _text(
        rf"none|{_GROUP} *\+ *{_GROUP}( *, *{_GROUP} *\+ *{_GROUP})*",
        "两类用 + 相连,例如 food+chemical,food+fuel;没有填 none",
    ),
    "plan.order_of_use": _text(
        r"[a-z]+( *[,=] *[a-z]+)*",
        "own、delegated、neighbour、prefecture、region、contract、social 各一次,用逗号分先后,并列用 =",
    ),
    "plan.contract_vehicle_type": _text(r"\S{1,20}", "车型代码;填 middle 按车型中载重居中的一种"),
    "plan.waiting_fen_per_person_hour": _whole(0, 1_000_000),
    "plan.lock_minutes": _number("0", 10_080),
    "plan.change_person_hours": _number("0", 1_000_000),
    "plan.changes_permille_max": _whole(0, 1000),
    "plan.same_time_minutes": _number("0", 1440),
}
"""Every parameter that a rule reads."""
