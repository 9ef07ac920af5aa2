"""What is on its way to the city's store when a story ends: a delivery that is expected, and one that stands at the gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from supplyops.arrivals import commands
from supplyops.arrivals.rules import ArrivalInspection, ArrivalNotice, ArrivalNoticeLine
from supplyops.kernel.clock import business_day
from supplyops.stock.documents import ReceiptKind

Do = Callable[..., object]
STORE, CITY = "wh-city", "654004"
CLERK, INSPECTOR = "clerk.city", "keeper2.city"


def put_at_the_gate(do: Do, now: datetime) -> None:
    """Announce an allocation from the prefecture for the day after tomorrow, and inspect a donation that has come."""
    allocation = ArrivalNotice(
        kind=ReceiptKind.ALLOCATION,
        site_code=STORE,
        owner_code=CITY,
        source="伊犁州粮食和物资储备局",
        fund_source="州级财政",
        expected_on=business_day(now) + timedelta(days=2),
        lines=(ArrivalNoticeLine("A01002", 200, 3_200_00), ArrivalNoticeLine("A02003", 1_000)),
        source_document="伊州应急函〔2026〕8号",
        contact="州库 李主任 0999-0000101",
    )
    donation = ArrivalNotice(
        kind=ReceiptKind.DONATION,
        site_code=STORE,
        owner_code=CITY,
        source="霍尔果斯市红十字会",
        fund_source="社会捐赠",
        expected_on=business_day(now),
        lines=(ArrivalNoticeLine("A02003", 300, manufacturer="伊宁市示例被服厂"),),
        note="定向用于受灾群众安置",
    )
    do(commands.announce, CLERK, allocation)
    arrival_id = do(commands.announce, CLERK, donation)
    assert isinstance(arrival_id, UUID)
    look = ArrivalInspection(
        now, vehicle="新F00001", delivered_by="示例司机", is_seal_intact=True, seal_number="HSZ-0001"
    )
    do(commands.inspect, INSPECTOR, arrival_id, look)
