"""Regression on table rows, with intervals from committees."""
