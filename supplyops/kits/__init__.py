"""Putting kits together from parts and taking them apart again: each is a document, a posting and a paper."""
