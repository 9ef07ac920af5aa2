"""Setting up and running: init, upgrade."""

from __future__ import annotations

import click

from supplyops.cli.app import App, pass_app
from supplyops.cli.compose import open_database
from supplyops.cli.failure import Failure
from supplyops.database import schema
from supplyops.demo.founding import complete_parameters, found
from supplyops.papers.seal import Sealer
from supplyops.people.secret import Passwords

NEXT = """接下来:
  supplyops import organisations 单位.csv --as sysadmin      单位(各种文件的列见 supplyops import --list)
  supplyops import users 用户.csv --as sysadmin              用户,一次性密码用 supplyops user reset 打印
  supplyops import roles 角色.csv --as secadmin              角色,由安全管理员授予
  supplyops serve                                            启动网站
其余数据由各单位的业务人员导入;参数已有带来源标记的默认值,用 supplyops parameter list 核对。
只想看一看:另用一个数据目录执行 supplyops demo。"""


@click.command()
@pass_app
def init(app: App) -> None:
    """建立数据库、签名密钥和三个管理员账号(一次性密码只显示这一次)。"""
    settings = app.settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings)
    schema.upgrade(database)
    database.dispose()
    Sealer.from_folder(settings.data_dir, settings.public_base_url)
    passwords = found(app.runtime, Passwords())
    if not passwords:
        raise Failure("数据库已经建立,没有改动任何内容。", 5)
    click.echo("已建立数据库。管理员账号和一次性密码(7 天内有效,首次登录必须修改):")
    for one in passwords:
        click.echo(f"  {one.username}  {one.password}")
    click.echo(NEXT)


@click.command()
@pass_app
def upgrade(app: App) -> None:
    """把数据库升级到本程序需要的版本。"""
    database = open_database(app.settings)
    before = schema.current(database)
    schema.upgrade(database)
    database.dispose()
    click.echo(f"数据库版本:{before or '空'} → {schema.head()}")
    added = complete_parameters(app.runtime)
    if added:
        click.echo(f"补充了 {len(added)} 个参数的默认值,请核对:{'、'.join(added)}")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (init, upgrade):
        group.add_command(each)
