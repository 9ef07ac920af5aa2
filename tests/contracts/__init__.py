"""Contracts and call-offs."""
