"""The demo city and its stories."""
