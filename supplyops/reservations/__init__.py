"""Holds on stock: who has what, until when, and who may take it over."""
