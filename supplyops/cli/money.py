"""Amounts on the command line: typed in yuan, kept in fen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from supplyops.cli.app import Failure
from supplyops.exchange.parsers import YUAN, Unreadable
from supplyops.wording.errors import sentence


class _Yuan(click.ParamType[int]):
    name = "YUAN"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> int:
        """Fen; ends the command when it is no amount."""
        if isinstance(value, int):
            return value
        try:
            return YUAN.read(str(value).strip())
        except Unreadable as error:
            raise Failure(sentence(error.code, error.params), 3) from None


F = TypeVar("F", bound=Callable[..., Any])


def yuan_option(flag: str, field: str, what: str) -> Callable[[F], F]:
    """An option for an amount; zero when it is not given."""
    return click.option(flag, field, type=_Yuan(), default=0, metavar="YUAN", help=f"{what}(元)")
