"""Goods from one site to another by an order: between stores, between owners, and back."""
