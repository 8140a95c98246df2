"""The API of rounds, progress and simulations."""
