"""Vehicle routing in the classes that relief trucks need: depots, mixed fleets, windows, limits, trips, split deliveries."""
