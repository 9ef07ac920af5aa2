"""Backups: a consistent copy of the books that was verified before it is called good, and its way back."""
