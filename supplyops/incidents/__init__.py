"""Events that need supplies: reports in versions, response levels, what people need."""
