"""What every noun of the API shares: who asks, the request key, answers and their documentation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from supplyops.kernel.errors import InvalidInput, Unauthenticated
from supplyops.runtime import Command
from web import view
from web.schemas.from_dataclass import load, schema_of

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


class ProblemSchema(Schema):
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


def authenticated(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse whoever has neither a session nor a token."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if view.actor().user_id is None:
            raise Unauthenticated("sign_in_required")
        return function(*args, **kwargs)

    return guarded


def body(kind: type[Any]) -> Any:
    """The request's JSON as a dataclass. Raises InvalidInput naming every field."""
    return load(kind, request.get_json())


def run(command: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a command under the request's Idempotency-Key, which every write must carry."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise InvalidInput("key_missing")
    return view.runtime().run(command, view.actor().keyed(key), *args, **kwargs)
