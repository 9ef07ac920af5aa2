"""Organisations, users, the roles they hold, sessions and tokens."""
