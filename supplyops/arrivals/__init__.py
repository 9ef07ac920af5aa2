"""Deliveries that are expected: announced, looked at before unloading, taken in at once or in several goes."""
