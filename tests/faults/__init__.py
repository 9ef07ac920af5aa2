"""What is left when something breaks in the middle."""
