"""From scores to a batch: random draws, top k, diversity, k-means."""
