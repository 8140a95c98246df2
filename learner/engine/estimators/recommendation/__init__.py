"""What users think of things: pairs of both, their attributes, and vectors for each learnt by turns. Pure."""
