"""Columns of the list of incidents."""

from __future__ import annotations

from web.lists import listing

INCIDENTS = listing(
    "incidents",
    "突发事件",
    "incidents",
    {
        "事件编号": "number",
        "事件": "name",
        "类别": "event_class",
        "灾种": "hazard",
        "区划代码": "area_code",
        "区划": "area_name",
        "地点": "place",
        "发生时间": "occurred_at",
        "响应级别": "response_level",
        "指挥单位": "organisation_name",
        "状态": "state",
        "演练": "is_exercise",
        "登记时间": "created_at",
        "结束时间": "closed_at",
    },
)
