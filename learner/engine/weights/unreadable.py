"""What is raised about a file of weights that is not taken."""


class UnreadableWeights(Exception):
    """A file of weights is broken, too large, or holds something other than tensors; the message says which."""
