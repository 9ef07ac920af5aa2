"""One box to find anything by: items, lots, places, documents, numbered units, teams and people, as the reader may see them.

Few kinds have many rows. Lots and documents are found by the beginning of their number or through their item; what is few
(items, sites, teams) is matched by name, pinyin and initials as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import case, false, func, literal, or_, select

from supplyops.arrivals.tables import Arrival
from supplyops.assets.tables import AssetLoan
from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import CallOff, Contract
from supplyops.counts.tables import StockCount
from supplyops.dispatch.tables import Consignment, ReleaseInstruction
from supplyops.incidents.access import may_see_class
from supplyops.incidents.rules import RESTRICTED_CLASSES
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.pinyin import spelled
from supplyops.kits.tables import KitWork
from supplyops.obligations.tables import Obligation
from supplyops.people.tables import User
from supplyops.places.tables import Location, Site
from supplyops.recoveries.tables import Recovery
from supplyops.requests.tables import CoordinationLetter, SupplyRequest
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Context, also_showing, query
from supplyops.scraps.tables import Scrap
from supplyops.stock.tables import Asset, Lot, StockBalance, StockDocument
from supplyops.teams.tables import Mission, RescueTeam
from supplyops.transfers.tables import Transfer

TEXT_MAX = 60
SHOWN = 8
"""Of each kind."""
_PART_MIN = 4
"""From so many characters on, a part in the middle of a number is looked for as well."""
_HAS_NONE_BEHIND = re.compile(r"[^0-8A-Ya-y]+$")
"""The end of a number behind which no letter or digit follows in its kind: 9, Z, and what is neither."""


class SearchKind(StrEnum):
    """What was found."""

    ITEM = "item"
    LOT = "lot"
    ASSET = "asset"
    SITE = "site"
    LOCATION = "location"
    STOCK_DOCUMENT = "stock_document"
    CONSIGNMENT = "consignment"
    INSTRUCTION = "instruction"
    REQUEST = "request"
    LETTER = "letter"
    INCIDENT = "incident"
    MISSION = "mission"
    CALL_OFF = "call_off"
    CONTRACT = "contract"
    ASSET_LOAN = "asset_loan"
    TRANSFER = "transfer"
    ARRIVAL = "arrival"
    COUNT = "count"
    RECOVERY = "recovery"
    SCRAP = "scrap"
    ROTATION = "rotation"
    KIT_WORK = "kit_work"
    OBLIGATION = "obligation"
    TEAM = "team"
    PERSON = "person"


class _Fit(IntEnum):
    EXACT, PREFIX, INITIALS, CONTAINS = range(4)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Something that fits: `key` is what its page is called by, `rank` how well it fits (0 best)."""

    kind: SearchKind
    key: str
    title: str
    detail: str
    rank: int


@query(Permission.SIGNED_IN)
def search(ctx: Context, text: str, limit: int = SHOWN) -> list[SearchHit]:
    """What fits best, first: exact before beginning before initials before part; at most `limit` of a kind."""
    wanted = text.strip()[:TEXT_MAX]
    if not wanted:
        return []
    items = _items(ctx, wanted)
    groups: list[Iterable[SearchHit]] = [items[:limit]]
    if ctx.principal.holds(Permission.STOCK_SEE):
        groups += [_lots(ctx, wanted, limit), _lots_of_items(ctx, items, limit), _assets(ctx, wanted, limit)]
        groups += [_locations(ctx, wanted, limit)]
    groups.append(_sites(ctx, wanted, limit))
    for kind in _NUMBERED if any(character.isdigit() for character in wanted) else ():
        if ctx.principal.holds(kind.permission):
            groups.append(_documents(ctx, kind, wanted, limit))
    if ctx.principal.holds(Permission.TEAMS_SEE):
        groups.append(_teams(ctx, wanted, limit))
    if ctx.principal.holds(Permission.PEOPLE_SEE):
        groups.append(_people(ctx, wanted, limit))
    seen: dict[tuple[SearchKind, str], SearchHit] = {}
    for hit in sorted((hit for group in groups for hit in group), key=lambda hit: hit.rank):
        seen.setdefault((hit.kind, hit.key), hit)
    return list(seen.values())


