"""Findings in a text: vocabulary, extraction, matching, and the numbers that follow from a match."""
