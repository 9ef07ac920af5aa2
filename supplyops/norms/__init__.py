"""Need norms, reserve norms, thresholds and parameters: every figure with its source, none in code."""
