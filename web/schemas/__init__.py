"""Schemas of the border, made from the house's own dataclasses: the meaning and its checks stay where they are."""
