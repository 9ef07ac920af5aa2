"""Running: the web server and the worker."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import socket
import threading
from types import FrameType
from typing import Any

import click
import waitress

from supplyops.cli.app import App, pass_app
from supplyops.cli.failure import Failure
from supplyops.cli.solving import HANDLERS
from supplyops.kernel.memory import collect_seldom
from supplyops.kernel.pinyin import spelled
from supplyops.papers.seal import Sealer
from supplyops.planning.solving import make_ready_meanwhile

THREADS = 16
CONNECTIONS_MAX = 2_000
"""Silent connections must not keep anybody out: waitress holds them without a thread, up to this many."""
FILES_BESIDES = 500
"""Open files besides connections: databases, fonts, logs."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="监听端口")
@click.option("--no-worker", is_flag=True, help="不启动后台任务进程")
@pass_app
def serve(app: App, host: str, port: int, no_worker: bool) -> None:
    """启动网站(默认同时启动一个后台任务进程)。"""
    run_server(app, host, port, with_worker=not no_worker)


def run_server(app: App, host: str, port: int, *, with_worker: bool) -> None:
    """Serve until told to stop; requests under way are finished."""
    from web import create_app  # noqa: PLC0415  the web floor is above; only the composition root reaches up

    settings = app.settings
    site = create_app(app.runtime, settings, Sealer.from_folder(settings.data_dir, settings.public_base_url))
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failure(f"无法监听 {host}:{port}:{error.strerror}", 5) from None
    worker = (
        multiprocessing.get_context("spawn").Process(target=work, name="supplyops-worker", daemon=False)
        if with_worker
        else None
    )
    if worker is not None:
        worker.start()
    server = make_server(site, host, port)
    signal.signal(signal.SIGTERM, _stop)
    spelled("库")  # whoever searches first is not to wait for the dictionary
    collect_seldom()
    click.echo(f"网站已启动:http://{host}:{port}/  (Ctrl+C 停止)")
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("正在停止……")
    finally:
        server.close()
        if worker is not None:
            worker.terminate()
            worker.join(20)


def make_server(site: Any, host: str, port: int) -> Any:
    """The web server of a WSGI site; port 0 takes a free one.

    It polls: select() breaks down at the 1,024th open file, long before the limit of connections. The process's own
    limit of open files is raised towards it where the system allows.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_BESIDES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return waitress.create_server(
        site,
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        channel_timeout=60,
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
    )


def _stop(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--once", is_flag=True, help="做完现有任务即退出")
def worker(once: bool) -> None:
    """启动后台任务进程。"""
    work(once=once)


def work(*, once: bool = False) -> None:
    """Take jobs until told to stop."""
    from supplyops.cli.worker import Worker  # noqa: PLC0415  a spawned process imports only what it needs

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    app = App()
    collect_seldom()
    if not once:
        make_ready_meanwhile()
    Worker(app.runtime, app.settings, HANDLERS).run(stop, once=once)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(serve)
    group.add_command(worker)
