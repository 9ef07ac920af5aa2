"""The journal: who did what when, chained by hash."""
