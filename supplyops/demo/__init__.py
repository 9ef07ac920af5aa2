"""The demo city as data, and the stories that are played in it."""
