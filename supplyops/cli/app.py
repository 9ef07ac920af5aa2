"""What every command of the command line shares: settings, runtime, who acts, how errors end."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Mapping
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import click

from supplyops.cli.failure import Failure
from supplyops.config import Settings, SettingsError
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import FieldError, InvalidInput, SupplyError
from supplyops.wording.errors import field_message, message

if TYPE_CHECKING:
    from supplyops.cli.compose import House
    from supplyops.runtime import Runtime

EXIT_CODES = {"invalid_input": 3, "not_found": 4, "conflict": 5, "forbidden": 6, "unauthenticated": 6, "busy": 75}
EXIT_UNEXPECTED = 70

F = TypeVar("F", bound=Callable[..., Any])

os.environ["LANGUAGE"] = (
    "zh_CN"  # the command line speaks Chinese, its library's own words too, whatever the machine speaks
)
gettext.bindtextdomain(gettext.textdomain(), Path(__file__).parent / "locale")


class App:
    """Settings and runtime, made when first asked for."""

    @cached_property
    def settings(self) -> Settings:
        """From the environment; a wrong setting ends the command with exit code 3."""
        try:
            return Settings.from_env(os.environ)
        except SettingsError as error:
            raise Failure(f"设置有误:{error}", 3) from None

    @cached_property
    def house(self) -> House:
        """What a command works with; `--help` and wrong words come to their end without it."""
        from supplyops.cli.compose import open_house  # noqa: PLC0415  the whole house takes a second to import

        return open_house(self.settings)

    @property
    def runtime(self) -> Runtime:
        """On a database that is at this code's revision."""
        return self.house.runtime

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if "house" in self.__dict__:
            self.runtime.database.dispose()

    def actor(self, username: str) -> Actor:
        """The person named on the command line."""
        return self.house.actor(username)


class Group(click.Group):
    """A group whose commands end domain errors as sentences with their family's exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run; translate once, here; close what was opened."""
        app = ctx.ensure_object(App)
        try:
            return super().invoke(ctx)
        except SupplyError as error:
            raise _failure(error, {}) from None
        except Exception as error:
            if (failure := database_failure(error)) is None:
                raise
            raise failure from error
        finally:
            app.close()


def database_failure(error: Exception) -> Failure | None:
    """What a user is told when the database cannot be reached or read; None for any other error."""
    from sqlalchemy.exc import DBAPIError, OperationalError  # noqa: PLC0415  only where something broke down

    if not isinstance(error, DBAPIError):
        return None
    reason = next(iter(str(error.orig).splitlines()), "")
    code = EXIT_CODES["busy"] if isinstance(error, OperationalError) else EXIT_UNEXPECTED
    return Failure(f"数据库不能使用:{reason}\n没有改动任何内容。请执行 supplyops doctor 查看原因。", code)


Teller = Callable[[FieldError], str | None]
_TELLER = "supplyops.teller"


def tell_lines_with(teller: Teller) -> None:
    """Have errors about the lines of a file told by row and column: `teller` gives the sentence, or None for others."""
    if context := click.get_current_context(silent=True):
        context.meta[_TELLER] = teller


def _failure(error: SupplyError, options: Mapping[str, str]) -> Failure:
    """The sentence of an error; fields that came from an option are called by it, those of a file by row and column."""
    lines = [message(error)]
    context = click.get_current_context(silent=True)
    teller: Teller = context.meta.get(_TELLER, lambda _: None) if context else lambda _: None
    if isinstance(error, InvalidInput):
        for field in error.fields:
            first, dot, rest = field.field.partition(".")
            option = options.get(first) or options.get(first.removesuffix("_code"), first)
            place = rest.partition(".")[0]
            called = f"第 {int(place) + 1} 项" if place.isdigit() and first not in options else f"{option}{dot}{rest}"
            told = teller(field) or f"{called}:{field_message(field)}"
            lines.append(f"  {told}")
    return Failure("\n".join(lines), EXIT_CODES[error.family])


def _typed(command: click.Command) -> dict[str, str]:
    """What people type for each parameter: `--site`, `USERNAME`."""
    return {
        each.name: each.opts[0] if isinstance(each, click.Option) else each.human_readable_name
        for each in command.params
        if each.name
    }


pass_app = click.make_pass_decorator(App, ensure=True)


BYPASS = "freeze_bypass"
bypass_option = click.option(
    "--bypass-freeze", BYPASS, default="", metavar="REASON", help="库位因盘点冻结而确需动用时,写明紧急放行原因"
)
"""For commands that move stock; stands above `acting`."""


def acting(function: F) -> F:
    """Add `--as USER` and hand the command the app and the actor."""

    @click.option("--as", "as_user", metavar="USER", required=True, help="以哪个用户的身份执行")
    @click.option("--key", default=None, metavar="KEY", help="请求键:同一键重复执行只生效一次")
    @pass_app
    def wrapped(app: App, /, as_user: str, key: str | None, **kwargs: Any) -> Any:
        actor = app.actor(as_user).keyed(key).bypassing(kwargs.pop(BYPASS, ""))
        try:
            return function(app, actor, **kwargs)
        except SupplyError as error:
            raise _failure(error, _typed(click.get_current_context().command)) from None

    return update_wrapper(wrapped, function)  # type: ignore[return-value]


def parse_id(text: str) -> UUID:
    """An id from the command line."""
    try:
        return UUID(text)
    except ValueError:
        raise Failure(f"“{text}”不是编号", 3) from None
