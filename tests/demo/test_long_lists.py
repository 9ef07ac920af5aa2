"""What happened in years stands on pages, is taken away whole, and one thing of it is found by its number."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from supplyops.database import parts
from supplyops.demo import city, diary
from supplyops.demo.scene import Scene
from supplyops.obligations.tables import Obligation
from supplyops.recoveries.tables import Recovery
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Runtime
from supplyops.scraps.tables import Scrap
from supplyops.transfers.tables import Transfer
from supplyops.upkeep.tables import DutyHandover, UpkeepRound
from tests.conftest import Clock
from tests.copies import copied_up_to
from tests.demo.test_diary import Moving
from tests.house import House
from tests.web.site import Browser, Site

TOTAL = 230
LISTS = {
    "/transfers": (Transfer, 50, "transfers/"),
    "/scraps": (Scrap, 50, "scraps/"),
    "/recoveries/done": (Recovery, 50, "recoveries/"),
    "/stock/rotations/all": (Rotation, 50, "rotations/"),
    "/upkeep/rounds": (UpkeepRound, 100, "upkeep/rounds"),
    "/duty": (DutyHandover, 100, "duty/"),
}


@pytest.fixture
def clerk(peopled: Runtime, clock: Clock, tmp_path: Path) -> Browser:
    """A clerk of the city, before whose eyes lie years of work."""
    starts_at = clock.now + diary.LEAD
    diary.keep(Scene(peopled, Moving(clock), starts_at))
    clock.now = max(clock.now, starts_at)
    for kind, _, _ in LISTS.values():
        copied_up_to(peopled, kind, TOTAL)
    copied_up_to(peopled, Obligation, TOTAL, "basis_id")
    site = Site(House(peopled), tmp_path)
    browser = Browser(site.app.test_client())
    browser.open_session(site.house, city.actor(peopled, "clerk.city"))
    return browser


def _rows(page: str) -> int:
    return page.partition("<tbody>")[2].count("<tr")


@pytest.mark.every_engine
def test_years_of_work_are_shown_by_pages_and_taken_away_whole(clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 40)  # of thousands: a server takes only so many parameters
    for address, (_, size, name) in LISTS.items():
        counts = [_rows(clerk.get(f"{address}?page={page}")) for page in range(1, -(-TOTAL // size) + 1)]
        assert counts == [size] * (TOTAL // size) + [TOTAL % size], address
        assert str(TOTAL) in re.sub(r"<[^>]+>", "", clerk.get(address)), address
        table = list(csv.reader(io.StringIO(clerk.client.get(f"{address}?as=csv").data.decode("utf-8-sig"))))
        assert len(table) == TOTAL + 1, address
        first, last = (
            json.loads(clerk.get(f"/api/v1/{name}?{asked}")) for asked in ("limit=7", f"offset={TOTAL - 5}&limit=50")
        )
        assert (len(first), len(last)) == (7, 5), address
        assert not {row["number"] for row in first} & {row["number"] for row in last}, address


def test_what_is_owed_is_shown_by_pages(clerk: Browser) -> None:
    assert [clerk.get(f"/obligations?all=1&page={page}").count("<tr data-row>") for page in (1, 5)] == [50, 30]
