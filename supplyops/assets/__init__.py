"""Goods with a number of their own: who has them, how they are kept fit, what happened to each."""
