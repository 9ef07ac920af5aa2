"""Rescue teams: people, skills, equipment, readiness, mobilisation."""
