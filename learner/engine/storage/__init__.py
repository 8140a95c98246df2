"""Feature matrices, scores and models in files that can be rebuilt at any time."""
