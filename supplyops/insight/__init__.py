"""Read models over several rooms: the numbers on the boards, each with the filter that opens the list behind it."""
