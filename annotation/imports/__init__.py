"""Data in: the rows of an uploaded file become items and annotations."""
