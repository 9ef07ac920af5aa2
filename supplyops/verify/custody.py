"""Invariants of who may: moves name who, why and under which document; nothing crosses between keepers without an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select

from supplyops.verify.ledger import REAL
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, shown

OUTSIDE: set[str] = set()
"""Kinds of documents that are kept outside the books; there are none but in tests."""


def provenance(books: Books, finding: Finding) -> None:
    """I8: every move names who, why and a document that is in the books."""
    known: dict[str, set[bytes]] = {}
    notes = books.table("stock_document")
    finding.checked += books.counted("stock_move")

    def doubtful(moves: Table) -> ColumnElement[bool]:
        """Those that no store document is behind: their documents are looked up here."""
        is_noted = and_(notes.c.id == moves.c.document_id, notes.c.kind == moves.c.document_kind)
        return or_(moves.c.actor_name == "", moves.c.reason == "", ~exists().where(is_noted).correlate(moves))

    columns = ("seq", "actor_name", "reason", "document_kind", "document_id")
    for seq, actor, reason, kind, document in books.plain("stock_move", *columns, where=doubtful):
        if not (actor and reason and kind and document):
            finding.fail(f"流水 {seq} 缺少经手人、原因或凭证")
        elif kind not in OUTSIDE:
            if kind not in known:
                known[kind] = _ids(books, kind)
            if bytes.fromhex(document) not in known[kind]:
                finding.fail(f"流水 {seq}:凭证 {kind} {shown(document)} 不在账簿中")


def _ids(books: Books, kind: str) -> set[bytes]:
    """The documents of a kind: rows of the table of that name, and store documents of that kind."""
    own = {bytes.fromhex(key) for (key,) in books.plain(kind, "id")} if kind in books.names else set()
    stored = books.plain("stock_document", "id", where=lambda rows: rows.c.kind == kind)
    return own | {bytes.fromhex(key) for (key,) in stored}


def crossings(books: Books, finding: Finding) -> None:
    """I15: a move's owner is its lot's; goods go from one keeper's store to another's only under an approved order."""
    owners = dict(books.plain("lot", "id", "owner_id"))
    keepers = _keepers(books)
    approved: dict[str, dict[str, str | None]] = {}
    columns = ("seq", "lot_id", "owner_id", "source_id", "target_id", "document_kind", "document_id")
    for seq, lot, owner, source, target, kind, document in books.plain("stock_move", *columns):
        finding.checked += 1
        if owners.get(lot) != owner:
            finding.fail(f"流水 {seq}:物权单位与批次 {shown(lot)} 的不同")
        here, there = keepers.get(source), keepers.get(target)
        if here is None or there is None or here == there or kind in OUTSIDE:
            continue
        if kind not in approved:
            approved[kind] = _approved(books, kind)
        releasing = approved[kind].get(document)
        if releasing is None:
            finding.fail(f"流水 {seq}:货物跨保管单位移动,没有经批准的调拨凭证")
        elif releasing not in {owner, "any"}:
            finding.fail(f"流水 {seq}:调拨凭证不是物权单位批准的")


def _keepers(books: Books) -> dict[str, str | None]:
    """Each real place and the body that keeps it; goods on the road are kept by whom they left."""
    sites = dict(books.plain("site", "id", "organisation_id"))
    return {
        place: sites.get(site or shard.removeprefix("stock:").replace("-", ""))
        for place, kind, site, shard in books.plain("location", "id", "kind", "site_id", "shard")
        if kind in REAL
    }


def _approved(books: Books, kind: str) -> dict[str, str | None]:
    """Documents of a kind that were approved -> by which owner, `any` where the document does not say.

    A document goes through here when its own row says who approved it (`approved_by_id`).
    """
    if kind == "consignment":
        orders, instructions = books.table("consignment"), books.table("release_instruction")
        statement = select(orders.c.id, instructions.c.owner_id).join(
            instructions, instructions.c.id == orders.c.instruction_id
        )
        return {_plain(order): _plain(owner) for order, owner in books.stream(statement)}
    if kind == "recovery":
        return _recovered(books)
    if kind in books.names and "approved_by_id" in books.table(kind).c:
        return {key: "any" for key, by in books.plain(kind, "id", "approved_by_id") if by}
    return {}


def _recovered(books: Books) -> dict[str, str | None]:
    """Goods that come back from a place they were brought to: under the order that brought them, which asks for their return."""
    brought = _approved(books, "consignment") | _approved(books, "transfer")
    return {key: brought.get(source) for key, source in books.plain("recovery", "id", "source_id")}


def _plain(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


IMPORTS = ("exchange.import_rows", "exchange.commit_session")
"""Commands that take a file's rows into the books."""


def imports(books: Books, finding: Finding) -> None:
    """I19: what was refused, imports among it, did nothing; an import that said it changed rows did, never more than it was given."""
    finding.checked += books.counted("journal_entry")
    columns = ("seq", "command", "outcome", "detail", "effects")

    def telling(entries: Any) -> Any:
        return entries.c.command.in_(IMPORTS) | (entries.c.outcome != "done")

    for row in books.rows("journal_entry", *columns, where=telling):
        if row.outcome != "done":
            finding.see(not row.effects, f"日志 {row.seq}:被拒绝的 {row.command} 留下了 {len(row.effects)} 行")
            continue
        touched = row.detail.get("added", 0) + row.detail.get("changed", 0)
        written = sum(
            name != "request_key" for name, *_ in row.effects
        )  # the answer that is kept is no row of the file
        finding.see(
            touched <= row.detail.get("rows", 0) and bool(touched) == bool(written) and touched <= written,
            f"日志 {row.seq}:导入 {row.detail.get('rows')} 行,记新增修改 {touched} 行,实际写入 {written} 行",
        )
