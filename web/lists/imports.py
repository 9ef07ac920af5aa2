"""Columns of the list of files that came in."""

from __future__ import annotations

from web.lists import listing

FILES = listing(
    "imports",
    "导入记录",
    "import_history",
    {
        "导入时间": "imported_at",
        "种类": "title",
        "文件": "file",
        "行数": "rows",
        "新增": "added",
        "更新": "changed",
        "不变": "unchanged",
        "导入人": "user_name",
        "文件校验值": "sha256",
    },
)
