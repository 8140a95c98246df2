"""How uncertain a model is about each item."""
