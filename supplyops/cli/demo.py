"""The demonstration: a city is loaded, a story is told in it, its orders are printed, its books checked; then the site."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import click

from reports.errors import PaperError
from reports.issued import to_hand_out
from supplyops.cli.anchoring import forget_anchors, seal_books
from supplyops.cli.app import App, pass_app
from supplyops.cli.books import MARK_FILE
from supplyops.cli.compose import (
    CLOCK_FILE,
    demo_clock,
    open_database,
    set_demo_clock,
)
from supplyops.cli.failure import Failure
from supplyops.cli.output import table
from supplyops.cli.serve import run_server
from supplyops.cli.solving import HANDLERS
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.demo import cast, desks, diary
from supplyops.demo.city import SOURCES, actor, hand_over, load_city
from supplyops.demo.fielding import send_teams
from supplyops.demo.foresight import look_ahead
from supplyops.demo.founding import found
from supplyops.demo.scenarios import DEFAULT, Scenario, names, scenario
from supplyops.demo.scene import Scene
from supplyops.demo.story import StoryClock, Teller, Told
from supplyops.dispatch import printing
from supplyops.exchange.importing import Imported
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.clock import beijing
from supplyops.kernel.memory import collect_seldom
from supplyops.papers.seal import Sealer
from supplyops.people import queries as people
from supplyops.people.rules import OneTimePassword
from supplyops.people.secret import Passwords
from supplyops.planning.rules import PlanOptions
from supplyops.planning.solving import make_ready_meanwhile
from supplyops.requests import queries as requests
from supplyops.runtime import Runtime
from supplyops.verify.books import verify
from supplyops.wording.labels import RESPONSE_LEVELS

PRINTER = "dispatcher.city"
PLAN_ITERATIONS = 60
"""A demonstration replays exactly: the same seed gives the same plan."""


@click.command()
@click.option("--no-serve", is_flag=True, help="演示结束即退出,不启动网站;有任何一步或一项检查失败则退出码不为 0")
@click.option("--scenario", "name", type=click.Choice(names()), default=DEFAULT, show_default=True, help="演示情景")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1), help="方案测算的随机种子")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="监听端口")
@pass_app
def demo(app: App, no_serve: bool, name: str, seed: int, host: str, port: int) -> None:
    """载入示例城市,演一遍灾后调度:报灾、测算、申请、优化、批准、打印、装运、签收、核账。"""
    started = time.monotonic()
    collect_seldom()
    settings = app.settings
    story = scenario(name)
    database = _empty_database(settings, story)
    make_ready_meanwhile()
    clock = StoryClock(story.starts_at - diary.LEAD)
    runtime = Runtime(database, people.principal, clock=clock)
    administrators = found(runtime, Passwords())
    _load(runtime)
    diary.keep(Scene(runtime, clock, story.starts_at))
    click.echo(f"情景:{story.title}")
    worker = Worker(runtime, settings, HANDLERS)
    told = Teller(
        runtime, clock, story, lambda: _work(worker), PlanOptions(iterations=PLAN_ITERATIONS, seed=seed), _say
    ).tell()
    desks.fill(Scene(runtime, clock, told.ended_at))
    send_teams(Scene(runtime, clock, told.ended_at), told.incident_id, lambda: _work(worker))
    look_ahead(Scene(runtime, clock, told.ended_at), lambda: _work(worker))
    paper, pages, papers = _print_all(runtime, settings, told)
    accounts = hand_over(runtime, Passwords(), cast.MAIN)
    wrong = _wrong(runtime, story, told)
    seal_books(runtime, settings)
    findings = verify(database)
    wrong += [f"账簿 {finding.id} {finding.title}" for finding in findings if not finding.is_clean]
    set_demo_clock(settings, told.ended_at)
    database.dispose()
    _summary(story, told, runtime, paper, pages, papers, sum(f.checked for f in findings), time.monotonic() - started)
    for each in wrong:
        click.echo(f"未通过:{each}", err=True)
    if no_serve:
        raise SystemExit(1 if wrong else 0)
    _accounts(runtime, administrators + accounts, settings)
    run_server(app, host, port, with_worker=True)


def _empty_database(settings: Settings, story: Scenario) -> Database:
    """A new database. An older demonstration's file is put aside; anybody's real books are left alone."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings)
    mark = settings.data_dir / CLOCK_FILE
    if database.is_sqlite:
        path = Path(str(database.url.database))
        if path.exists() and not mark.exists():
            raise Failure(f"{path} 是正式数据库,演示不会改动它。请换一个目录再演示:SUPPLYOPS_DATA_DIR=演示目录", 5)
        for suffix in ("", "-wal", "-shm", "-journal"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.replace(path.with_name(f"previous-{path.name}{suffix}"))
    elif schema.current(database) is not None:
        raise Failure("SUPPLYOPS_DATABASE_URL 指向的数据库里已有数据,演示需要一个空库。", 5)
    (settings.data_dir / MARK_FILE).unlink(missing_ok=True)  # what was checked of the older books says nothing of these
    forget_anchors(settings.data_dir)
    set_demo_clock(settings, story.starts_at)
    schema.upgrade(database)
    return database


def _load(runtime: Runtime) -> None:
    rows = 0

    def tell(imported: Imported) -> None:
        nonlocal rows
        rows += imported.rows

    click.echo(f"载入示例城市({len(SOURCES)} 个文件,与用户导入走同一条路)……", nl=False)
    load_city(runtime, report=tell)
    click.echo(f" {rows} 行")


def _work(worker: Worker) -> None:
    while worker.work_one():
        pass


def _say(at: datetime, text: str) -> None:
    click.echo(f"  {beijing(at):%m-%d %H:%M}  {text}")


def _print_all(runtime: Runtime, settings: Settings, told: Told) -> tuple[Path, int, int]:
    """Every paper of the incident in one file, in order; noted as printed."""
    import pikepdf  # noqa: PLC0415  only to count pages

    printer = actor(runtime, PRINTER)
    contents = runtime.read(printing.incident_papers, printer, told.incident_id)
    sealer = Sealer.from_folder(settings.data_dir, settings.public_base_url)
    click.echo(f"打印全部单据({len(contents)} 份)……", nl=False)
    before = dict.fromkeys((each.row.id for each in contents), 0)
    try:
        body = to_hand_out(contents, sealer, before, processes=os.cpu_count() or 1)
    except PaperError as error:
        raise Failure(f"\n单据未能打印({error.code})。请执行 supplyops doctor 查看缺少什么。", 5) from None
    runtime.run(printing.note_prints, printer, [each.row.id for each in contents], [])
    folder = settings.data_dir / "papers"
    folder.mkdir(exist_ok=True)
    path = folder / f"{told.incident_number}.pdf"
    path.write_bytes(body)
    with pikepdf.open(path) as pdf:
        pages = len(pdf.pages)
    click.echo(f" {pages} 页")
    return path, pages, len(contents)


def _wrong(runtime: Runtime, story: Scenario, told: Told) -> list[str]:
    """What did not come out as the story says it must."""
    expected = story.expected
    figures = runtime.read(incidents.report, SYSTEM, told.incident_id)
    persons = sum((area.moved or 0) + (area.urgent_aid or 0) for area in figures.areas)
    level = runtime.read(incidents.incident, SYSTEM, told.incident_number).response_level
    owners = {part.owner_code for part in told.plan.parts}
    asked = runtime.read(requests.requests, SYSTEM, incident_id=told.incident_id)
    skus = {line.id: line.sku for row in asked for line in row.lines}
    short = {skus[gap.request_line_id] for gap in told.plan.gaps}
    short |= {skus[line.request_line_id] for line in told.plan.lines if line.sku != skus[line.request_line_id]}
    checks = (
        (persons == expected.persons, f"转移安置 {persons} 人,应为 {expected.persons} 人"),
        (len(figures.areas) == expected.places, f"受灾地点 {len(figures.areas)} 处,应为 {expected.places} 处"),
        (level == expected.response_level, f"响应级别 {level},应为 {expected.response_level}"),
        (set(expected.owners) <= owners, f"方案只动用了 {'、'.join(sorted(owners))}"),
        (
            set(expected.short) <= short,
            f"方案既未指出缺口、也未用替代品:{'、'.join(sorted(set(expected.short) - short))}",
        ),
        (bool(told.plan.head.verdict.get("is_feasible")), "独立校验没有通过方案"),
        (told.instructions == len(owners), f"{len(owners)} 个物权单位,动用指令 {told.instructions} 份"),
        (told.delivered > 0, "没有一单签收"),
    )
    return [text for holds, text in checks if not holds]


def _summary(
    story: Scenario, told: Told, runtime: Runtime, paper: Path, pages: int, papers: int, checked: int, seconds: float
) -> None:
    head = runtime.read(incidents.incident, SYSTEM, told.incident_number)
    level = f"{RESPONSE_LEVELS[head.response_level]}响应" if head.response_level else "未启动响应"
    distance_m = sum(trip.distance_m for trip in told.plan.trips)
    click.echo("")
    click.echo(f"事件    {head.number} {head.name}({level})")
    click.echo(f"需求    {told.requests} 份需求单,{told.request_lines} 行;转移安置 {story.expected.persons} 人")
    vehicles = len({trip.plate for trip in told.plan.trips})
    click.echo(f"车辆    {vehicles} 辆车,{len(told.plan.trips)} 趟,{distance_m / 1000:,.0f} 公里")
    click.echo(
        f"执行    动用指令 {told.instructions} 份,调拨单 {told.consignments} 份(签收 {told.delivered},在途 {told.on_the_road}),"
        f"合同启用 {told.call_offs} 份,队伍调动 {told.missions} 支"
    )
    click.echo(f"单据    {papers} 份 {pages} 页:{paper}")
    click.echo(f"核账    已核对 {checked:,} 项")
    click.echo(f"用时    {seconds:.0f} 秒")
    click.echo("")
    table(
        ("物资类别", "需求行", "足额", "保障率", "最低满足率", "理论上限"),
        [
            (
                row.class_name,
                row.lines,
                row.lines_full,
                f"{row.served_permille / 10:.1f}%",
                f"{row.least_fill_permille / 10:.1f}%",
                "-" if row.bound_permille is None else f"{row.bound_permille / 10:.1f}%",
            )
            for row in told.plan.coverage
        ],
    )
    click.echo("保障率只计按时送达;缺口原因见方案页面或 supplyops plan show。")


def _accounts(runtime: Runtime, accounts: tuple[OneTimePassword, ...], settings: Settings) -> None:
    users = {row.username: row for row in runtime.read(people.users, SYSTEM)}
    click.echo("")
    click.echo("演示账号与一次性密码(首次登录须修改;没有任何默认密码):")
    table(
        ("用户名", "一次性密码", "姓名", "职务"),
        [
            (one.username, one.password, users[one.username].display_name, users[one.username].post)
            for one in accounts
            if one.username in users
        ],
    )
    click.echo(f"网址:{settings.public_base_url}/   演示时钟从 {beijing(demo_clock(settings)()):%Y-%m-%d %H:%M} 起走动")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(demo)
