"""Filling in the pages of incidents, requests, letters, roads: what works, what is refused, what stays on the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import queries as norms
from supplyops.places import queries as places
from supplyops.requests import commands as asking
from supplyops.requests import queries as requests
from supplyops.requests.rules import RequestState, Review, Urgency
from supplyops.requests.tables import CoordinationLetter
from tests.copies import copied_up_to
from tests.house import CITY, FARM, TENT
from tests.web.site import ORIGIN, Browser, Site
from tests.web.story import SCHOOL, SQUARE, Story, write_again


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the page's largest form if nothing were changed."""
    form = max(re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.S), key=len)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in attributes and (attributes.get("type") != "checkbox" or " checked" in tag):
            found[attributes["name"]] = attributes.get("value", "")
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[0] if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S))
    return found


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """The questions sent to the database meanwhile; whether it is a restored copy is asked once a second, whatever is shown."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN" and "restored_copy" not in statement:
            seen.append(statement)

    engine = site.house.runtime.database.reader
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_an_incident_is_entered_once_however_often_the_button_is_pressed(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    fields = {
        **fields_of(browser.get("/incidents/new")),
        "name": "牧场雪灾",
        "event_class": "natural",
        "hazard": "snow",
    }
    fields |= {"area_code": "654004200", "place": "三队", "lat_e6": "44.33", "lon_e6": "80.6"}
    first = browser.client.post("/incidents/new", data=fields, headers=ORIGIN)
    second = browser.client.post("/incidents/new", data=fields, headers=ORIGIN)
    assert (first.status_code, first.location) == (303, second.location)
    found = [row for row in site.house.runtime.read(incidents.incidents, SYSTEM) if row.name == "牧场雪灾"]
    assert [(row.lat_e6, row.lon_e6, row.organisation_code) for row in found] == [(44_330_000, 80_600_000, CITY)]


def test_a_refused_form_keeps_every_word_and_says_what_to_do(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    fields = {
        **fields_of(browser.get("/incidents/new")),
        "name": "牧场<雪>灾",
        "event_class": "natural",
        "hazard": "snow",
    }
    fields |= {
        "area_code": "654004200",
        "place": "三队",
        "occurred_at": "2026-02-01T08:00",
        "lat_e6": "四十四",
        "lon_e6": "80.6",
    }
    page = browser.post("/incidents/new", 422, **fields).get_data(as_text=True)
    assert "“四十四”不是整数。" in page
    again = fields_of(page)
    assert {name: again[name] for name in ("place", "occurred_at", "lat_e6", "hazard")} == {
        "place": "三队", "occurred_at": "2026-02-01T08:00", "lat_e6": "四十四", "hazard": "snow",
    }  # fmt: skip
    assert again["name"] == "牧场&lt;雪&gt;灾"
    page = browser.post("/incidents/new", 422, **{**fields, "lat_e6": "44.3"}).get_data(as_text=True)
    assert "时间不能晚于现在。" in page


def test_posts_without_the_pages_token_do_nothing(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    before = len(site.house.runtime.read(places.road_reports, SYSTEM))
    number = story.incident_number
    for address in ("/incidents/new", f"/incidents/{number}/reports/new", f"/incidents/{number}/response", f"/incidents/{number}/close", f"/incidents/{number}/needs",
                    "/requests/new", f"/requests/{story.drafts[0]}/submit", "/letters/new", "/roads/r-farm", "/sites/new", "/items/new", "/tokens"):  # fmt: skip
        answer = browser.client.post(address, data={"status": "open", "version": "1"}, headers=ORIGIN)
        assert answer.status_code == 403, address
    assert len(site.house.runtime.read(places.road_reports, SYSTEM)) == before
    assert site.house.runtime.read(requests.request, SYSTEM, story.drafts[0]).state == "draft"


def test_a_new_report_starts_from_the_last_and_blank_means_not_counted(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    fields = fields_of(browser.get(f"/incidents/{story.incident_number}/reports/new"))
    assert (fields["areas-0-moved"], fields["areas-1-delivery_site_code"], fields["kind"]) == (
        "1000",
        SCHOOL,
        "follow_up",
    )
    fields |= {"areas-0-moved": "1 100", "areas-0-dead": "", "areas-0-livestock": "0"}
    page = browser.post(f"/incidents/{story.incident_number}/reports/new", 422, **fields).get_data(as_text=True)
    assert "“1 100”不是整数。" in page
    fields["areas-0-moved"] = "1100"
    browser.post(f"/incidents/{story.incident_number}/reports/new", **fields)
    newest = site.house.runtime.read(incidents.report, SYSTEM, story.incident_id)
    assert (newest.version, newest.areas[0].moved, newest.areas[0].dead, newest.areas[0].livestock) == (
        3,
        1100,
        None,
        0,
    )
    page = browser.get(f"/incidents/{story.incident_number}/reports?from=2&to=3")
    assert "+100" in page
    assert "不再统计" in page


def test_errors_of_later_places_stand_at_their_own_place_when_one_before_was_cleared(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    address = f"/incidents/{story.incident_number}/reports/new"
    fields = fields_of(browser.get(address))
    fields = {name: "" if name.startswith("areas-0-") else value for name, value in fields.items()}
    page = browser.post(address, 422, **{**fields, "areas-1-moved": "x"}).get_data(as_text=True)
    assert 'href="#areas-1-moved"' in page
    assert re.search(r'class="form-control is-invalid" id="areas-1-moved"', page)


def test_the_response_page_suggests_a_level_and_starts_changes_and_ends_it(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    address = f"/incidents/{story.incident_number}/response"
    page = browser.get(address)
    assert "1,516 ✓" in page
    browser.post(address, level="2", basis="灾情加重")
    assert site.house.runtime.read(incidents.incident, SYSTEM, story.incident_number).response_level == 2
    browser.get(address)
    page = browser.post(address, 422, level="2", basis="").get_data(as_text=True)
    assert "必填。" in page
    browser.post(f"/incidents/{story.incident_number}/close", 409)
    assert "请先终止应急响应,再结束突发事件。" in browser.page
    browser.get(address)
    browser.post(address, step="end", basis="转入恢复")
    assert site.house.runtime.read(incidents.incident, SYSTEM, story.incident_number).response_level is None
    browser.get(f"/incidents/{story.incident_number}")
    browser.post(f"/incidents/{story.incident_number}/close")
    assert "已结束" in browser.get(f"/incidents/{story.incident_number}")


def test_drafts_from_needs_come_by_place_and_once(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    page = browser.get(f"/incidents/{story.incident_number}/needs")
    assert "待核" in page
    waiting = [row.requested for row in site.house.runtime.read(requests.net_needs, SYSTEM, story.incident_id)]
    assert all(f"{each:,}</td>" in page for each in waiting), "what waits for an answer stands beside what is missing"
    cancel_all(site, story)
    browser.get(f"/incidents/{story.incident_number}/needs")
    answer = browser.post(f"/incidents/{story.incident_number}/needs", urgency="normal")
    assert answer.location == f"/requests?incident={story.incident_number}&state=draft"
    assert browser.get(answer.location).count("data-row") == 1, "one place's request is accepted, the other asks again"
    browser.get(f"/incidents/{story.incident_number}/needs")
    answer = browser.post(f"/incidents/{story.incident_number}/needs", urgency="normal")
    assert answer.location == f"/incidents/{story.incident_number}/needs"
    assert "没有需要起草的申请" in browser.get(answer.location)
    assert browser.get(f"/requests?incident={story.incident_number}&state=draft").count("data-row") == 1


def cancel_all(site: Site, story: Story) -> None:
    """Take back what nobody has accepted."""
    run, commander = site.house.runtime.run, site.house.actor(Role.COMMANDER)
    for row in site.house.runtime.read(requests.requests, SYSTEM, incident_id=story.incident_id):
        if row.state in {"draft", "submitted"}:
            run(asking.cancel, commander, row.id, row.version)


def test_what_waits_for_an_answer_is_not_asked_for_again(site: Site, story: Story) -> None:
    """Draft, submitted and accepted count in full or as accepted; what is approved counts once, as on its way."""
    house = site.house
    run, read = house.runtime.run, house.runtime.read
    cancel_all(site, story)
    village = read(requests.request, SYSTEM, story.accepted)
    line = next(line for line in village.lines if line.sku == TENT)

    def tents() -> tuple[int, int, int]:
        rows = read(requests.net_needs, SYSTEM, story.incident_id)
        row = next(row for row in rows if (row.need.area_code, row.need.sku) == (village.area_code, TENT))
        return row.net, row.requested, row.to_draft

    whole = line.quantity
    assert tents() == (whole, whole, 0)
    run(asking.record_fulfilment, SYSTEM, line.id, approved=30, loaded=10, delivered=5)
    assert tents() == (whole - 30, whole - 30, 0)
    run(asking.record_fulfilment, SYSTEM, line.id, approved=-10, loaded=-10)
    assert tents() == (whole - 20, whole - 20, 0), "an order taken back waits for an answer again"

    write_again(house, village)
    assert tents() == (whole - 20, 2 * whole - 20, 0)
    again = next(row for row in read(requests.requests, SYSTEM) if row.state == "draft")
    run(asking.submit, house.actor(Role.COMMANDER), again.id, again.version)
    assert tents() == (whole - 20, 2 * whole - 20, 0)
    again = read(requests.request, SYSTEM, again.number)
    accepted = {each.id: 4 for each in again.lines if each.sku == TENT}
    run(asking.review, house.actor(Role.REVIEWER), again.id, again.version, Review(accepted))
    assert tents() == (whole - 20, whole - 20 + 4, 0), "what was not accepted may be asked for again"


def test_what_was_refused_in_part_is_drafted_again_and_no_more(site: Site, story: Story) -> None:
    house = site.house
    run, read = house.runtime.run, house.runtime.read
    street = read(requests.request, SYSTEM, story.submitted)
    for row in read(requests.requests, SYSTEM, state=RequestState.DRAFT):
        run(asking.cancel, house.actor(Role.COMMANDER), row.id, row.version)
    accepted = {line.id: line.quantity - 3 if line.sku == TENT else line.quantity for line in street.lines}
    run(asking.review, house.actor(Role.REVIEWER), street.id, street.version, Review(accepted))
    (drafted,) = run(asking.draft_from_needs, house.actor(Role.COMMANDER), story.incident_id, Urgency.NORMAL)
    row = read(requests.request, SYSTEM, str(drafted))
    assert [(line.sku, line.quantity) for line in row.lines] == [(TENT, 3)]
    assert run(asking.draft_from_needs, house.actor(Role.COMMANDER), story.incident_id, Urgency.NORMAL) == []


def test_a_draft_is_changed_sent_and_its_paper_issued(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    draft = f"/requests/{story.drafts[0]}"
    fields = fields_of(browser.get(f"{draft}/edit"))
    fields |= {"lines-0-quantity": "50", "lines-0-note": "优先", "lines-1-sku": "", "lines-1-quantity": ""}
    fields = {name: "" if name.startswith("lines-1-") else value for name, value in fields.items()}
    browser.post(f"{draft}/edit", **fields)
    row = site.house.runtime.read(requests.request, SYSTEM, story.drafts[0])
    assert (row.lines[0].quantity, row.lines[0].note) == (50, "优先")
    assert (len(row.lines), row.version) == (2, 2)
    browser.get(draft)
    browser.post(f"{draft}/submit", version="2")
    page = browser.get(draft)
    assert "已提交" in page
    assert f"{story.drafts[0]} v1" in page or "/papers/" in page


def test_when_somebody_was_faster_both_versions_are_shown_and_nothing_typed_is_lost(site: Site, story: Story) -> None:
    slow, fast = site.browser(Role.CLERK), site.browser(Role.COMMANDER)
    draft = f"/requests/{story.drafts[0]}"
    mine, theirs = fields_of(slow.get(f"{draft}/edit")), fields_of(fast.get(f"{draft}/edit"))
    fast.post(f"{draft}/edit", **{**theirs, "lines-0-quantity": "61"})
    page = slow.post(f"{draft}/edit", 409, **{**mine, "lines-0-quantity": "77", "road_note": "桥面结冰"}).get_data(
        as_text=True
    )
    assert "需求申请单已被他人修改" in page
    again = fields_of(page)
    assert (again["lines-0-quantity"], again["road_note"], again["version"]) == ("77", "桥面结冰", "2")
    assert " 61 " in page.split("他人修改后的最新内容")[1].split("</ul>")[0]
    assert site.house.runtime.read(requests.request, SYSTEM, story.drafts[0]).lines[0].quantity == 61
    slow.post(f"{draft}/edit", **again)
    assert site.house.runtime.read(requests.request, SYSTEM, story.drafts[0]).lines[0].quantity == 77
    slow.get(draft)
    page = slow.post(f"{draft}/submit", 409, version="1").get_data(as_text=True)
    assert "已被他人修改" in page
    assert 'name="version" value="3"' in page


def test_review_is_by_line_by_somebody_else_and_refusing_needs_a_reason(site: Site, story: Story) -> None:
    commander, reviewer = site.browser(Role.COMMANDER), site.browser(Role.REVIEWER)
    address = f"/requests/{story.submitted}"
    assert "accepted-" not in commander.get(address)
    fields = fields_of(reviewer.get(address))
    line = next(name for name in fields if name.startswith("accepted-"))
    page = reviewer.post(f"{address}/review", 422, **{**fields, line: "999999", "step": "accept"}).get_data(
        as_text=True
    )
    assert "不能大于" in page
    assert 'value="999999"' in page
    page = reviewer.post(f"{address}/review", 422, **{**fields, "step": "refuse", "note": ""}).get_data(as_text=True)
    assert "必填。" in page
    reviewer.post(f"{address}/review", **{**fields, line: "1", "step": "accept"})
    row = site.house.runtime.read(requests.request, SYSTEM, story.submitted)
    assert sorted(found.accepted for found in row.lines)[0] == 1


def test_what_is_missing_is_carried_to_the_level_above(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    page = browser.get(f"/requests/{story.accepted}")
    assert f"/requests/new?from={story.accepted}" in page
    fields = fields_of(browser.get(f"/requests/new?from={story.accepted}"))
    assert (fields["organisation_code"], fields["addressee_code"]) == (CITY, "6540")
    answer = browser.post("/requests/new", **fields)
    number = answer.location.rsplit("/", 1)[1]
    browser.get(answer.location)
    page = browser.post(f"/requests/{number}/submit", 409, version="1").get_data(as_text=True)
    assert "向上级申请前应先动用本级物资" in page
    assert site.house.runtime.read(requests.request, SYSTEM, number).state == "draft"
    fields = fields_of(browser.get(f"/requests/{number}/edit"))
    browser.post(f"/requests/{number}/edit", **{**fields, "own_stock_note": "市库已全部安排"})
    browser.get(f"/requests/{number}")
    browser.post(f"/requests/{number}/submit", version="2")
    assert site.house.runtime.read(requests.request, SYSTEM, number).addressee_code == "6540"


def test_letters_go_outside_the_chain_only_and_are_answered(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    fields = fields_of(browser.get(f"/letters/new?incident={story.incident_number}&to={FARM}"))
    fields |= {"subject": "商请棉被", "body": "请支援。", "phone": "1"}
    page = browser.post("/letters/new", 422, **{**fields, "addressee_code": "654004200"}).get_data(as_text=True)
    assert "请用需求申请单" in page
    answer = browser.post("/letters/new", **fields)
    browser.get(answer.location)
    page = browser.post(answer.location, 422, state="granted", answer="").get_data(as_text=True)
    assert "必填。" in page
    browser.post(answer.location, state="granted", answer="同意 50 床")
    assert "同意 50 床" in browser.get(answer.location)
    copied_up_to(site.house.runtime, CoordinationLetter, 130)
    assert [browser.get(f"/letters?page={page}").count("<tr data-row") for page in (1, 3)] == [50, 30]
    assert "130" in browser.get("/letters?page=2")
    assert browser.get("/letters?state=withdrawn").count("<tr data-row") == 0


def test_a_road_is_closed_from_the_list_and_from_the_map(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    assert browser.get("/roads?status=closed").count("data-row") == 2
    hidden = fields_of(browser.get("/roads/r-street"))
    empty = browser.client.post("/roads/r-street", data={**hidden, "status": "closed", "reason": ""}, headers=ORIGIN)
    assert (empty.status_code, "必填。" in empty.get_data(as_text=True)) == (422, True)
    told = browser.client.post("/roads/r-street", data={**hidden, "status": "closed", "reason": "积雪"}, headers=ORIGIN)
    assert told.status_code == 303
    assert browser.get("/roads?status=closed").count("data-row") == 3
    hidden = fields_of(browser.get("/map"))
    address = f"/roads/r-street?incident={story.incident_number}"
    answer = browser.client.post(address, data={**hidden, "status": "open", "reason": ""}, headers=ORIGIN)
    assert answer.location == f"/incidents/{story.incident_number}/map"
    roads = {road["code"]: road for road in browser.client.get("/map/data").json["roads"]}
    assert (roads["r-street"]["status"], roads["r-farm"]["vehicle_class_max"], roads["r-high"]["reason"]) == (
        "open",
        5,
        "季节性封闭",
    )


def test_the_map_shows_stock_and_the_incident_to_those_who_may_see_them(site: Site, story: Story) -> None:
    data = site.browser(Role.CLERK).client.get("/map/data").json
    store = next(place for place in data["sites"] if place["code"] == "city-store")
    assert {(found["name"], found["quantity"]) for found in store["stock"]} >= {("棉被", 900), ("12m²棉帐篷", 120)}
    assert [found["name"] for found in data["incidents"]] == ["伊车嘎善乡 6.0 级地震"]
    hidden = site.browser(Role.SYSTEM_ADMIN).client.get("/map/data").json
    assert hidden["incidents"] == []
    assert all(place["stock"] == [] for place in hidden["sites"])


def test_figures_are_edited_by_those_who_keep_them(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    fields = fields_of(browser.get("/norms/parameter/edit?code=persons_per_tent"))
    page = browser.post("/norms/parameter/edit?code=persons_per_tent", 422, **{**fields, "source_mark": ""}).get_data(
        as_text=True
    )
    assert "必填。" in page
    browser.post("/norms/parameter/edit?code=persons_per_tent", **{**fields, "value": "10"})
    found = {row.key: row.value for row in site.house.runtime.read(norms.parameters, SYSTEM)}
    assert found["persons_per_tent"] == "10"
    fields = fields_of(browser.get(f"/items/{TENT}/edit"))
    browser.post(f"/items/{TENT}/edit", **{**fields, "hazard_tags": "地震、雪灾 内涝"})
    assert "地震、雪灾、内涝" in browser.get(f"/items/{TENT}")
    fields = fields_of(browser.get(f"/sites/{SQUARE}/edit"))
    browser.post(f"/sites/{SQUARE}/edit", **{**fields, "shelter_capacity": "1500"})
    assert "1,500" in browser.get(f"/sites/{SQUARE}")


def test_a_longer_list_asks_no_more_questions(site: Site, story: Story) -> None:
    browser = site.browser(Role.COMMANDER)
    addresses = ("/requests", "/incidents", "/letters", "/requests/lines?state=draft", "/")
    before = {}
    for address in addresses:
        browser.get(address)
        with counted(site) as few:
            before[address] = (browser.get(address).count("data-row"), few)
    for _ in range(3):
        write_again(site.house, site.house.runtime.read(requests.request, SYSTEM, story.accepted), Urgency.NORMAL)
    for address, (rows, few) in before.items():
        with counted(site) as many:
            more = browser.get(address).count("data-row")
        assert len(few) > 3
        assert len(many) == len(few), f"{address}: " + "\n".join(many)
        assert more > rows or address in {"/", "/incidents", "/letters"}


def test_a_page_of_the_menu_is_shown_only_to_those_who_may_open_it(site: Site, story: Story) -> None:
    def menu(browser: Browser) -> set[str]:
        nav = re.findall(r'<nav class="site-nav".*?</nav>', browser.get("/"), re.S)[0]
        return set(re.findall(r'href="([^"]*)"', nav))

    assert {"/", "/incidents", "/requests", "/letters", "/stock", "/roads", "/items"} <= menu(site.browser(Role.CLERK))
    keeper = site.browser(Role.KEEPER)
    assert not {"/requests", "/letters"} & menu(keeper)
    for browser in (keeper, site.browser(Role.SYSTEM_ADMIN), site.browser(Role.SUPPLIER)):
        for address in menu(browser):
            assert browser.client.get(address).status_code in {200, 302}, address
