"""Where goods lie in a store: bins and the room in them, putting goods away, labels to scan."""
