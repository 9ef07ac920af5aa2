"""Work in the background: the job table is the truth, a worker takes what is due."""
