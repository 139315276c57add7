"""Finds the phrases of the vocabulary in the words of a sentence; mends typos."""