def fit(wanted: str, name: str, codes: Sequence[str], spelling: tuple[str, str]) -> int | None:
    """How well something that is called so fits; None where it does not."""
    folded, pinyin, initials = wanted.lower(), *spelling
    words = [name.lower(), *(code.lower() for code in codes if code)]
    sounds = pinyin.split()
    if folded in words or folded in sounds:
        return _Fit.EXACT
    if any(word.startswith(folded) for word in (*words, *sounds)):
        return _Fit.PREFIX
    if folded in initials:
        return _Fit.INITIALS
    return _Fit.CONTAINS if any(folded in word for word in (*words, *sounds)) else None


def _best(hits: Iterable[SearchHit], limit: int) -> list[SearchHit]:
    return sorted(hits, key=lambda hit: (hit.rank, len(hit.title), hit.title, hit.key))[:limit]


def _items(ctx: Context, wanted: str) -> list[SearchHit]:
    folded = wanted.lower()
    rows = ctx.session.execute(
        select(Item.sku, Item.name, Item.spec, Item.pinyin, Item.initials).where(
            or_(
                Item.name.contains(wanted, autoescape=True),
                Item.sku.contains(wanted.upper(), autoescape=True),
                Item.pinyin.contains(folded, autoescape=True),
                Item.initials.contains(folded, autoescape=True),
            )
        )
    )
    hits = [
        SearchHit(SearchKind.ITEM, sku, name, f"{sku} {spec}".strip(), rank)
        for sku, name, spec, pinyin, initials in rows
        if (rank := fit(wanted, name, [sku], (pinyin, initials))) is not None
    ]
    return _best(hits, len(hits))


def _number_fits(column: Any, wanted: str) -> Any:
    starts = column.startswith(wanted, autoescape=True)
    return or_(starts, column.contains(wanted, autoescape=True)) if len(wanted) >= _PART_MIN else starts


def begins_so(column: Any, wanted: str) -> Any:
    """Begins so, as typed or in capitals. A range says the same as LIKE and lets every database use its index; what comes right
    behind the range is a digit or a letter again, so that it is one in the order of any language. What follows other characters
    depends on the language; that nothing begins before its beginning does not."""
    ways = []
    for text in dict.fromkeys((wanted, wanted.upper())):
        behind = _HAS_NONE_BEHIND.sub("", text)
        fits = column.startswith(text, autoescape=True) & (column >= text)
        if text.isascii() and behind:
            fits &= column < behind[:-1] + chr(ord(behind[-1]) + 1)
        ways.append(fits)
    return or_(*ways)


def _has_inside(column: Any, wanted: str) -> Any:
    """Has it anywhere, as typed or in capitals. PostgreSQL takes a part for rare, collects all rows that have it, once for each
    body, and sorts them; of a result that it cannot guess it reads the first few by the index."""
    ways = [column.contains(text, autoescape=True) for text in dict.fromkeys((wanted, wanted.upper()))]
    return func.coalesce(or_(*ways), false())


def _by_fit(column: Any, wanted: str) -> Any:
    return case(
        (column == wanted, _Fit.EXACT.value),
        (column.startswith(wanted, autoescape=True), _Fit.PREFIX.value),
        else_=_Fit.CONTAINS.value,
    )


