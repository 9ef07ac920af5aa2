"""Teams and their missions."""
