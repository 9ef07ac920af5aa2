"""Pure values that every room shares: errors, time, ids, quantities, money, access. No input, no output."""
