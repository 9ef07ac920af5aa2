"""Goods given out that have to come back: what is due, what came, in which condition, and what was mended."""
