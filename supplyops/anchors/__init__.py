"""Signed anchors: where all chains ended at a moment, sealed with a key that is not in the database."""
