"""Accounts, roles and tokens."""

from __future__ import annotations

import click

from supplyops.cli.app import App, acting, parse_id, pass_app
from supplyops.cli.failure import Failure
from supplyops.cli.output import as_json, table
from supplyops.kernel.access import Actor, Role
from supplyops.people import commands, queries
from supplyops.people.rules import RoleInput, UserInput
from supplyops.people.secret import Passwords, one_time_password, token, token_digest
from supplyops.wording.labels import label, member


@click.group()
def user() -> None:
    """用户账号、角色、接口令牌。"""


@user.command()
@click.argument("username")
@click.option("--name", "display_name", required=True, help="姓名")
@click.option("--organisation", required=True, metavar="CODE", help="所在单位代码")
@click.option("--post", default="", help="职务")
@click.option("--phone", default="", help="电话")
@click.option("--role", "roles", multiple=True, metavar="ROLE[@CODE]", help="同时授予的角色,可多次;省略 @ 即在所在单位")
@click.option("--granted-by", metavar="USER", help="授予角色的安全管理员")
@acting
def add(
    app: App,
    actor: Actor,
    username: str,
    display_name: str,
    organisation: str,
    post: str,
    phone: str,
    roles: tuple[str, ...],
    granted_by: str | None,
) -> None:
    """开立账号,打印一次性密码。开账号与授权限分属两位管理员。"""
    if roles and not granted_by:
        raise Failure("授予角色需要安全管理员:--granted-by USER", 3)
    wanted = [_role(text, username, organisation) for text in roles]
    password = one_time_password()
    app.runtime.run(
        commands.add_user,
        actor,
        UserInput(username, display_name, organisation, post, phone),
        Passwords().hash(password),
    )
    for each in wanted:
        app.runtime.run(commands.grant_role, app.actor(granted_by or ""), each)
    click.echo(f"{username}  {password}")


@user.command()
@click.argument("username")
@acting
def disable(app: App, actor: Actor, username: str) -> None:
    """停用账号:登录、会话、令牌立即失效。"""
    app.runtime.run(commands.disable_user, actor, username)
    click.echo(f"{username}:已停用。")


@user.command()
@click.argument("username")
@acting
def reset(app: App, actor: Actor, username: str) -> None:
    """重置密码,打印新的一次性密码。"""
    password = one_time_password()
    app.runtime.run(commands.reset_password, actor, username, Passwords().hash(password))
    click.echo(f"{username}  {password}")


@user.command()
@click.argument("username")
@click.argument("role")
@acting
def grant(app: App, actor: Actor, username: str, role: str) -> None:
    """授予角色:ROLE@单位代码。"""
    wanted = _role(role, username, "")
    app.runtime.run(commands.grant_role, actor, wanted)
    click.echo(f"{username}:已授予{label(wanted.role)}@{wanted.organisation_code}。")


@user.command()
@click.argument("username")
@click.argument("role")
@acting
def revoke(app: App, actor: Actor, username: str, role: str) -> None:
    """收回角色:ROLE@单位代码。"""
    wanted = _role(role, username, "")
    app.runtime.run(commands.revoke_role, actor, username, wanted.role, wanted.organisation_code)
    click.echo(f"{username}:已收回{label(wanted.role)}@{wanted.organisation_code}。")


@user.command("token")
@click.option("--name", help="令牌名称(新建)")
@click.option("--days", default=90, show_default=True, help="有效天数")
@click.option("--revoke", "revoked", metavar="ID", help="作废一个令牌")
@acting
def token_command(app: App, actor: Actor, name: str | None, days: int, revoked: str | None) -> None:
    """本人的接口令牌:不带选项列出,--name 新建(只显示这一次),--revoke 作废。"""
    if revoked:
        app.runtime.run(commands.revoke_token, actor, parse_id(revoked))
        click.echo("令牌已作废。")
        return
    if name:
        fresh = token()
        app.runtime.run(commands.issue_token, actor, name, token_digest(fresh), days)
        click.echo(fresh)
        return
    rows = app.runtime.read(queries.my_tokens, actor)
    table(("编号", "名称", "到期", "作废"), [(row.id, row.name, row.expires_at, row.revoked_at) for row in rows])


@user.command("list")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@click.option("--as", "as_user", metavar="USER", required=True, help="以哪个用户的身份查看")
@pass_app
def list_users(app: App, as_user: str, json_output: bool) -> None:
    """列出所辖账号及其角色。"""
    rows = app.runtime.read(queries.users, app.actor(as_user))
    if json_output:
        as_json(rows)
        return
    shown = [
        (
            row.username,
            row.display_name,
            row.organisation_name,
            row.state,
            "、".join(f"{label(role)}@{code}" for role, code in row.roles),
        )
        for row in rows
    ]
    table(("用户名", "姓名", "单位", "状态", "角色"), shown)


def _role(text: str, username: str, organisation: str) -> RoleInput:
    name, _, code = text.partition("@")
    role = member(Role, name)
    if role is None:
        raise Failure(f"没有角色“{name}”;可选:{'、'.join(f'{label(each)}({each.value})' for each in Role)}", 3)
    if not (code or organisation):
        raise Failure("请写明单位:ROLE@单位代码", 3)
    return RoleInput(username, role, code or organisation)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(user)
