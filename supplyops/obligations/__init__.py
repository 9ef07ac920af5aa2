"""What one body owes another for goods that were taken: until they are given back, in kind or in money."""
