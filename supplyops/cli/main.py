"""The command line: one group, one module per subject."""

from __future__ import annotations

import click

from supplyops import __version__
from supplyops.cli import (
    books,
    contracts,
    demo,
    doctor,
    documents,
    exchange,
    incidents,
    jobs,
    journal,
    openapi,
    orders,
    papers,
    people,
    plans,
    registers,
    requests,
    roads,
    serve,
    stock,
    system,
    teams,
)
from supplyops.cli.app import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="supplyops")
def main() -> None:
    """应急物资综合信息管理系统:储备、队伍、合同、调度、单据。"""


system.register(main)
doctor.register(main)
serve.register(main)
demo.register(main)
people.register(main)
books.register(main)
journal.register(main)
exchange.register(main)
openapi.register(main)
registers.register(main)
roads.register(main)
stock.register(main)
documents.register(main)
contracts.register(main)
teams.register(main)
incidents.register(main)
requests.register(main)
plans.register(main)
jobs.register(main)
orders.register(main)
papers.register(main)