def _lots(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    """Lots by number, where some of them lies or lay within reach: first those that begin so, then those with it inside.

    Each is read in the order of numbers, so that the index gives the first few and nothing is sorted.
    """
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()
    begins, inside = begins_so(Lot.number, wanted), _has_inside(Lot.number, wanted)
    found: list[SearchHit] = []
    for rank, fits in ((_Fit.PREFIX, begins), (_Fit.CONTAINS, inside & ~begins)):
        if len(found) < limit and (rank is _Fit.PREFIX or len(wanted) >= _PART_MIN):
            statement = (
                select(Lot.number, Item.name, Lot.expires_on)
                .join(Item, Item.id == Lot.item_id)
                .where(fits, visible)
                .order_by(Lot.number)
                .limit(limit - len(found))
            )
            rows = ctx.session.execute(statement)
            found += [_lot_hit(*row, _Fit.EXACT if row[0].upper() == wanted.upper() else rank) for row in rows]
    return found


def _lot_hit(number: str, item_name: str, expires_on: Any, rank: int) -> SearchHit:
    detail = f"{item_name} {expires_on:%Y-%m-%d}" if expires_on else item_name
    return SearchHit(SearchKind.LOT, number, number, detail, int(rank))


def _lots_of_items(ctx: Context, items: Sequence[SearchHit], limit: int) -> list[SearchHit]:
    """Lots in stock of the items that fit best, first to expire first."""
    found: list[SearchHit] = []
    for item in items[:3]:
        item_id = ctx.session.scalar(select(Item.id).where(Item.sku == item.key))
        statement = (
            select(Lot.number, literal(item.title), Lot.expires_on)
            .where(
                Lot.item_id == item_id,  # so that the index gives the first few and nothing is sorted
                select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id, StockBalance.on_hand > 0).exists(),
            )
            .order_by(Lot.expires_on, Lot.number)
            .limit(max(limit - len(found), 0))
        )
        found += [_lot_hit(*row, max(item.rank, _Fit.PREFIX)) for row in ctx.session.execute(statement)]
    return found


