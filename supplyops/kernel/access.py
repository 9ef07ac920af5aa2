"""Who may do what: roles, permissions, and the table between them. Deny by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """One thing a person may be allowed to do, named noun first."""

    # Said by the command itself, never by the table.
    PUBLIC = "public"  # anybody, signed in or not
    SIGNED_IN = "signed_in"  # anybody with an account
    INTERNAL = "internal"  # only as a part of another command, or by the system

    CATALOGUE_EDIT = "catalogue.edit"
    PLACES_EDIT = "places.edit"
    ROADS_REPORT = "roads.report"
    NORMS_EDIT = "norms.edit"
    STOCK_SEE = "stock.see"
    STOCK_OPEN = "stock.open"
    STOCK_RECEIVE = "stock.receive"
    STOCK_INSPECT = "stock.inspect"
    STOCK_REPORT = "stock.report"
    ARRIVALS_EDIT = "arrivals.edit"
    STOCK_MOVE = "stock.move"
    STOCK_ISSUE = "stock.issue"
    STOCK_REVERSE = "stock.reverse"
    COUNTS_START = "counts.start"
    COUNTS_ENTER = "counts.enter"
    COUNTS_APPROVE = "counts.approve"
    COUNTS_APPROVE_LARGE = "counts.approve_large"
    UPKEEP_EDIT = "upkeep.edit"
    UPKEEP_RECORD = "upkeep.record"
    TRANSFERS_SEE = "transfers.see"
    TRANSFERS_EDIT = "transfers.edit"
    TRANSFERS_APPROVE = "transfers.approve"
    TRANSFERS_MOVE = "transfers.move"
    OBLIGATIONS_SETTLE = "obligations.settle"
    RECOVERIES_RECORD = "recoveries.record"
    SCRAPS_EDIT = "scraps.edit"
    SCRAPS_APPROVE = "scraps.approve"
    STOCK_UNDO = "stock.undo"
    STOCK_LATE = "stock.late"
    ROTATIONS_PROPOSE = "rotations.propose"
    ROTATIONS_DECIDE = "rotations.decide"
    RESERVATIONS_TAKE = "reservations.take"
    LOTS_HOLD = "lots.hold"
    LOTS_RELEASE = "lots.release"
    LOTS_RECALL = "lots.recall"
    RESERVES_PLAN = "reserves.plan"
    RESERVES_APPROVE = "reserves.approve"
    ASSETS_KEEP = "assets.keep"
    CONTRACTS_SEE = "contracts.see"
    CONTRACTS_EDIT = "contracts.edit"
    CONTRACTS_CALL = "contracts.call"
    CONTRACTS_CONFIRM = "contracts.confirm"
    TEAMS_SEE = "teams.see"
    TEAMS_EDIT = "teams.edit"
    TEAMS_MOBILISE = "teams.mobilise"
    TEAMS_ANSWER = "teams.answer"
    TASKS_EDIT = "tasks.edit"
    FLEET_SEE = "fleet.see"
    FLEET_EDIT = "fleet.edit"
    INCIDENTS_SEE = "incidents.see"
    INCIDENTS_REPORT = "incidents.report"
    INCIDENTS_RESPOND = "incidents.respond"
    REQUESTS_SEE = "requests.see"
    REQUESTS_EDIT = "requests.edit"
    REQUESTS_SUBMIT = "requests.submit"
    REQUESTS_REVIEW = "requests.review"
    REQUESTS_COORDINATE = "requests.coordinate"
    PLANS_SEE = "plans.see"
    PLANS_MAKE = "plans.make"
    PLANS_APPROVE = "plans.approve"
    ORDERS_SEE = "orders.see"
    ORDERS_ACCEPT = "orders.accept"
    ORDERS_LOAD = "orders.load"
    ORDERS_DELIVER = "orders.deliver"
    ORDERS_CANCEL = "orders.cancel"
    PAPERS_SEE = "papers.see"
    PAPERS_PRINT = "papers.print"
    JOBS_SEE = "jobs.see"
    PEOPLE_SEE = "people.see"
    PEOPLE_ACCOUNTS = "people.accounts"
    PEOPLE_GRANT = "people.grant"
    ORGANISATIONS_EDIT = "organisations.edit"
    JOURNAL_SEE = "journal.see"


class Role(StrEnum):
    """A duty that a person holds at one organisation and everything below it."""

    CLERK = "clerk"
    KEEPER = "keeper"
    CUSTODIAN = "custodian"
    DISPATCHER = "dispatcher"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    COMMANDER = "commander"
    TEAM_LEADER = "team_leader"
    AUDITOR = "auditor"
    EVALUATOR = "evaluator"
    SUPPLIER = "supplier"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Three powers kept apart: no person holds two of them, nor one of them and any other role."""

