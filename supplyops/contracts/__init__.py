"""Pre-signed contracts: what is guaranteed, how fast, and what has been called off."""
