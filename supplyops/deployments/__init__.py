"""Which teams go where: proposals for the rescue tasks of an incident, worked out by a worker, ordered by a person."""
