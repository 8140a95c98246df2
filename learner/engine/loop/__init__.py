"""One iteration of the active learning loop, run by live rounds and by simulations."""
