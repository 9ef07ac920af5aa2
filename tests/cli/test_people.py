"""Accounts and roles as they are typed; a first installation says what comes next."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Line
from tests.dispatch.world import World
from tests.house import CITY


def user(line: Line, name: str) -> Any:
    return next(row for row in line.json("user", "list", "--as", "sysadmin") if row["username"] == name)


def test_a_fresh_database_gets_its_administrators_once_and_is_told_the_next_step(line: Line) -> None:
    said = line("init")
    assert "supplyops import organisations 单位.csv --as sysadmin" in said
    assert len([row for row in said.splitlines() if row.startswith(("  sysadmin", "  secadmin", "  auditadmin"))]) == 3
    assert "没有改动任何内容" in line("init", code=5)
    assert (
        line("user", "list", "--as", "nobody", code=4) == "没有用户“nobody”。--as 后面写登录名,例如 --as sysadmin。\n"
    )


def test_an_account_is_opened_given_a_role_and_closed(world: World, line: Line) -> None:
    add = ("user", "add", "zhang.wei", "--name", "张伟", "--as", "sysadmin")
    assert "  --organisation:“9”不存在。" in line(*add, "--organisation", "9", code=3)
    assert "  USERNAME:用户名“li”不合规" in line("user", "add", "li", *add[3:], "--organisation", CITY, code=3)
    assert line(*add, "--organisation", CITY).startswith("zhang.wei  ")
    grant = ("user", "grant", "zhang.wei", f"库管员@{CITY}", "--as")
    line(*grant, "sysadmin", code=6)
    assert line(*grant, "secadmin") == f"zhang.wei:已授予库管员@{CITY}。\n"
    assert user(line, "zhang.wei")["roles"] == [["keeper", CITY]]
    assert "可选:业务员(clerk)、" in line("user", "grant", "zhang.wei", f"大王@{CITY}", "--as", "secadmin", code=3)
    said = line("user", "revoke", "zhang.wei", f"keeper@{CITY}", "--as", "secadmin")
    assert said == f"zhang.wei:已收回库管员@{CITY}。\n"
    assert user(line, "zhang.wei")["roles"] == []
    assert line("user", "disable", "zhang.wei", "--as", "sysadmin") == "zhang.wei:已停用。\n"
    assert user(line, "zhang.wei")["state"] != user(line, "sysadmin")["state"]
