"""The loop replayed on a labelled data set, many times, compared."""
