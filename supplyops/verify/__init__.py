"""The books checked from rows alone: written apart from the code that writes them, so that one bug cannot hide in both."""