def _assets(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    rank = case(
        (or_(Asset.serial_number == wanted, Asset.number == wanted), _Fit.EXACT.value),
        (Asset.serial_number.startswith(wanted, autoescape=True), _Fit.PREFIX.value),
        (Asset.number.startswith(wanted, autoescape=True), _Fit.PREFIX.value),
        else_=_Fit.CONTAINS.value,
    )
    statement = (
        select(Asset.number, Item.name, Asset.serial_number, rank)
        .join(Item, Item.id == Asset.item_id)
        .where(or_(_number_fits(Asset.serial_number, wanted), _number_fits(Asset.number, wanted)))
        .order_by(rank, Asset.serial_number)
        .limit(limit)
    )
    return [
        SearchHit(SearchKind.ASSET, number, f"{name} {serial}", number, int(rank))
        for number, name, serial, rank in ctx.session.execute(statement)
    ]


def _sites(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    rows = ctx.session.execute(select(Site.code, Site.name, Site.address))
    return _best(
        (
            SearchHit(SearchKind.SITE, code, name, f"{code} {address}".strip(), rank)
            for code, name, address in rows
            if (rank := fit(wanted, name, [code], spelled(name))) is not None
        ),
        limit,
    )


def _locations(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    """Places in sites within reach, by code or a part of the name."""
    rank = _by_fit(Location.code, wanted)
    statement = (
        select(Location.code, Location.name, Site.name, rank)
        .join(Site, Site.id == Location.site_id)
        .where(or_(_number_fits(Location.code, wanted), Location.name.contains(wanted, autoescape=True)))
        .order_by(rank, Location.code)
        .limit(limit)
    )
    return [
        SearchHit(SearchKind.LOCATION, code, name, f"{code} {site}", int(rank))
        for code, name, site, rank in ctx.session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A kind of document that people know by its number."""

    kind: SearchKind
    table: Any
    permission: Permission
    detail: Callable[[Any], str] = lambda _: ""


_NUMBERED = (
    _Numbered(SearchKind.STOCK_DOCUMENT, StockDocument, Permission.STOCK_SEE, lambda row: row.counterpart),
    _Numbered(SearchKind.CONSIGNMENT, Consignment, Permission.ORDERS_SEE),
    _Numbered(SearchKind.INSTRUCTION, ReleaseInstruction, Permission.ORDERS_SEE),
    _Numbered(SearchKind.REQUEST, SupplyRequest, Permission.REQUESTS_SEE),
    _Numbered(SearchKind.LETTER, CoordinationLetter, Permission.REQUESTS_SEE),
    _Numbered(SearchKind.INCIDENT, Incident, Permission.INCIDENTS_SEE, lambda row: row.name),
    _Numbered(SearchKind.MISSION, Mission, Permission.TEAMS_SEE),
    _Numbered(SearchKind.CALL_OFF, CallOff, Permission.CONTRACTS_SEE),
    _Numbered(SearchKind.CONTRACT, Contract, Permission.CONTRACTS_SEE, lambda row: row.title),
    _Numbered(SearchKind.ASSET_LOAN, AssetLoan, Permission.STOCK_SEE, lambda row: row.purpose),
    _Numbered(SearchKind.TRANSFER, Transfer, Permission.TRANSFERS_SEE, lambda row: row.reason),
    _Numbered(SearchKind.OBLIGATION, Obligation, Permission.TRANSFERS_SEE, lambda row: row.basis_number),
    _Numbered(SearchKind.ARRIVAL, Arrival, Permission.STOCK_SEE, lambda row: row.source),
    _Numbered(SearchKind.COUNT, StockCount, Permission.STOCK_SEE, lambda row: row.note),
    _Numbered(SearchKind.RECOVERY, Recovery, Permission.STOCK_SEE, lambda row: row.source_number),
    _Numbered(SearchKind.SCRAP, Scrap, Permission.STOCK_SEE, lambda row: row.cause_number),
    _Numbered(SearchKind.ROTATION, Rotation, Permission.STOCK_SEE, lambda row: row.reason),
    _Numbered(SearchKind.KIT_WORK, KitWork, Permission.STOCK_SEE, lambda row: row.note),
)


def _documents(ctx: Context, each: _Numbered, wanted: str, limit: int) -> list[SearchHit]:
    number = each.table.number
    hidden = [each_class for each_class in RESTRICTED_CLASSES if not may_see_class(ctx, each_class)]
    found: dict[str, SearchHit] = {}

    def ask(fits: Any) -> None:
        """The newest, by their index."""
        statement = select(each.table).where(fits).order_by(number.desc()).limit(limit)
        if each.table is Incident and hidden:
            statement = statement.where(Incident.event_class.not_in(hidden))
        for row in ctx.session.scalars(also_showing(statement, Site)):
            found[row.number] = _document_hit(each, row, wanted)

    ask(begins_so(number, wanted))
    if len(found) == limit:
        ask(number.in_([wanted, wanted.upper()]))
    elif len(wanted) >= _PART_MIN:
        ask(_has_inside(number, wanted))
    return sorted(sorted(found.values(), key=lambda hit: hit.key, reverse=True), key=lambda hit: hit.rank)[:limit]


def _document_hit(each: _Numbered, row: Any, wanted: str) -> SearchHit:
    if row.number.lower() == wanted.lower():
        rank = _Fit.EXACT
    else:
        rank = _Fit.PREFIX if row.number.lower().startswith(wanted.lower()) else _Fit.CONTAINS
    return SearchHit(each.kind, row.number, row.number, each.detail(row), int(rank))


def _teams(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    """Teams by name or code, and by the people who lead them."""
    columns = (RescueTeam.code, RescueTeam.name, RescueTeam.leader, RescueTeam.deputy, RescueTeam.duty_phone)
    hits = []
    for code, name, leader, deputy, phone in ctx.session.execute(select(*columns)):
        ranks = [fit(wanted, word, [], spelled(word)) for word in (leader, deputy) if word]
        ranks.append(fit(wanted, name, [code], spelled(name)))
        fitting = [rank for rank in ranks if rank is not None]
        if fitting:
            detail = " ".join(part for part in (leader, deputy, phone) if part)
            hits.append(SearchHit(SearchKind.TEAM, code, name, detail, min(fitting)))
    return _best(hits, limit)


def _people(ctx: Context, wanted: str, limit: int) -> list[SearchHit]:
    rows = ctx.session.execute(select(User.username, User.display_name, User.post, User.phone))
    return _best(
        (
            SearchHit(SearchKind.PERSON, username, name, " ".join(part for part in (post, phone) if part), rank)
            for username, name, post, phone in rows
            if (rank := fit(wanted, name, [username], spelled(name))) is not None
        ),
        limit,
    )
