"""Files of organisations, users and the roles they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyops.database.registry import Saved
from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import ListOf, choice
from supplyops.incidents.rules import EventClass
from supplyops.people import commands, queries
from supplyops.people.rules import OrganisationInput, RoleInput, UserInput
from supplyops.runtime import Context

UNUSABLE = "!"
"""Matches no password: an imported account opens with the one-time password that `supplyops user reset` prints."""


def _organisations(ctx: Context) -> list[OrganisationInput]:
    rows = queries.organisations(ctx)
    codes = {row.id: row.code for row in rows}
    return [
        rebuilt(OrganisationInput, row, parent_code="" if codes[row.parent_id] == "root" else codes[row.parent_id])
        for row in rows
        if row.parent_id is not None
    ]


def _save_users(ctx: Context, inputs: Sequence[Any]) -> Saved:
    return commands.save_users(ctx, inputs, [UNUSABLE] * len(inputs))


def _roles(ctx: Context) -> list[RoleInput]:
    return [rebuilt(RoleInput, row) for row in queries.roles_held(ctx)]


ORGANISATIONS = make_kind(
    "organisations",
    "单位",
    OrganisationInput,
    (
        column("单位代码", "code", "654004-yj", "字母、数字、短横线"),
        column("单位名称", "name", "霍尔果斯市应急管理局"),
        column("简称", "short_name", "市应急局", "不填时取单位名称"),
        column("单位类别", "kind", "部门"),
        column("层级", "level", "市"),
        column("上级单位代码", "parent_code", "654004", "没有上级时不填;上级可以在同一文件内"),
        column("行政区划代码", "area_code", "654004"),
        column("在指挥体系内", "in_chain", "是", "兵团、军队、社会单位填“否”"),
        column("发文机关代字", "document_prefix", "霍应急"),
        column("统一社会信用代码", "credit_code", "", "18 位"),
        column("联系人", "contact", "王建国"),
        column("联系电话", "phone", "0999-8796110"),
        column("值班电话", "duty_phone", "0999-8796119"),
        column("来源标记", "source_mark", "A"),
        column("启用", "is_active", "是"),
    ),
    key=("code",),
    save=commands.save_organisations,
    read=_organisations,
    see=queries.organisations,
)

USERS = make_kind(
    "users",
    "用户",
    UserInput,
    (
        column("用户名", "username", "wangjg", "小写字母开头,3 至 40 位小写字母、数字、点、短横线"),
        column("姓名", "display_name", "王建国"),
        column("单位代码", "organisation_code", "654004-yj"),
        column("职务", "post", "物资科科长"),
        column("电话", "phone", "13800000000"),
    ),
    key=("username",),
    save=commands.save_users,
    save_with=_save_users,
    read=lambda ctx: [rebuilt(UserInput, row) for row in queries.users(ctx)],
    see=queries.users,
    note="导入的新账号没有可用密码,请用 supplyops user reset 发放一次性密码。",
)

ROLES = make_kind(
    "roles",
    "用户角色",
    RoleInput,
    (
        column("用户名", "username", "wangjg"),
        column("角色", "role", "业务员"),
        column("单位代码", "organisation_code", "654004", "在该单位及其下级行使"),
        column("生效日期", "valid_from", "2026-01-01", "不填为导入当日"),
        column("截止日期", "valid_to", "", "不填为长期"),
        column("事件类别", "event_classes", "自然灾害", "不填为全部", parser=ListOf(choice(EventClass))),
    ),
    key=("username", "role", "organisation_code"),
    save=commands.save_roles,
    read=_roles,
    see=queries.roles_held,
)
