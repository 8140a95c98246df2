"""Neural networks in plain numpy: forward passes of weights that others trained."""
