"""Texts as sequences of tokens with tags: what people select, models say and files hold. Pure."""
