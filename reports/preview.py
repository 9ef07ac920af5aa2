"""A look at a paper before it is issued: what is missing stands in red boxes, and it says that it is a preview."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import Environment

from reports.fonts import Fonts, default_fonts, notices
from reports.forms import copy_labels, form_named
from reports.press import Press, saved, written
from reports.render import PaperToPrint, identity
from reports.templates import environment
from supplyops.papers.contents import BadContent, Content, PaperStamp, structured, to_plain

GETA = "〓"
"""What compositors set where a type is missing."""
RED_BOX = '<span class="missing">待填</span>'
_GAP = "\ue000"
"""Stands for a value nobody has given until the page is made; no real text has it, for no font writes it."""
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def preview(
    form: str,
    content: Content | Mapping[str, Any],
    stamp: PaperStamp | None = None,
    *,
    fonts: Fonts | None = None,
) -> bytes:
    """The first copy of a paper as PDF, marked as a preview; it never fails for what is missing.

    `content` may be unfinished plain values: what is required but absent, empty or ill-formed becomes a red box, and so
    does a character that no font writes. Substituted fonts are named in red. Raises UnknownForm, PdfEngineMissing.
    """
    kind = form_named(form)
    filled: Content = fill(kind.content, to_plain(content) if dataclasses.is_dataclass(content) else content)
    shown = stamp or _unissued()
    press = Press(fonts or default_fonts(), env=_forgiving(), retouch=_boxed)
    notes = ["预览，不得作为正式单据使用", *notices(press.fonts)]
    laid_out = press.lay_out(kind, filled, shown, copy_labels(kind, kind.copies[:1]), notes)
    with written([laid_out], press.engine, identity([PaperToPrint(form, filled, shown)]), duplex=False) as pdf:
        return saved(pdf)


def fill(kind: Any, value: Any) -> Any:
    """A dataclass out of unfinished plain values, with a stand-in for everything required that is not there."""
    given = value if isinstance(value, Mapping) else {}
    hints = get_type_hints(kind)
    result = {}
    for field in dataclasses.fields(kind):
        is_required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if field.name in given:
            result[field.name] = _filled(hints[field.name], given[field.name], is_required=is_required)
        elif is_required:
            result[field.name] = _stand_in(hints[field.name])
    return kind(**result)


def _filled(kind: Any, value: Any, *, is_required: bool) -> Any:
    if get_origin(kind) in {Union, UnionType}:
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not type(None))
    if get_origin(kind) is tuple:
        lines = value if isinstance(value, list | tuple) else ()
        return tuple(_filled(get_args(kind)[0], line, is_required=True) for line in lines)
    if dataclasses.is_dataclass(kind):
        return fill(kind, value)
    if kind is str and not value and is_required:
        return _GAP
    try:
        return structured(kind, value)
    except (BadContent, TypeError, ValueError):
        return _stand_in(kind)


class _Gap:
    """Mixed into a number or a time nobody has given: any way of writing it down gives the gap mark."""

    def __html__(self) -> str:
        return _GAP


class _NoNumber(_Gap, int):
    pass


class _NoInstant(_Gap, datetime):
    pass


class _NoDay(_Gap, date):
    pass


def _stand_in(kind: Any) -> Any:
    if get_origin(kind) in {Union, UnionType}:
        return None
    if get_origin(kind) is tuple:
        return ()
    if dataclasses.is_dataclass(kind):
        return fill(kind, {})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    stand_ins: dict[Any, Any] = {
        str: _GAP,
        int: _NoNumber(0),
        bool: False,
        datetime: _NoInstant.fromtimestamp(_SOME_TIME.timestamp(), UTC),
        date: _NoDay(_SOME_TIME.year, 1, 1),
    }
    return stand_ins[kind]


@cache
def _forgiving() -> Environment:
    """The template environment whose filters write the gap mark for a stand-in."""
    env = environment().overlay()
    env.filters = {name: _aware(function) for name, function in env.filters.items()}
    return env


def _aware(function: Callable[..., Any]) -> Callable[..., Any]:
    if hasattr(function, "jinja_pass_arg"):
        return function  # one of Jinja's own that wants the environment

    def aware(value: Any, *args: Any, **kwargs: Any) -> Any:
        return _GAP if isinstance(value, _Gap) else function(value, *args, **kwargs)

    return aware


def _boxed(html: str, press: Press) -> str:
    """Gaps and characters that no font writes as red boxes."""
    text = set(html) - {_GAP}
    press.fonts = press.fonts.covering(text)
    for character in press.fonts.missing(text):
        html = html.replace(character, f'<span class="missing">{GETA}</span>')
    return html.replace(_GAP, RED_BOX)


def _unissued() -> PaperStamp:
    return PaperStamp(
        number="（未编号）", issued_at=_NoInstant.fromtimestamp(_SOME_TIME.timestamp(), UTC), issued_by=_GAP,
        content_hash="", check_code="", qr_text="",
    )  # fmt: skip
