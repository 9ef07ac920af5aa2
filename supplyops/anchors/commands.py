"""Making anchors."""

from __future__ import annotations

import hashlib
from typing import Protocol

from sqlalchemy import select, update

from supplyops.anchors.rules import Anchor, AnchorAlgorithm, root_of, signed_text
from supplyops.anchors.tables import AnchorRow
from supplyops.audit.tables import ChainHead, RestoredCopy
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import GENESIS
from supplyops.kernel.errors import NotFound
from supplyops.kernel.ids import derived_id
from supplyops.runtime import Context, command


class Signer(Protocol):
    """Signs with the site's key, which is kept outside the database."""

    @property
    def key_id(self) -> str:
        """Which key it is."""

    def sign(self, text: bytes) -> str:
        """The signature as text."""


@command(Permission.INTERNAL)
def make_anchor(ctx: Context, signer: Signer) -> Anchor:
    """Write down where every chain ends now, signed. Rows behind it are for the next one."""
    last = ctx.session.scalars(select(AnchorRow).order_by(AnchorRow.number.desc()).limit(1)).one_or_none()
    moved = ctx.session.scalars(
        select(ChainHead)
        .where(ChainHead.seq > ChainHead.anchored_seq)
        .order_by(ChainHead.shard)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    changed = {head.shard: (head.seq, head.hash) for head in moved}
    ctx.session.execute(
        update(ChainHead)
        .where(ChainHead.shard.in_(sorted(changed)))
        .values(anchored_seq=ChainHead.seq, anchored_hash=ChainHead.hash)
        .execution_options(synchronize_session=False)
    )
    rows = select(ChainHead.shard, ChainHead.anchored_seq, ChainHead.anchored_hash).where(ChainHead.anchored_seq > 0)
    heads = {shard: (number, row_hash) for shard, number, row_hash in ctx.session.execute(rows)}
    statement = {
        "number": last.number + 1 if last else 1,
        "made_at": ctx.now,
        "moves": sum(number for shard, (number, _) in heads.items() if shard.startswith("stock:")),
        "entries": sum(number for shard, (number, _) in heads.items() if shard.startswith("journal:")),
        "root": root_of(heads),
        "previous_hash": last.hash if last else GENESIS,
        "algorithm": AnchorAlgorithm.ED25519,
        "key_id": signer.key_id,
    }
    text = signed_text(statement)
    sealed = {**statement, "hash": hashlib.sha256(text).hexdigest(), "signature": signer.sign(text)}
    ctx.session.add(AnchorRow(**sealed, moved={shard: list(end) for shard, end in changed.items()}))
    number = sealed["number"]
    ctx.about("anchor", derived_id("anchor", number), str(number), hash=sealed["hash"])
    return Anchor(**sealed, heads=heads)  # type: ignore[arg-type]


@command(Permission.INTERNAL, on_copies=True)
def confirm_copy(ctx: Context) -> str:
    """Go on with a restored copy: from now on it is the system, and is written to. Returns the hash of the backup it came from."""
    waiting = ctx.session.scalars(select(RestoredCopy).where(RestoredCopy.confirmed_at.is_(None))).all()
    if not waiting:
        raise NotFound("restored_copy")
    for row in waiting:
        row.confirmed_at = ctx.now
    newest = max(waiting, key=lambda row: row.restored_at)
    ctx.about("restored_copy", derived_id("restored_copy", newest.backup_hash), backup_hash=newest.backup_hash)
    return newest.backup_hash
