"""What is fast and what it costs: printed as ratios, with the stated limits."""
