"""Lots as things that may have to be kept back: hold, release, recall."""
