"""The same through pages, the API and the command line."""

from __future__ import annotations

import base64
import io
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from supplyops.kernel.access import Role
from supplyops.places.rules import RoadStatus
from supplyops.runtime import Runtime
from tests.api.test_basics import with_token
from tests.cli.conftest import Line, line, settings
from tests.conftest import Clock
from tests.networks.test_networks import ROAD, Town
from tests.once import once
from tests.web.site import Site

__all__ = ["line", "settings"]
DATA = json.dumps({"type": "FeatureCollection", "features": ROAD}).encode()
BEND = "44.1995, 80.4095\n44.1995,80.4105\n44.2005 80.4105"
HOW = {"prefix": "m", "detail": "all", "snap": "missing", "snap_metres_max": "2000"}


@pytest.fixture
@once
def town(runtime: Runtime, clock: Clock) -> Town:
    return Town(runtime, clock)


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Site:
    return Site(town.house, tmp_path)


def test_a_file_is_uploaded_looked_at_and_imported(site: Site, town: Town) -> None:
    browser = site.browser(Role.CLERK)
    browser.get("/networks")
    sent = browser.post("/networks", 303, **HOW, file=(io.BytesIO(DATA), "town.geojson"))  # type: ignore[arg-type]
    address = sent.location
    assert town.roads() == {}
    page = browser.get(address)
    assert "附近无路" in page
    assert "desert" in page
    browser.post(address)
    assert len(town.roads()) == 5
    assert "已导入" in browser.get(address)
    browser.post(address, 409)
    browser.get("/networks")
    bad = browser.post("/networks", 422, **HOW, file=(io.BytesIO(b"<osm>"), "town.osm"))  # type: ignore[arg-type]
    assert "已损坏" in bad.get_data(as_text=True)
    site.browser(Role.COMMANDER).get("/networks", 403)


def test_a_region_is_shown_before_it_is_closed(site: Site, town: Town) -> None:
    browser = site.browser(Role.CLERK)
    browser.get("/networks")
    address = browser.post("/networks", 303, **HOW, file=(io.BytesIO(DATA), "town.geojson")).location  # type: ignore[arg-type]
    browser.get(address)
    browser.post(address)
    commander = site.browser(Role.COMMANDER)
    commander.get("/networks/region")
    shown = commander.post("/networks/region", 200, corners=BEND, status="closed", reason="塌方")
    assert "亚欧路" in shown.get_data(as_text=True)
    assert {row.status for row in town.roads().values()} == {RoadStatus.OPEN}
    commander.get("/networks/region")
    commander.post("/networks/region", 422, corners="44,80\n1", status="closed", reason="塌方", confirm="1")
    commander.get("/networks/region")
    commander.post("/networks/region", 303, corners=BEND, status="closed", reason="塌方", confirm="1")
    assert [row.name for row in town.roads().values() if row.status is RoadStatus.CLOSED] == ["亚欧路"]
    page = commander.get("/networks/travel?vehicle_type=V4&from=west&to=east&to=south")
    assert "道路阻断" in page
    assert "涉水路段" in page
    commander.get("/networks/travel?vehicle_type=V9", 422)


def test_over_the_api(site: Site, town: Town) -> None:
    client, headers, count = site.app.test_client(), with_token(site), itertools.count()

    def ask(address: str, status: int = 200, /, **given: object) -> Any:
        key = {"Idempotency-Key": f"k{next(count)}"}
        answer = client.post(f"/api/v1/networks/{address}", json=given, headers=headers | key)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    content = base64.b64encode(DATA).decode()
    ask("files", 422, file="town.osm", content=content)
    kept = ask("files", 201, file="town.geojson", content=content, prefix="m", detail="all")
    shown = client.get(f"/api/v1/networks/files/{kept['id']}/preview", headers=headers)
    assert shown.status_code == 200, shown.get_data(as_text=True)
    preview = shown.get_json()
    assert (preview["roads"]["added"], town.roads()) == (5, {})
    assert ask(f"files/{kept['id']}/commit")["roads"]["added"] == 5
    ask(f"files/{kept['id']}/commit", 409)
    assert [row["name"] for row in ask("regions/preview", corners=BEND)] == ["亚欧路"]
    assert ask("regions", 201, corners=BEND, status="closed", reason="塌方") == {"codes": ["m-ga-00000"]}
    wide = json.loads(DATA)
    wide["features"][0]["properties"]["note"] = "河" * 20_000
    large = base64.b64encode(json.dumps(wide).encode()).decode()
    assert ask("files", 201, file="large.geojson", content=large, prefix="m", detail="all")["state"] == "open"
    winding = BEND + "\n".join([""] + [BEND.strip().splitlines()[-1]] * 900)
    assert len(winding) > 10_000
    assert [row["name"] for row in ask("regions/preview", corners=winding)] == ["亚欧路"]
    (told,) = ask("regions/preview", 422, corners="1" * 400_001)["errors"]
    assert (told["code"], told["message"]) == ("too_long", "过长:400001 个字符,最多 400000 个。")
    table = ask("travel-times", vehicle_type="V4", from_codes=["west"], to_codes=["east"])
    assert table["seconds"] == [[None]]
    assert table["unreached"][0]["barriers"][0] == {"cause": "closed", "code": "m-ga-00000", "name": ""}


def test_on_the_command_line(town: Town, line: Line, tmp_path: Path) -> None:
    name = next(name for name, actor in town.house.people.items() if actor == town.clerk)
    path = tmp_path / "town.geojson"
    path.write_bytes(DATA)
    how = ("--prefix", "m", "--detail", "全部道路")
    assert "检查通过,未写入" in line("network", "import", str(path), *how, "--dry-run", "--as", name)
    assert town.roads() == {}
    assert "道路新增 5" in line("network", "import", str(path), *how, "--as", name)
    assert "不变" in line("import", "roads", str(path), "--as", name)
    times = line("network", "times", "V4", "--from", "west", "--to", "north", "--to", "east", "--as", name)
    assert "超过限高 m-gb-00000" in times
    found = line.json("network", "times", "V4", "--from", "west", "--to", "east", "--as", name)
    assert found["seconds"][0][0] > 0
    corners = [word for corner in BEND.splitlines() for word in ("--corner", corner)]
    assert "亚欧路" in line("network", "region", "阻", *corners, "--reason", "塌方", "--dry-run", "--as", name)
    assert "已报告 2 条道路" in line("network", "region", "阻", *corners, "--reason", "塌方", "--as", name)
    line("network", "region", "阻", "--corner", "1,1", "--reason", "塌方", "--as", name, code=3)
