"""Tests of printed papers: what they say, how they are laid out, what they refuse."""
