"""Importing by the pages and over the API: upload, map, preview, commit; files of every kind to take away."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from supplyops.catalogue import queries as catalogue
from supplyops.exchange.kinds import ALL, KINDS
from supplyops.exchange.reading import read_file
from supplyops.kernel.access import Role
from supplyops.wording.remedies import REMEDIES
from tests.exchange.city import Cells, csv_of
from tests.web.site import ORIGIN, Browser, Site

ITEM: Cells = {
    "物资编码": "A09001", "物资名称": "12m²棉帐篷", "计量单位": "顶", "国标大类": "1", "用途分类": "people", "需求类别": "life", "单位毛重(kg)": "125", "单位体积(m³)": "0.48",
}  # fmt: skip


def upload(browser: Browser, data: bytes, name: str = "物资.csv", kind: str = "items", status: int = 303) -> str:
    browser.get("/imports")
    hidden = dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', browser.page))
    answer = browser.client.post(
        "/imports", data={**hidden, "kind": kind, "file": (io.BytesIO(data), name)}, headers=ORIGIN
    )
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    browser.page = answer.get_data(as_text=True)
    return answer.headers.get("Location", "")


@pytest.fixture
def clerk(site: Site) -> Browser:
    return site.browser(Role.CLERK)


def names(site: Site) -> dict[str, str]:
    actor = site.house.actor(Role.CLERK)
    return {row.sku: row.name for row in site.house.runtime.read(catalogue.items, actor)}


def need_class(site: Site) -> str:
    return site.house.runtime.read(catalogue.need_classes, site.house.actor(Role.CLERK))[0].code


def test_from_upload_to_commit(site: Site, clerk: Browser) -> None:
    before = names(site)
    row = {**ITEM, "需求类别": need_class(site)}
    address = upload(clerk, csv_of([row], "gb18030"))
    page = clerk.get(address)
    assert "GB18030" in page
    assert "A09001" in page
    assert "提交导入" in page
    assert names(site) == before
    digest = re.search(r'name="digest" value="([^"]*)"', page)
    assert digest
    clerk.post(f"{address}/commit", digest=digest[1])
    assert names(site) == before | {"A09001": "12m²棉帐篷"}
    assert "已导入" in clerk.get(address)
    clerk.post(f"{address}/commit", digest=digest[1])
    assert "物资.csv" in clerk.get("/imports/history")


def test_a_page_that_showed_something_else_commits_nothing(site: Site, clerk: Browser) -> None:
    address = upload(clerk, csv_of([{**ITEM, "需求类别": need_class(site)}]))
    clerk.get(address)
    before = names(site)
    clerk.post(f"{address}/commit", 409, digest="0" * 64)
    assert "账册在预览之后有了变化" in clerk.page
    assert names(site) == before


def test_other_names_are_mapped_by_hand(site: Site, clerk: Browser) -> None:
    row = {**ITEM, "需求类别": need_class(site)}
    strange = dict(
        zip(("货号", "品名", "计量", "大类", "用途分类", "需求类别", "毛重", "体积"), row.values(), strict=True)
    )
    address = upload(clerk, csv_of([strange]))
    page = clerk.get(address)
    assert "请核对后确定" in page
    assert "提交导入" not in page
    columns = {f"column-{letter}": name for letter, name in zip("ABCDEFGH", row, strict=True)}
    refused = clerk.post(f"{address}/mapping", 422, **{**columns, "column-A": ""})
    assert "缺少列“物资编码”" in refused.get_data(as_text=True)
    clerk.get(address)
    clerk.post(f"{address}/mapping", **columns)
    assert "提交导入" in clerk.get(address)


def test_problems_are_listed_with_a_copy_to_take_away(site: Site, clerk: Browser) -> None:
    address = upload(clerk, csv_of([{**ITEM, "单位毛重(kg)": "12O", "需求类别": "love"}]))
    page = clerk.get(address)
    assert "第 3 个字符是“O”" in page
    assert "IMP-037" in page
    assert "请求号" in page
    assert "提交导入" not in page
    for format_name in ("csv", "xlsx"):
        answer = clerk.client.get(f"{address}/marked.{format_name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    clerk.get(address)
    clerk.post(f"{address}/discard")
    assert clerk.client.get(f"{address}/marked.csv").status_code == 409
    assert "没有导入任何内容" in clerk.get(address)


def test_a_file_that_cannot_be_read_is_told_on_the_form(site: Site, clerk: Browser) -> None:
    upload(clerk, b"PK\x03\x04rest", "坏.xlsx", status=422)
    assert "不是有效的 XLSX 工作簿" in clerk.page
    assert "未导入任何一行" in clerk.page
    upload(clerk, b"", "", status=422)
    upload(clerk, "甲,乙\n1,2\n".encode(), "../../etc/<b>名.csv")
    assert "&lt;b&gt;名.csv" in clerk.get("/imports")


def test_big5_is_asked_for(site: Site, clerk: Browser) -> None:
    address = upload(clerk, "物資編碼,物資名稱\nA01009,帳篷與雨衣\n".encode("big5"))
    page = clerk.get(address)
    assert "无法判断编码" in page
    assert "帳篷與雨衣" in page
    clerk.post(f"{address}/reading", encoding="big5")
    assert "物資編碼" in clerk.get(address)


def test_a_session_belongs_to_who_uploaded(site: Site, clerk: Browser) -> None:
    address = upload(clerk, csv_of([ITEM]))
    other = site.browser(Role.COMMANDER)
    other.get(address, 404)
    for step in ("commit", "discard", "mapping", "reading"):
        other.get("/imports")
        other.post(f"{address}/{step}", 404)


def test_every_kind_goes_out_with_its_template(site: Site, clerk: Browser) -> None:
    page = clerk.get("/imports")
    for kind in ALL:
        for format_name in ("csv", "xlsx"):
            answer = clerk.client.get(f"/kinds/{kind.name}/template.{format_name}")
            assert answer.status_code == 200
            assert len(read_file(kind, f"a.{format_name}", answer.data).inputs) == 1, kind.name
            answer = clerk.client.get(f"/kinds/{kind.name}.{format_name}")
            assert answer.status_code == (200 if f"/kinds/{kind.name}.csv" in page else 403), kind.name
    assert site.browser(Role.SUPPLIER).client.get("/kinds/lots.csv").status_code == 403
    assert clerk.client.get("/kinds/things.csv").status_code == 422


def test_the_same_way_over_the_api(site: Site, clerk: Browser) -> None:
    token = re.search(r'name="form_token" value="([^"]*)"', clerk.get("/imports"))
    assert token
    headers = {**ORIGIN, "X-Form-Token": token[1]}

    def send(address: str, key: str, status: int = 200, **more: Any) -> Any:
        answer: TestResponse = clerk.client.post(
            f"/api/v1/imports/{address}", headers={**headers, "Idempotency-Key": key}, **more
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.json

    data = csv_of([{**ITEM, "需求类别": need_class(site)}])
    before = names(site)
    assert clerk.client.post("/api/v1/imports/?kind=items&file=a.csv", data=data, headers=headers).status_code == 400
    send("?file=a.csv", "k0", 422, data=data)
    started = send("?kind=items&file=a.csv", "k1", 201, data=data)
    assert send("?kind=items&file=a.csv", "k1", 201, data=data)["id"] == started["id"]
    assert started["result"] == {"added": 1, "changed": 0, "unchanged": 0, "problems": 0}
    preview = clerk.client.get(f"/api/v1/imports/{started['id']}/preview").json
    assert [(row["row"], row["change"], row["key"]) for row in preview["rows"]] == [(2, "added", "A09001")]
    columns = dict(zip("ABCDEFGH", ITEM, strict=True))
    send(f"{started['id']}/mapping", "k2", 422, json={"columns": {"A": "物资编码"}})
    send(f"{started['id']}/mapping", "k3", json={"columns": columns})
    assert names(site) == before
    assert send(f"{started['id']}/commit", "k4") == {"added": 1, "changed": 0, "unchanged": 0}
    assert send(f"{started['id']}/commit", "k4") == {"added": 1, "changed": 0, "unchanged": 0}
    assert "A09001" in names(site)
    assert send(f"{started['id']}/discard", "k5", 409)["code"] == "wrong_state"
    assert clerk.client.get("/api/v1/imports/files").json[0]["file"] == "a.csv"
    bad = send("?kind=items&file=a.xlsx", "k6", 422, data=b"PK\x03\x04")
    assert (bad["code"], bad["errors"][0]["code"]) == ("file_refused", "not_a_spreadsheet")
    assert bad["errors"][0]["message"].endswith(REMEDIES["not_a_spreadsheet"]), "what to do is said to programs too"
    assert {row["name"] for row in clerk.client.get("/api/v1/kinds/").json} == set(KINDS)
    assert clerk.client.get("/api/v1/kinds/items/xlsx").data.startswith(b"PK")
    assert clerk.client.get("/api/v1/kinds/items/template/csv").status_code == 200
    assert clerk.client.get("/api/v1/kinds/items/pdf").status_code == 404
