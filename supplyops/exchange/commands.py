"""Taking a file's rows into the books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyops.database.registry import Saved
from supplyops.exchange.kinds import kind_named
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Forbidden
from supplyops.kernel.ids import derived_id
from supplyops.runtime import Context, command


@command(Permission.SIGNED_IN)
def import_rows(ctx: Context, kind_name: str, rows: Sequence[Any], file: str, sha256: str) -> Saved:
    """Save all rows of a file with the room's own command, in one transaction; the journal keeps the file's name and hash.

    Who may is what that command says. Saving goes by the rows' own codes, so the same file again changes nothing,
    and an older file brings its content back: a request key made from the file would wrongly stop that.
    """
    kind = kind_named(kind_name)
    if not ctx.principal.holds(kind.save_permission):
        raise Forbidden("not_permitted", permission=kind.save_permission.value)
    saved = kind.save(ctx, rows)
    ctx.about(
        "import_file",
        derived_id("import_file", sha256),
        file[:80],
        rows_of=kind.name,
        sha256=sha256,
        rows=len(rows),
        added=saved.added,
        changed=saved.changed,
    )
    return saved


@command(Permission.SIGNED_IN)
def note_export(ctx: Context, name: str, rows: int, format_name: str, narrowed_by: Sequence[str]) -> None:
    """Keep in the journal that somebody took a list out of the house: which, how long, narrowed by what."""
    ctx.about("export_file", ctx.new_id(), name, rows=rows, format=format_name, narrowed_by=list(narrowed_by))
