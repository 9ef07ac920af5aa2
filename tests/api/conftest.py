"""The same site as the pages'."""

from tests.web.conftest import house, site, story

__all__ = ["house", "site", "story"]
