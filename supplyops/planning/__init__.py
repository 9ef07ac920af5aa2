"""From the books to a plan: snapshot, problem, optimizer, draft; locks, floors, why not."""
