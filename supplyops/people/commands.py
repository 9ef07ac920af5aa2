"""Changing who is who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from supplyops.database.registry import References, Saved, refuse_repeats
from supplyops.kernel.access import Permission, Role, clashing_roles
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, Unauthenticated
from supplyops.people.rules import (
    FAILURES_MAX,
    LOCK_TIME,
    ONE_TIME_PASSWORD_LIFE,
    TOKEN_DAYS_MAX,
    Level,
    OrganisationInput,
    OrganisationKind,
    RoleInput,
    UserInput,
    UserState,
)
from supplyops.people.secret import token_digest
from supplyops.people.tables import ApiToken, Organisation, RoleHeld, SignInRecord, User, UserSession
from supplyops.runtime import Context, command, unscoped

ADMINISTRATORS = {
    "sysadmin": ("系统管理员", Role.SYSTEM_ADMIN),
    "secadmin": ("安全管理员", Role.SECURITY_ADMIN),
    "auditadmin": ("审计管理员", Role.AUDIT_ADMIN),
}


@command(Permission.INTERNAL)
def found_house(ctx: Context, password_hashes: dict[str, str]) -> bool:
    """Make the three administrators of an empty database, with one-time passwords. False if there are users already."""
    if ctx.session.scalar(select(User.id).limit(1)) is not None:
        return False
    root = Organisation(
        id=ctx.new_id(),
        code="root",
        name="系统",
        short_name="系统",
        kind=OrganisationKind.DEPARTMENT,
        level=Level.OUTSIDE,
        parent_id=None,
        path="/",
        area_code="",
        in_chain=False,
        document_prefix="",
        credit_code="",
        contact="",
        phone="",
        duty_phone="",
        source_mark="",
        is_active=True,
    )
    ctx.session.add(root)
    ctx.session.flush()  # the accounts refer to it
    for username, (display_name, role) in ADMINISTRATORS.items():
        user = _new_user(ctx, UserInput(username, display_name, root.code), root.id, password_hashes[username])
        ctx.session.flush()  # the role refers to it
        _hold(ctx, user.id, role, root.id, RoleInput(username, role, root.code))
    return True


@command(Permission.ORGANISATIONS_EDIT)
def save_organisations(ctx: Context, inputs: Sequence[OrganisationInput]) -> Saved:
    """Add bodies, or change those whose code exists; parents may stand in the same list, in any order.

    Raises InvalidInput (field `<row>.parent_code`) for unknown parents, circles, and a body that would change its place.
    """
    existing = {row.code: row for row in ctx.session.scalars(select(Organisation))}
    refuse_repeats([(item.code,) for item in inputs], "code")
    added = changed = 0
    for place, item in _parents_first(inputs, existing):
        parent = existing.get(item.parent_code) if item.parent_code else existing.get("root")
        path = f"{parent.path if parent else '/'}{item.code}/"
        row = existing.get(item.code)
        if row is not None and row.path != path:
            raise InvalidInput(fields=(FieldError(f"{place}.parent_code", "organisation_moved", {"code": item.code}),))
        values = {name: getattr(item, name) for name in OrganisationInput.__dataclass_fields__ if name != "parent_code"}
        values["short_name"] = item.short_name or item.name[:40]
        if row is None:
            row = Organisation(id=ctx.new_id(), parent_id=parent.id if parent else None, path=path, **values)
            ctx.session.add(row)
            existing[item.code] = row
            added += 1
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed += 1
        ctx.session.flush()  # children refer to it
    return Saved(added, changed, len(inputs) - added - changed)


def _parents_first(
    inputs: Sequence[OrganisationInput], existing: dict[str, Organisation]
) -> list[tuple[int, OrganisationInput]]:
    waiting = list(enumerate(inputs))
    known = set(existing)
    ordered: list[tuple[int, OrganisationInput]] = []
    while waiting:
        ready = [(place, item) for place, item in waiting if not item.parent_code or item.parent_code in known]
        if not ready:
            codes = {item.code for _, item in waiting}
            raise InvalidInput(
                fields=tuple(
                    FieldError(
                        f"{place}.parent_code",
                        "parents_in_circle" if item.parent_code in codes else "unknown_reference",
                        {"value": item.parent_code},
                    )
                    for place, item in waiting
                )
            )
        ordered += ready
        known |= {item.code for _, item in ready}
        waiting = [entry for entry in waiting if entry not in ready]
    return ordered


@command(Permission.PEOPLE_ACCOUNTS)
def add_user(ctx: Context, user: UserInput, password_hash: str) -> UUID:
    """Open an account with a one-time password. Raises Conflict `username_taken`: names are never used twice."""
    home = _organisation(ctx, user.organisation_code)
    if (
        ctx.session.scalar(
            unscoped(select(User.id).where(User.username == user.username), "names are unique everywhere")
        )
        is not None
    ):
        raise Conflict("username_taken", username=user.username)
    row = _new_user(ctx, user, home.id, password_hash)
    ctx.about("user", row.id, row.username)
    return row.id


@command(Permission.PEOPLE_ACCOUNTS)
def save_users(ctx: Context, inputs: Sequence[UserInput], password_hashes: Sequence[str]) -> Saved:
    """Open the accounts that do not exist yet, each with its one-time password; change name, post and phone of the others."""
    refuse_repeats([(item.username,) for item in inputs], "username")
    homes = References(ctx.session, Organisation, [item.organisation_code for item in inputs])
    for place, item in enumerate(inputs):
        homes.find(place, "organisation_code", item.organisation_code)
    homes.done()
    names = unscoped(
        select(User).where(User.username.in_([item.username for item in inputs])), "names are unique everywhere"
    )
    existing = {user.username: user for user in ctx.session.scalars(names)}
    added = changed = 0
    for item, password_hash in zip(inputs, password_hashes, strict=True):
        user, home = existing.get(item.username), homes[item.organisation_code]
        if user is None:
            _new_user(ctx, item, home.id, password_hash)
            added += 1
            continue
        before = (user.display_name, user.organisation_id, user.post, user.phone)
        user.display_name, user.organisation_id, user.post, user.phone = (
            item.display_name,
            home.id,
            item.post,
            item.phone,
        )
        changed += before != (item.display_name, home.id, item.post, item.phone)
    ctx.session.flush()  # roles granted next refer to them
    return Saved(added, changed, len(inputs) - added - changed)


@command(Permission.PEOPLE_ACCOUNTS)
def disable_user(ctx: Context, username: str) -> None:
    """Close an account: no sign-in, no session, no token works any more."""
    user = _user(ctx, username)
    user.state = UserState.DISABLED
    _end_sessions(ctx, user.id)
    ctx.about("user", user.id, username)


@command(Permission.PEOPLE_ACCOUNTS)
def reset_password(ctx: Context, username: str, password_hash: str) -> None:
    """Give an account a new one-time password and end its sessions."""
    user = _user(ctx, username)
    user.password_hash, user.must_change_password, user.one_time_until = (
        password_hash,
        True,
        ctx.now + ONE_TIME_PASSWORD_LIFE,
    )
    user.state = UserState.ACTIVE
    _end_sessions(ctx, user.id)
    ctx.session.execute(delete(SignInRecord).where(SignInRecord.user_id == user.id))
    ctx.about("user", user.id, username)


@command(Permission.PUBLIC)
def set_own_password(ctx: Context, password_hash: str, keep_session: str) -> None:
    """Change one's own password (already checked at the border) and end every other session."""
    if ctx.principal.user_id is None:
        raise Unauthenticated("sign_in_required")
    user = ctx.session.get(User, ctx.principal.user_id, execution_options={"unscoped": True})
    assert user is not None
    user.password_hash, user.must_change_password, user.one_time_until = password_hash, False, None
    _end_sessions(ctx, user.id, but=token_digest(keep_session))
    ctx.about("user", user.id, user.username)


