"""Who gets what, from where, on which vehicle, by which road, and why. Numbers and labels in, decisions and reasons out."""
