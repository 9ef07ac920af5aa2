"""Tables of organisations, users, roles held, sessions and tokens."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.kernel.access import Role
from supplyops.people.rules import Level, OrganisationKind, UserState


class Organisation(Base, Sealed):
    """A body in the tree. The directory of bodies is open to everybody who is signed in."""

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_parent_id", "parent_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[OrganisationKind] = mapped_column(Code(OrganisationKind))
    level: Mapped[Level] = mapped_column(Code(Level))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    path: Mapped[str] = mapped_column(String(400), unique=True)
    area_code: Mapped[str] = mapped_column(String(20))
    in_chain: Mapped[bool] = mapped_column(Boolean())
    document_prefix: Mapped[str] = mapped_column(String(20))
    credit_code: Mapped[str] = mapped_column(String(18))
    contact: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(40))
    duty_phone: Mapped[str] = mapped_column(String(40))
    source_mark: Mapped[str] = mapped_column(String(20))
    is_active: Mapped[bool] = mapped_column(Boolean())


class User(Base, Sealed, Scoped):
    """A person with an account. Names are never used again for somebody else."""

    __tablename__ = "app_user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    post: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(40))
    state: Mapped[UserState] = mapped_column(Code(UserState))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(Boolean())
    one_time_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SignInRecord(Base):
    """How signing in has gone lately for one account: kept apart from the account, which is sealed."""

    __tablename__ = "sign_in_record"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]


class RoleHeld(Base, Sealed):
    """A role a person holds at an organisation, from a day and perhaps to a day."""

    __tablename__ = "role_held"
    __table_args__ = (
        Index("ix_role_held_user_id", "user_id"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    role: Mapped[Role] = mapped_column(Code(Role))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    event_classes: Mapped[list[str] | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserSession(Base):
    """A sign-in that lasts. Only the hash of the token is kept."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user_id", "user_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    form_token: Mapped[str] = mapped_column(String(64))
    client: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Base, Sealed):
    """A revocable token for programs. Only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
