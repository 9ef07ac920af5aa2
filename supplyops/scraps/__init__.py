"""Goods that are of no more use: appraised, approved by four bodies, made public, and only then out of the books."""
