"""Rescue tasks (救援任务): what has to be done where for an incident, and which teams are sent to do it."""