@command(Permission.PEOPLE_GRANT)
def grant_role(ctx: Context, role: RoleInput) -> UUID:
    """Let a person hold a role. Raises Conflict `roles_clash` where powers must be kept apart."""
    user = _user(ctx, role.username)
    organisation = _organisation(ctx, role.organisation_code)
    held = _live_roles(ctx, user.id)
    if clashing_roles({role.role, *(row.role for row in held)}):
        raise Conflict("roles_clash", username=user.username, role=role.role.value)
    same = next((row for row in held if row.role is role.role and row.organisation_id == organisation.id), None)
    if same is not None:
        return same.id
    ctx.about("user", user.id, user.username, role=role.role.value, organisation=organisation.code)
    return _hold(ctx, user.id, role.role, organisation.id, role)


@command(Permission.PEOPLE_GRANT)
def save_roles(ctx: Context, inputs: Sequence[RoleInput]) -> Saved:
    """Grant the roles of a list that are not held yet; of the others change days and event classes where they differ."""
    users = References(ctx.session, User, [item.username for item in inputs], column="username")
    bodies = References(ctx.session, Organisation, [item.organisation_code for item in inputs])
    for place, item in enumerate(inputs):
        users.find(place, "username", item.username)
        bodies.find(place, "organisation_code", item.organisation_code)
    users.done(bodies)
    added = changed = 0
    for place, item in enumerate(inputs):
        held = _live_roles(ctx, users[item.username].id)
        body = bodies[item.organisation_code].id
        same = next((row for row in held if row.role is item.role and row.organisation_id == body), None)
        if same is not None:
            changed += _adjust(same, item)
            continue
        if clashing_roles({item.role, *(row.role for row in held)}):
            raise InvalidInput(
                fields=(
                    FieldError(f"{place}.role", "roles_clash", {"username": item.username, "role": item.role.value}),
                )
            )
        _hold(ctx, users[item.username].id, item.role, body, item)
        ctx.session.flush()  # the next row may be for the same person
        added += 1
    return Saved(added, changed, len(inputs) - added - changed)


