"""How large a file may be, and how much reading it may cost."""

from __future__ import annotations

FILE_MAX = 20_000_000
ROWS_MAX = 100_000
COLUMNS_MAX = 256
CELLS_MAX = 2_000_000
"""Cells of a file, empty ones at the end of a row not counted."""
AREA_MAX = 4_000_000
"""Cells from A1 to the last one used, empty ones counted: what the reader of workbooks lays out in memory."""
CELL_MAX = 5_000
ENTRIES_MAX = 2_000
UNPACKED_MAX = 120_000_000
FORMULAS_MAX = 100_000
DIGITS_MAX = 15
"""A spreadsheet keeps so many digits of a number; the rest are zeros."""
HEADER_LINES = 20
"""The row of column names is looked for among so many."""

CHILD_SECONDS = 10.0
CHILD_MEMORY_MB = 400
"""What the process that reads a file may hold in memory, itself included."""
CHILD_ADDRESSES_MB = 1_200
"""What it may reserve: an allocation above this fails inside the process."""
IN_PROCESS_MAX = 200_000
"""Text files up to this size hold nothing to unpack and are read without a process of their own."""
