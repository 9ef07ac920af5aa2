"""Describing the API: openapi."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from supplyops.cli.compose import build_runtime
from supplyops.config import Settings
from supplyops.papers.seal import Sealer


@click.command()
def openapi() -> None:
    """输出接口说明(OpenAPI 3.1,JSON);不需要数据库。"""
    from web import api, create_app  # noqa: PLC0415  the web floor is above; only the composition root reaches up

    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        runtime = build_runtime(settings)
        site = create_app(runtime, settings, Sealer.from_folder(settings.data_dir, settings.public_base_url))
        click.echo(json.dumps(api.document(site), ensure_ascii=False, indent=2))
        runtime.database.dispose()


def register(group: click.Group) -> None:
    """Add this module's command."""
    group.add_command(openapi)
