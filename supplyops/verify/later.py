"""Columns that revisions after the first one have added to tables whose rows are hashed.

Rows from before have nothing there, and no hash that knows of it. So whoever hashes a row leaves such a column out as long as it is
empty: what was sealed or chained before an upgrade still says what it said, and nothing is sealed again. Something put into the
column of an old row, or taken out of a new one, changes the hash like anything else.
"""

from __future__ import annotations

from collections.abc import Mapping

LATER: Mapping[str, frozenset[str]] = {
    "lot": frozenset({"stored_on"}),
    "purchase_plan_line": frozenset({"planned"}),
    "recovery": frozenset({"taken_back_at", "taken_back_by_id", "taken_back_by_name", "taken_back_because"}),
}
"""table -> columns. Written down here once more, like everything that verification knows: the writing side marks them `LATER`."""
