"""The database below all rooms: engines for SQLite and PostgreSQL, the declarative base, column types, schema upgrade."""
