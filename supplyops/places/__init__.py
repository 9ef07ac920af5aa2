"""Where things are: areas, sites, storage locations, roads and their state."""
