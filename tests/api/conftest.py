"""The same site as the pages'."""

from tests.web.conftest import house, site

__all__ = ["house", "site"]
