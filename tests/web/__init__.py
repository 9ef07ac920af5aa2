"""The web floor: pages and API by role."""
