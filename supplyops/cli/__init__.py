"""The composition root and the command line."""

from __future__ import annotations

from supplyops.cli.main import main

__all__ = ["main"]
