"""Road networks: taken over from map files, closed by region, and how long it takes to drive on them."""
