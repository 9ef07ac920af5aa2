"""Who is who: principals, sessions, tokens, the directory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplyops.kernel.access import Actor, Grant, Permission, Principal, Role
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound, Unauthenticated
from supplyops.people.rules import SESSION_IDLE, SESSION_LENGTH, Level, OrganisationKind, UserState
from supplyops.people.secret import token_digest
from supplyops.people.tables import ApiToken, Organisation, RoleHeld, SignInRecord, User, UserSession
from supplyops.runtime import Context, query, unscoped


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A body in the tree."""

    id: UUID
    code: str
    name: str
    short_name: str
    kind: OrganisationKind
    level: Level
    parent_id: UUID | None
    path: str
    area_code: str
    in_chain: bool
    document_prefix: str
    credit_code: str
    contact: str
    phone: str
    duty_phone: str
    source_mark: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """An account and the roles it holds today."""

    id: UUID
    username: str
    display_name: str
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    post: str
    phone: str
    state: UserState
    must_change_password: bool
    roles: tuple[tuple[Role, str], ...]


@dataclass(frozen=True, slots=True)
class RoleHeldRow:
    """A role that has not been taken back, whether its days have come or not."""

    username: str
    role: Role
    organisation_code: str
    valid_from: date | None
    valid_to: date | None
    event_classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session."""

    user_id: UUID
    form_token: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in compares with."""

    user_id: UUID
    password_hash: str
    locked_until: datetime | None
    is_usable: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An API token, without what it opens."""

    id: UUID
    name: str
    expires_at: datetime
    revoked_at: datetime | None


def principal(session: Session, actor: Actor, now: datetime) -> Principal:
    """The actor with the roles held today. Raises Unauthenticated when the account has ended."""
    if actor.is_system:
        return Principal(None, "system", None, is_system=True)
    if actor.user_id is None:
        return Principal(None, "anonymous", None)
    found = session.execute(
        select(User, Organisation.path)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(User.id == actor.user_id)
    ).one_or_none()
    if found is None or found[0].state is not UserState.ACTIVE:
        raise Unauthenticated("account_ended")
    user, path = found
    # A one-time password binds whoever signs in with it; the command line's operator is on the machine already.
    must_change = user.must_change_password and actor.via in {"web", "api"}
    return Principal(
        user.id,
        user.display_name,
        user.organisation_id,
        path,
        _grants(session, user.id, now),
        must_change_password=must_change,
    )


def _grants(session: Session, user_id: UUID, now: datetime) -> tuple[Grant, ...]:
    today = business_day(now)
    rows = session.execute(
        select(RoleHeld, Organisation.path)
        .join(Organisation, Organisation.id == RoleHeld.organisation_id)
        .where(RoleHeld.user_id == user_id, RoleHeld.revoked_at.is_(None), RoleHeld.valid_from <= today)
        .order_by(RoleHeld.granted_at, RoleHeld.id)
    )
    return tuple(
        Grant(
            held.role, held.organisation_id, path, None if held.event_classes is None else frozenset(held.event_classes)
        )
        for held, path in rows
        if held.valid_to is None or held.valid_to >= today
    )


@query(Permission.PUBLIC)
def credentials(ctx: Context, username: str) -> Credentials | None:
    """What is needed to check a password, or None for an unknown name."""
    row = ctx.session.execute(
        unscoped(
            select(User, SignInRecord)
            .outerjoin(SignInRecord, SignInRecord.user_id == User.id)
            .where(User.username == username),
            "nobody is signed in yet",
        )
    ).one_or_none()
    if row is None:
        return None
    user, record = row
    expired = user.one_time_until is not None and user.one_time_until < ctx.now
    return Credentials(
        user.id,
        user.password_hash,
        record.locked_until if record else None,
        user.state is UserState.ACTIVE and not expired,
    )


@query(Permission.PUBLIC)
def session_of(ctx: Context, session_token: str) -> SessionRow | None:
    """The live session behind a token, or None."""
    row = ctx.session.get(UserSession, token_digest(session_token))
    if (
        row is None
        or row.ended_at is not None
        or ctx.now - row.seen_at > SESSION_IDLE
        or ctx.now - row.created_at > SESSION_LENGTH
    ):
        return None
    return SessionRow(row.user_id, row.form_token, row.seen_at)


@query(Permission.PUBLIC)
def user_of_token(ctx: Context, api_token: str) -> UUID | None:
    """The user behind a live API token, or None."""
    row = ctx.session.scalars(select(ApiToken).where(ApiToken.token_hash == token_digest(api_token))).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= ctx.now:
        return None
    return row.user_id


@query(Permission.PUBLIC)
def user_id_of(ctx: Context, username: str) -> UUID:
    """The id behind a user name; for the command line, whose operator is already on the machine."""
    found = ctx.session.scalar(
        unscoped(select(User.id).where(User.username == username), "the command line names its actor")
    )
    if found is None:
        raise NotFound("user", username=username)
    return found


@query(Permission.PUBLIC)
def own_username(ctx: Context) -> str:
    """The reader's own account name."""
    user = ctx.session.get(User, ctx.user_id(), execution_options={"unscoped": True})
    assert user is not None
    return user.username


