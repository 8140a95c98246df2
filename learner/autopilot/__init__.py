"""Labelling without hands: people made of uploaded answers, who work through the API like a browser does."""
