"""Amounts on the command line: typed in yuan, kept in fen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from supplyops.exchange.parsers import YUAN, Unreadable
from supplyops.wording.errors import sentence


class _Yuan(click.ParamType[int]):
    name = "YUAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Fen; ends the command when it is no amount."""
        if isinstance(value, int):
            return value
        try:
            return YUAN.read(str(value).strip())
        except Unreadable as error:
            self.fail(sentence(error.code, error.params), param, ctx)


F = TypeVar("F", bound=Callable[..., Any])


def yuan_option(flag: str, field: str, what: str, **options: Any) -> Callable[[F], F]:
    """An option for an amount; zero when it is not given, unless the options of click say otherwise."""
    return click.option(flag, field, type=_Yuan(), metavar="YUAN", help=f"{what}(元)", **({"default": 0} | options))
