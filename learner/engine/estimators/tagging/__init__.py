"""Spans of a text by a conditional random field: token features, the model, and its uncertainty."""
