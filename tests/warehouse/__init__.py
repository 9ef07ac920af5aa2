"""Tests of bins, putting away and labels."""
