"""Ratings of products by users: pairs of both, their attributes, and a matrix factorization."""
