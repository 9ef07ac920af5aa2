"""Everybody at once."""
