"""Margin: label data with a model that learns while you label.

This package holds the version and the command line, and imports no framework.
"""

__version__ = "0.2.0.dev0"