_P = Permission
_SEE_ALL = frozenset(
    {
        _P.STOCK_SEE,
        _P.TRANSFERS_SEE,
        _P.CONTRACTS_SEE,
        _P.TEAMS_SEE,
        _P.FLEET_SEE,
        _P.INCIDENTS_SEE,
        _P.REQUESTS_SEE,
        _P.PLANS_SEE,
        _P.ORDERS_SEE,
        _P.PAPERS_SEE,
    }
)
_OFFICE = _SEE_ALL | {_P.PAPERS_PRINT, _P.JOBS_SEE, _P.ROADS_REPORT, _P.PEOPLE_SEE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _OFFICE
    | {
        _P.CATALOGUE_EDIT,
        _P.PLACES_EDIT,
        _P.NORMS_EDIT,
        _P.ORGANISATIONS_EDIT,
        _P.STOCK_OPEN,
        _P.RESERVES_PLAN,
        _P.STOCK_INSPECT,
        _P.STOCK_REPORT,
        _P.ARRIVALS_EDIT,
        _P.COUNTS_START,
        _P.COUNTS_ENTER,
        _P.UPKEEP_EDIT,
        _P.UPKEEP_RECORD,
        _P.TRANSFERS_EDIT,
        _P.OBLIGATIONS_SETTLE,
        _P.SCRAPS_EDIT,
        _P.STOCK_UNDO,
        _P.ROTATIONS_PROPOSE,
        _P.LOTS_HOLD,
        _P.LOTS_RECALL,
        _P.ASSETS_KEEP,
        _P.CONTRACTS_EDIT,
        _P.CONTRACTS_CONFIRM,
        _P.TEAMS_EDIT,
        _P.TEAMS_ANSWER,
        _P.TASKS_EDIT,
        _P.FLEET_EDIT,
        _P.INCIDENTS_REPORT,
        _P.REQUESTS_EDIT,
        _P.REQUESTS_SUBMIT,
        _P.REQUESTS_COORDINATE,
    },
    Role.KEEPER: frozenset(
        {
            _P.STOCK_SEE,
            _P.STOCK_RECEIVE,
            _P.STOCK_INSPECT,
            _P.STOCK_REPORT,
            _P.ARRIVALS_EDIT,
            _P.STOCK_MOVE,
            _P.STOCK_ISSUE,
            _P.STOCK_REVERSE,
            _P.COUNTS_START,
            _P.COUNTS_ENTER,
            _P.UPKEEP_RECORD,
            _P.TRANSFERS_SEE,
            _P.TRANSFERS_EDIT,
            _P.TRANSFERS_MOVE,
            _P.RECOVERIES_RECORD,
            _P.SCRAPS_EDIT,
            _P.STOCK_UNDO,
            _P.ROTATIONS_PROPOSE,
            _P.LOTS_HOLD,
            _P.ASSETS_KEEP,
            _P.FLEET_SEE,
            _P.INCIDENTS_SEE,
            _P.ORDERS_SEE,
            _P.ORDERS_ACCEPT,
            _P.ORDERS_LOAD,
            _P.ORDERS_DELIVER,
            _P.PAPERS_SEE,
            _P.PAPERS_PRINT,
            _P.ROADS_REPORT,
        }
    ),
    Role.CUSTODIAN: frozenset(
        {
            _P.STOCK_SEE,
            _P.STOCK_RECEIVE,
            _P.STOCK_INSPECT,
            _P.STOCK_REPORT,
            _P.ARRIVALS_EDIT,
            _P.STOCK_MOVE,
            _P.STOCK_ISSUE,
            _P.COUNTS_START,
            _P.COUNTS_ENTER,
            _P.UPKEEP_RECORD,
            _P.TRANSFERS_SEE,
            _P.TRANSFERS_EDIT,
            _P.TRANSFERS_MOVE,
            _P.RECOVERIES_RECORD,
            _P.SCRAPS_EDIT,
            _P.STOCK_UNDO,
            _P.ROTATIONS_PROPOSE,
            _P.LOTS_HOLD,
            _P.ASSETS_KEEP,
            _P.INCIDENTS_SEE,
            _P.INCIDENTS_REPORT,
            _P.REQUESTS_SEE,
            _P.REQUESTS_EDIT,
            _P.ORDERS_SEE,
            _P.ORDERS_ACCEPT,
            _P.ORDERS_LOAD,
            _P.ORDERS_DELIVER,
            _P.PAPERS_SEE,
            _P.PAPERS_PRINT,
            _P.ROADS_REPORT,
        }
    ),
    Role.DISPATCHER: _OFFICE
    | {
        _P.FLEET_EDIT,
        _P.PLANS_MAKE,
        _P.CONTRACTS_CONFIRM,
        _P.TEAMS_ANSWER,
        _P.ORDERS_LOAD,
        _P.ORDERS_DELIVER,
        _P.ORDERS_CANCEL,
    },
    Role.REVIEWER: _OFFICE | {_P.REQUESTS_REVIEW, _P.COUNTS_APPROVE},
    Role.APPROVER: _OFFICE
    | {
        _P.COUNTS_APPROVE,
        _P.COUNTS_APPROVE_LARGE,
        _P.STOCK_LATE,
        _P.RESERVATIONS_TAKE,
        _P.LOTS_HOLD,
        _P.LOTS_RELEASE,
        _P.ROTATIONS_DECIDE,
        _P.LOTS_RECALL,
        _P.RESERVES_APPROVE,
        _P.PLANS_APPROVE,
        _P.CONTRACTS_CALL,
        _P.TEAMS_MOBILISE,
        _P.ORDERS_CANCEL,
        _P.TRANSFERS_EDIT,
        _P.TRANSFERS_APPROVE,
        _P.SCRAPS_APPROVE,
    },
    Role.COMMANDER: _OFFICE
    | {
        _P.RESERVATIONS_TAKE,
        _P.INCIDENTS_REPORT,
        _P.INCIDENTS_RESPOND,
        _P.REQUESTS_EDIT,
        _P.REQUESTS_SUBMIT,
        _P.REQUESTS_COORDINATE,
        _P.PLANS_MAKE,
        _P.TEAMS_MOBILISE,
        _P.TASKS_EDIT,
    },
    Role.TEAM_LEADER: frozenset({_P.TEAMS_SEE, _P.TEAMS_ANSWER, _P.INCIDENTS_SEE, _P.PAPERS_SEE}),
    Role.AUDITOR: _SEE_ALL | {_P.JOURNAL_SEE, _P.JOBS_SEE, _P.PEOPLE_SEE},
    Role.EVALUATOR: _SEE_ALL,
    Role.SUPPLIER: frozenset({_P.CONTRACTS_SEE, _P.CONTRACTS_CONFIRM, _P.PAPERS_SEE, _P.ORDERS_SEE, _P.ORDERS_LOAD}),
    Role.SYSTEM_ADMIN: frozenset({_P.PEOPLE_SEE, _P.PEOPLE_ACCOUNTS, _P.ORGANISATIONS_EDIT}),
    Role.SECURITY_ADMIN: frozenset({_P.PEOPLE_SEE, _P.PEOPLE_GRANT}),
    Role.AUDIT_ADMIN: frozenset({_P.JOURNAL_SEE}),
}