def _adjust(row: RoleHeld, item: RoleInput) -> bool:
    """Give a role held the days and event classes of an input; a first day that is not given stays."""
    before = (row.valid_from, row.valid_to, row.event_classes)
    after = (item.valid_from or row.valid_from, item.valid_to, list(item.event_classes) or None)
    row.valid_from, row.valid_to, row.event_classes = after
    return before != after


@command(Permission.PEOPLE_GRANT)
def revoke_role(ctx: Context, username: str, role: Role, organisation_code: str) -> None:
    """End a role held."""
    user = _user(ctx, username)
    organisation = _organisation(ctx, organisation_code)
    row = next(
        (row for row in _live_roles(ctx, user.id) if row.role is role and row.organisation_id == organisation.id), None
    )
    if row is None:
        raise NotFound("role_held")
    row.revoked_at = ctx.now
    ctx.about("user", user.id, user.username, role=role.value, organisation=organisation.code)


@command(Permission.PUBLIC, on_copies=True)
def note_failure(ctx: Context, user_id: UUID) -> None:
    """Count a wrong password; lock the account for a while after too many."""
    record = _sign_in_record(ctx, user_id)
    record.failures += 1
    if record.failures >= FAILURES_MAX:
        record.failures, record.locked_until = 0, ctx.now + LOCK_TIME
    ctx.about("user", user_id, outcome="wrong_password")


@command(Permission.PUBLIC, on_copies=True)
def open_session(ctx: Context, user_id: UUID, token_hash: str, form_token: str, client: str) -> datetime | None:
    """Begin a session for a person whose password was right. Returns when they signed in before."""
    record = _sign_in_record(ctx, user_id)
    before = record.signed_in_at
    record.failures, record.locked_until, record.signed_in_at = 0, None, ctx.now
    ctx.session.add(
        UserSession(
            token_hash=token_hash,
            user_id=user_id,
            form_token=form_token,
            client=client[:200],
            created_at=ctx.now,
            seen_at=ctx.now,
            ended_at=None,
        )
    )
    ctx.about("user", user_id)
    return before


@command(Permission.PUBLIC, on_copies=True)
def keep_session(ctx: Context, session_token: str) -> None:
    """Note that a session is in use."""
    row = ctx.session.get(UserSession, token_digest(session_token))
    if row is not None and row.ended_at is None:
        row.seen_at = ctx.now