@query(Permission.SIGNED_IN)
def organisations(ctx: Context) -> list[OrganisationRow]:
    """The whole directory, in tree order."""
    return [organisation_row(row) for row in ctx.session.scalars(select(Organisation).order_by(Organisation.path))]


@query(Permission.SIGNED_IN)
def organisation(ctx: Context, organisation_id: UUID) -> OrganisationRow:
    """One body."""
    return organisation_row(ctx.get(Organisation, organisation_id))


def organisation_row(row: Organisation) -> OrganisationRow:
    """A table row as a plain value."""
    return OrganisationRow(**{name: getattr(row, name) for name in OrganisationRow.__dataclass_fields__})


@query(Permission.SIGNED_IN)
def colleagues(ctx: Context) -> list[tuple[str, str]]:
    """(user name, name) of the other people in reach who may act: a keeper names who witnesses a count or takes duty."""
    rows = ctx.session.execute(
        select(User.username, User.display_name)
        .where(User.state == UserState.ACTIVE, User.id != ctx.principal.user_id)
        .order_by(User.display_name, User.username)
    )
    return [(username, name) for username, name in rows]


@query(Permission.PEOPLE_SEE)
def users(ctx: Context) -> list[UserRow]:
    """Accounts in reach, by organisation and name."""
    rows = ctx.session.execute(
        select(User, Organisation)
        .join(Organisation, Organisation.id == User.organisation_id)
        .order_by(Organisation.path, User.username)
    ).all()
    codes = {row.id: row.code for row in ctx.session.scalars(select(Organisation))}
    return [
        UserRow(
            user.id,
            user.username,
            user.display_name,
            user.organisation_id,
            home.code,
            home.name,
            user.post,
            user.phone,
            user.state,
            user.must_change_password,
            tuple((grant.role, codes[grant.organisation_id]) for grant in _grants(ctx.session, user.id, ctx.now)),
        )
        for user, home in rows
    ]


@query(Permission.PEOPLE_SEE)
def roles_held(ctx: Context) -> list[RoleHeldRow]:
    """Roles of the accounts in reach, by name, place and role."""
    rows = ctx.session.execute(
        select(RoleHeld, User.username, Organisation.code)
        .join(User, User.id == RoleHeld.user_id)
        .join(Organisation, Organisation.id == RoleHeld.organisation_id)
        .where(RoleHeld.revoked_at.is_(None))
        .order_by(User.username, Organisation.code, RoleHeld.role, RoleHeld.valid_from)
    )
    return [
        RoleHeldRow(username, held.role, code, held.valid_from, held.valid_to, tuple(held.event_classes or ()))
        for held, username, code in rows
    ]


@query(Permission.SIGNED_IN)
def my_tokens(ctx: Context) -> list[TokenRow]:
    """The reader's own API tokens."""
    rows = ctx.session.scalars(select(ApiToken).where(ApiToken.user_id == ctx.user_id()).order_by(ApiToken.created_at))
    return [TokenRow(row.id, row.name, row.expires_at, row.revoked_at) for row in rows]
