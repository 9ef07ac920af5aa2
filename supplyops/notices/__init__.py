"""Notices: what a body has to know of, shown until somebody there has acknowledged it."""