@command(Permission.PUBLIC, on_copies=True)
def end_session(ctx: Context, session_token: str) -> None:
    """Sign out: the token is worth nothing afterwards."""
    row = ctx.session.get(UserSession, token_digest(session_token))
    if row is not None and row.ended_at is None:
        row.ended_at = ctx.now
        ctx.about("user", row.user_id)


@command(Permission.SIGNED_IN)
def issue_token(ctx: Context, name: str, token_hash: str, days: int) -> UUID:
    """Make an API token for oneself. Raises InvalidInput for a bad name or more days than allowed."""
    errors = []
    if not name.strip() or len(name) > 60:
        errors.append(FieldError("name", "required"))
    if not 1 <= days <= TOKEN_DAYS_MAX:
        errors.append(FieldError("days", "too_large", {"value": days, "maximum": TOKEN_DAYS_MAX}))
    if (
        ctx.session.scalar(select(ApiToken.id).where(ApiToken.user_id == ctx.user_id(), ApiToken.name == name))
        is not None
    ):
        errors.append(FieldError("name", "already_used", {"value": name}))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    row = ApiToken(
        id=ctx.new_id(),
        user_id=ctx.user_id(),
        name=name,
        token_hash=token_hash,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(days=days),
        revoked_at=None,
    )
    ctx.session.add(row)
    ctx.about("api_token", row.id, name)
    return row.id


@command(Permission.SIGNED_IN)
def revoke_token(ctx: Context, token_id: UUID) -> None:
    """End one of one's own tokens."""
    row = ctx.session.scalars(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == ctx.user_id())
    ).one_or_none()
    if row is None:
        raise NotFound("api_token")
    row.revoked_at = row.revoked_at or ctx.now
    ctx.about("api_token", row.id, row.name)


def _new_user(ctx: Context, user: UserInput, organisation_id: UUID, password_hash: str) -> User:
    row = User(
        id=ctx.new_id(),
        username=user.username,
        display_name=user.display_name,
        organisation_id=organisation_id,
        post=user.post,
        phone=user.phone,
        state=UserState.ACTIVE,
        password_hash=password_hash,
        must_change_password=True,
        one_time_until=ctx.now + ONE_TIME_PASSWORD_LIFE,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    return row


def _hold(ctx: Context, user_id: UUID, role: Role, organisation_id: UUID, details: RoleInput) -> UUID:
    row = RoleHeld(
        id=ctx.new_id(),
        user_id=user_id,
        role=role,
        organisation_id=organisation_id,
        event_classes=list(details.event_classes) or None,
        valid_from=details.valid_from or business_day(ctx.now),
        valid_to=details.valid_to,
        on_behalf_of_id=None,
        granted_by_id=ctx.principal.user_id,
        granted_at=ctx.now,
        revoked_at=None,
    )
    ctx.session.add(row)
    return row.id


def _live_roles(ctx: Context, user_id: UUID) -> list[RoleHeld]:
    return list(ctx.session.scalars(select(RoleHeld).where(RoleHeld.user_id == user_id, RoleHeld.revoked_at.is_(None))))


def _user(ctx: Context, username: str) -> User:
    row = ctx.session.scalars(select(User).where(User.username == username)).one_or_none()
    if row is None:
        raise NotFound("user", username=username)
    return row


def _organisation(ctx: Context, code: str) -> Organisation:
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        raise InvalidInput(fields=(FieldError("organisation_code", "unknown_reference", {"value": code}),))
    return row


def _sign_in_record(ctx: Context, user_id: UUID) -> SignInRecord:
    record = ctx.session.get(SignInRecord, user_id)
    if record is None:
        record = SignInRecord(user_id=user_id, failures=0, locked_until=None, signed_in_at=None)
        ctx.session.add(record)
    return record


def _end_sessions(ctx: Context, user_id: UUID, but: str = "") -> None:
    for row in ctx.session.scalars(
        select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    ):
        if row.token_hash != but:
            row.ended_at = ctx.now
