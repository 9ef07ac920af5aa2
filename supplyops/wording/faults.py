"""What is wrong with a file of JSON, in words: the faults are found in English by the library that reads it."""

from __future__ import annotations

import re
from collections.abc import Callable

KINDS = {
    "int": "整数",
    "float": "数字",
    "str": "文本",
    "bool": "true 或 false",
    "tuple": "列表",
    "list": "列表",
    "dict": "对象",
    "NoneType": "null",
}
FAULTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"required field missing"), lambda _: "缺少这一项"),
    (re.compile(r"invalid value for type, expected (.+)"), lambda found: f"应为{KINDS.get(found[1], '别的值')}"),
    (re.compile(r"extra fields found \((.+)\)"), lambda found: f"多出 {found[1]}"),
    (re.compile(r"invalid type"), lambda _: "类型不对"),
    (re.compile(r"expected an array of (\d+), found \d+"), lambda found: f"应为 {found[1]} 项的列表"),
    (re.compile(r"expected an array, .+"), lambda _: "应为列表"),
    (re.compile(r"expected an object .+"), lambda _: "应为对象"),
    (re.compile(r"half of a sign.*"), lambda _: "含有无法写出的字符"),
)


def fault_words(fault: str) -> str:
    """One fault, `what @ $.where[0]`, as people say it: where, then what."""
    what, _, where = fault.partition(" @ ")
    said = next((say(found) for pattern, say in FAULTS if (found := pattern.fullmatch(what.strip()))), "内容不对")
    return f"{where.removeprefix('$').lstrip('.') or '最外层'} {said}"
