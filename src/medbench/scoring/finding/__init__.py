"""Findings in a text: the vocabulary, the extraction, the matching, and the numbers that follow from a match."""
