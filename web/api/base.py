"""What every noun of the API shares: who asks, the request key, answers and their documentation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields

from supplyops.kernel.errors import FieldError, InvalidInput, Unauthenticated
from supplyops.runtime import Command
from web import view
from web.schemas.from_dataclass import Lasting, load, schema_of

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound=StrEnum)

LIMIT_MAX = 500


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is ended."""

    because: str


class ProblemSchema(Lasting):
    """application/problem+json (RFC 9457)."""

    type = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    request_id = fields.String(required=True)
    params = fields.Dict()
    errors = fields.List(fields.Dict())


def noun(name: str, description: str) -> Blueprint:
    """A blueprint for one noun."""
    return Blueprint(f"api_{name}", __name__, url_prefix=f"/api/v1/{name}", description=description)


REFUSALS = (
    (400, "请求不合规"),
    (401, "未登录"),
    (403, "无权限"),
    (404, "不存在或不可见"),
    (409, "状态冲突"),
    (422, "内容有误"),
    (503, "繁忙"),
)


def answers(blueprint: Blueprint, row: type[Any] | None, *, many: bool = False, status: int = 200) -> Callable[[F], F]:
    """Document what a view answers with, and every way it may refuse."""

    def decorate(function: F) -> F:
        documented: Any = function
        for code, text in REFUSALS:
            refusal = blueprint.alt_response(
                code, schema=ProblemSchema, description=text, content_type="application/problem+json"
            )
            documented = refusal(documented)
        answer = blueprint.response(status) if row is None else blueprint.response(status, schema_of(row)(many=many))
        return cast(F, answer(documented))

    return decorate


TOO_MUCH = ((413, "内容过大"), (415, "内容不是 JSON"))
STALE = (428, "缺少版本号")
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "请求键:1 至 255 个可见字符;同一键重复发送只生效一次",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
VERSION_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "所见内容的版本号;已被他人修改时答 409",
    "schema": {"type": "string", "pattern": '^(W/)?"?[0-9]{1,9}"?$'},
}


BYPASS_PARAMETER = {
    "name": view.BYPASS_FIELD,
    "in": "query",
    "required": False,
    "description": "紧急放行原因:库位因盘点冻结(place_frozen)而确需动用时填写,记入日志和盘点表",
    "schema": {"type": "string", "maxLength": 200},
}


def writes(
    blueprint: Blueprint, kind: type[Any] | None = None, *, versioned: bool = False, moves_stock: bool = False
) -> Callable[[F], F]:
    """Document a write: its key, its body, the version it starts from, the reason for moving stock at a frozen place."""
    parameters = [
        KEY_PARAMETER,
        *([VERSION_PARAMETER] if versioned else []),
        *([BYPASS_PARAMETER] if moves_stock else []),
    ]
    more: dict[str, Any] = {"parameters": parameters}
    if kind is not None:
        more["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema_of(kind)}}}

    def decorate(function: F) -> F:
        documented: Any = function
        for code, text in (*TOO_MUCH, *((STALE,) if versioned else ())):
            refusal = blueprint.alt_response(
                code, schema=ProblemSchema, description=text, content_type="application/problem+json"
            )
            documented = refusal(documented)
        return cast(F, blueprint.doc(**more)(documented))

    return decorate


def asks(blueprint: Blueprint, *, needs: Collection[str] = (), **fields_: str) -> Callable[[F], F]:
    """Document the fields of a query: name and what it narrows to; `needs` are those that it cannot do without."""
    parameters = [
        {
            "name": name.rstrip("_"),
            "in": "query",
            "required": name in needs,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, text in fields_.items()
    ]

    def decorate(function: F) -> F:
        return cast(F, blueprint.doc(parameters=parameters)(function))

    return decorate


def version() -> int | None:
    """The version the sender has seen, from If-Match; None when it does not say."""
    text = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and len(text) < 10 else None


def choice(kind: type[E], name: str) -> E | None:
    """A code of the query. Raises InvalidInput for one that is not known; None when it is not given."""
    text = request.args.get(name, "")
    if text and text not in set(kind):
        raise InvalidInput(fields=(FieldError(name, "unknown_choice", {"value": text[:40]}),))
    return kind(text) if text else None


def authenticated(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse whoever has neither a session nor a token."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if view.actor().user_id is None:
            raise Unauthenticated("sign_in_required")
        return function(*args, **kwargs)

    return guarded


def body(kind: type[Any], **named: Any) -> Any:
    """The request's JSON as a dataclass; `named` fields come from the address. Raises InvalidInput naming every field."""
    data = request.get_json()
    return load(kind, {**data, **named} if named and isinstance(data, dict) else data)


def run(command: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a command under the request's Idempotency-Key, which every write must carry."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise InvalidInput("key_missing")
    sender = view.actor().keyed(key).bypassing(request.args.get(view.BYPASS_FIELD, "").strip())
    view.let_go()
    return view.runtime().run(command, sender, *args, **kwargs)


def rehearse(command: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a command would answer; nothing is done. It carries a key like the write it rehearses."""
    if not request.headers.get("Idempotency-Key"):
        raise InvalidInput("key_missing")
    return view.runtime().rehearse(command, view.actor(), *args, **kwargs)


def window() -> tuple[int, int]:
    """(offset, limit) from the query; nonsense counts as the default."""
    offset, limit = request.args.get("offset", "0"), request.args.get("limit", "50")
    return (
        int(offset) if offset.isdecimal() and len(offset) < 9 else 0,
        min(int(limit), LIMIT_MAX) if limit.isdecimal() and 0 < len(limit) < 5 else 50,
    )
