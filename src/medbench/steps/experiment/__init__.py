"""Experiments: the systems of a file, what they are compared with, and what was declared when."""
