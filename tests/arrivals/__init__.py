"""Tests of expected deliveries."""
