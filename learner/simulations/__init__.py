"""Simulations that a lead asks for: requested, run by a worker, shown."""
