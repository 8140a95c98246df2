"""Accounts of people: names, passwords, sign-in and its limits, API tokens, and what an admin does with them."""
