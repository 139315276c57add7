"""Reads the findings out of a text, with the words of the vocabulary."""
