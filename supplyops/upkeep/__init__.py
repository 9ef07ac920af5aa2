"""What a store has to do again and again: rounds, restacking, sampling, fire duties; and who is on duty."""
