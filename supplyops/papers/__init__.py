"""Number series and issued papers: what was printed, and that it cannot change."""
