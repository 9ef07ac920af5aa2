"""Journeys through the product in a real browser, on the demo city."""
