"""Columns of the journal."""

from __future__ import annotations

import json

from supplyops.wording.labels import LABELS
from web.lists import listing

JOURNAL = listing(
    "journal",
    "操作日志",
    "journal",
    {
        "序号": "seq",
        "时间": "recorded_at",
        "人员": "actor_name",
        "用户名": "username",
        "单位": "organisation_name",
        "角色": "roles",
        "途径": "via",
        "操作": "command",
        "结果": lambda row: LABELS["JournalOutcome"].get(row.outcome, row.outcome),
        "对象": "subject_number",
        "内容": lambda row: json.dumps(row.detail, ensure_ascii=False, sort_keys=True) if row.detail else "",
        "请求键": "request_key",
    },
)
