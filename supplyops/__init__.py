"""SupplyOps: emergency supplies and resource logistics. What the system knows and does."""

__version__ = "0.1.0"
