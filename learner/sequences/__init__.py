"""Texts as sequences of tokens: what models of spans read and say. Pure."""
