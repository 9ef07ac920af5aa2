"""Who one is, the directory, and one's own tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from supplyops.people import commands, queries
from supplyops.people.queries import OrganisationRow, TokenRow
from supplyops.people.secret import token, token_digest
from web import view
from web.api.base import answers, authenticated, body, noun, run, writes

me_blueprint = noun("me", "当前用户")
organisations_blueprint = noun("organisations", "单位")
tokens_blueprint = noun("tokens", "自己的接口令牌")


@dataclass(frozen=True, slots=True)
class RoleShown:
    """A role and where it is held."""

    role: str
    organisation_code: str


@dataclass(frozen=True, slots=True)
class Me:
    """The person behind the token."""

    id: UUID
    username: str
    name: str
    organisation_code: str
    roles: tuple[RoleShown, ...]


@dataclass(frozen=True, slots=True)
class TokenInput:
    """A token to be made."""

    name: str
    days: int = 90


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as it is shown this once."""

    id: UUID
    name: str
    token: str


@me_blueprint.get("/")
@answers(me_blueprint, Me)
@authenticated
def me() -> Any:
    """令牌代表的用户及其角色。"""
    who, bodies = view.principal(), view.bodies()
    home = bodies[who.organisation_id].code if who.organisation_id in bodies else ""
    roles = tuple(RoleShown(grant.role.value, bodies[grant.organisation_id].code) for grant in who.grants)
    assert who.user_id is not None
    return Me(who.user_id, view.read(queries.own_username), who.name, home, roles)


@organisations_blueprint.get("/")
@answers(organisations_blueprint, OrganisationRow, many=True)
@authenticated
def organisations() -> Any:
    """单位名录。"""
    return view.read(queries.organisations)


@tokens_blueprint.get("/")
@answers(tokens_blueprint, TokenRow, many=True)
@authenticated
def tokens() -> Any:
    """自己的令牌。"""
    return view.read(queries.my_tokens)


@tokens_blueprint.post("/")
@writes(tokens_blueprint, TokenInput)
@answers(tokens_blueprint, NewToken, status=201)
@authenticated
def issue_token() -> Any:
    """生成令牌;令牌只在此答复中出现一次。"""
    wanted, fresh = body(TokenInput), token()
    made = run(commands.issue_token, wanted.name, token_digest(fresh), wanted.days)
    return NewToken(made, wanted.name, fresh)


@tokens_blueprint.delete("/<uuid:token_id>")
@writes(tokens_blueprint)
@answers(tokens_blueprint, None, status=204)
@authenticated
def revoke_token(token_id: UUID) -> Any:
    """作废令牌,立即生效。"""
    run(commands.revoke_token, token_id)
    return None
