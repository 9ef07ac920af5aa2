"""Which teams to send: proposals for the tasks of an incident, taken over by a person."""
