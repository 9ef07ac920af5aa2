"""Vehicles: their types, who has them, whether they can go."""