LOOKS_UP = frozenset(
    {Role.CLERK, Role.DISPATCHER, Role.REVIEWER, Role.APPROVER, Role.COMMANDER, Role.AUDITOR, Role.EVALUATOR}
)
"""Roles that also see the supporting stock of the levels above their own: one cannot ask for what one cannot see."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the border knows it: a user, nobody yet (None), or the system itself.

    `key` makes the request safe to send twice; `via` names the border (web, api, cli, job, system). `bypass` says why
    stock moves at a place that stands still for a count; empty means that it may not.
    """

    user_id: UUID | None = None
    is_system: bool = False
    via: str = "core"
    key: str | None = None
    bypass: str = ""

    def keyed(self, key: str | None) -> Actor:
        """The same actor sending a request under `key`."""
        return replace(self, key=key)

    def bypassing(self, because: str) -> Actor:
        """The same actor moving stock at frozen places for a reason."""
        return replace(self, bypass=because)


ANONYMOUS = Actor()
SYSTEM = Actor(is_system=True, via="system")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at an organisation. `path` is the organisation's place in the tree, `/1/14/`-like."""

    role: Role
    organisation_id: UUID
    path: str
    event_classes: frozenset[str] | None = None
    """Classes of events the grant covers; None is every class that is not restricted."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An actor together with what the books say about them at this moment."""

    user_id: UUID | None
    name: str
    organisation_id: UUID | None
    organisation_path: str = ""
    grants: tuple[Grant, ...] = ()
    is_system: bool = False
    must_change_password: bool = False

    def holds(self, permission: Permission) -> bool:
        """May the principal do this anywhere at all?"""
        if permission is Permission.PUBLIC or self.is_system:
            return True
        if permission is Permission.INTERNAL or self.user_id is None or self.must_change_password:
            return False
        return permission is Permission.SIGNED_IN or any(
            permission in ROLE_PERMISSIONS[grant.role] for grant in self.grants
        )

    def holds_at(self, permission: Permission, organisation_path: str) -> bool:
        """May the principal do this at the organisation with that path?"""
        if self.is_system:
            return True
        return self.holds(permission) and any(
            permission in ROLE_PERMISSIONS[grant.role] and organisation_path.startswith(grant.path)
            for grant in self.grants
        )

    def decides_for(self, permission: Permission, organisation_id: UUID) -> bool:
        """Does the principal hold this at that very organisation? A higher office does not decide for a lower one."""
        return self.is_system or any(
            permission in ROLE_PERMISSIONS[grant.role] and grant.organisation_id == organisation_id
            for grant in self.grants
        )

    def holds_role(self, *roles: Role) -> bool:
        """Does the principal hold one of these roles anywhere?"""
        return any(grant.role in roles for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which organisations' rows a principal may see."""

    everything: bool = False
    subtrees: tuple[str, ...] = ()
    """Paths whose whole subtree is visible."""
    upward: tuple[str, ...] = ()
    """Paths of single organisations above, for office roles: visible on tables of supporting resources."""
    above: tuple[str, ...] = ()
    """Paths of single organisations above, for every role: visible on tables everybody below must know of (incidents)."""


def ancestors(path: str) -> tuple[str, ...]:
    """Paths of everything above: `/a/b/c/` gives `/a/`, `/a/b/`."""
    parts = path.strip("/").split("/")
    return tuple("/" + "/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))


def reach_of(principal: Principal) -> Reach:
    """What the principal may see: the subtrees of the roles held, and for office roles the supporting levels above."""
    if principal.is_system:
        return Reach(everything=True)
    if principal.must_change_password:
        return Reach()
    subtrees = _without_nested({grant.path for grant in principal.grants})
    above = {higher for grant in principal.grants for higher in ancestors(grant.path)}
    upward = {higher for grant in principal.grants if grant.role in LOOKS_UP for higher in ancestors(grant.path)}
    return Reach(subtrees=subtrees, upward=tuple(sorted(upward)), above=tuple(sorted(above)))


def _without_nested(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(paths):
        if not any(path.startswith(outer) for outer in kept):
            kept.append(path)
    return tuple(kept)


def clashing_roles(roles: Iterable[Role]) -> frozenset[Role]:
    """Roles that may not be held together by one person; empty when the set is allowed."""
    held = frozenset(roles)
    admin = held & ADMIN_ROLES
    return held if admin and len(held) > 1 else frozenset()
