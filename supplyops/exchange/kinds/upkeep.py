"""Files of how often single stores do their rounds."""

from __future__ import annotations

from supplyops.exchange.columns import column, make_kind
from supplyops.upkeep import commands, queries
from supplyops.upkeep.rules import IntervalInput

UPKEEP_INTERVALS = make_kind(
    "upkeep-intervals",
    "养护间隔",
    IntervalInput,
    (
        column("场所代码", "site_code", "rp-yaoudong", "与参数不同的仓库、储备点才填"),
        column("事项", "kind", "库房巡检"),
        column("间隔(天)", "interval_days", "14", "0 为该场所不做"),
        column("首次", "starts_on", "2026-01-01", "从哪天算起;不填时从有库存算起"),
        column("说明", "note", ""),
    ),
    key=("site_code", "kind"),
    save=commands.save_intervals,
    read=queries.interval_inputs,
    see=queries.interval_inputs,
)
